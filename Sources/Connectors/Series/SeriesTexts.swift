// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// The texts of a grouping column in some rows, numbered on one thread while others number those of other rows; or the pairs
/// that such numbers make with those of the columns before it.
///
/// They may serve one block of rows after the other, since most rows are of series that were there before: so a row costs
/// a look-up, and only the first one of a series costs more.
struct SeriesTexts: Sendable {
    /// One more than there may be in all, so that too many are seen by whoever puts the rows below each other.
    private var dictionary = ByteDictionary(limit: Panel.mostSeries + 1)
    /// What all rows call each text that was learnt.
    private(set) var numbers: [Int32] = []
    /// The lines or rows of the texts that were not learnt yet.
    private var newLines: [Int] = []

    /// The number of a text; nil for what cannot name a series, and where there is no room.
    ///
    /// - Parameter line: Where it is: a line of a block, or a row.
    @inline(__always)
    mutating func code(of text: UnsafeRawBufferPointer, line: Int) -> Int32? {
        dictionary.find(text) ?? add(text, line: line)
    }

    /// The number of a pair of numbers; nil where there is no room.
    mutating func code(of pair: SeriesPair, line: Int) -> Int32? {
        withUnsafeBytes(of: pair) { bytes in dictionary.find(bytes) ?? note(bytes, line: line) }
    }

    /// The number of a text, which must be able to name a series.
    ///
    /// `place` says where the cell is; it is asked only for an error.
    mutating func code(
        of text: UnsafeRawBufferPointer,
        line: Int,
        place: () -> BadData
    ) throws(ConnectorError) -> Int32 {
        if let code = code(of: text, line: line) { return code }
        var problem = place()
        problem.problem += SeriesText.problem(of: text) ?? SeriesText.tooMany(by: [problem.column ?? ""])
        if !text.isEmpty { problem.text = BadData.excerpt(of: text) }
        throw .badData(problem)
    }

    /// Asks what all rows call the texts that are new; gives the line or row of the first that has no number.
    mutating func learn(_ number: (UnsafeRawBufferPointer) -> Int32?) -> Int? {
        for line in newLines {
            let shared = dictionary[Int32(numbers.count)].withUnsafeBytes(number)
            guard let shared else { return line }
            numbers.append(shared)
        }
        newLines.removeAll(keepingCapacity: true)
        return nil
    }

    private mutating func add(_ text: UnsafeRawBufferPointer, line: Int) -> Int32? {
        SeriesText.problem(of: text) == nil ? note(text, line: line) : nil
    }

    private mutating func note(_ bytes: UnsafeRawBufferPointer, line: Int) -> Int32? {
        guard let code = dictionary.add(bytes) else { return nil }
        newLines.append(line)
        return code
    }
}

/// What the grouping columns before one are by their number, and the number of that one's text: together a series of the
/// columns up to there.
struct SeriesPair: BitwiseCopyable, Sendable {
    let before: Int32
    let text: Int32
}

// MARK: Several columns

extension SeriesTexts {
    /// For so many grouping columns: the texts of each, and behind them the pairs of each further one.
    static func tables(_ columns: Int) -> [SeriesTexts] {
        Array(repeating: SeriesTexts(), count: columns + max(0, columns - 1))
    }

    /// The number of a row's series, told by `number` of its text in each column; nil where there is no room.
    ///
    /// - Parameter tables: As `tables(_:)` makes them.
    @inline(__always)
    static func series(
        in tables: UnsafeMutableBufferPointer<SeriesTexts>,
        line: Int,
        number: (_ column: Int) -> Int32
    ) -> Int32? {
        let columns = (tables.count + 1) / 2
        var series = number(0)
        for column in 1..<columns {
            let pair = SeriesPair(before: series, text: number(column))
            guard let code = tables[columns + column - 1].code(of: pair, line: line) else { return nil }
            series = code
        }
        return series
    }
}
