// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// The texts of a grouping column in some rows, numbered on one thread while others number those of other rows.
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
        guard SeriesText.problem(of: text) == nil, let code = dictionary.add(text) else { return nil }
        newLines.append(line)
        return code
    }
}
