// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// Gathers which series the rows of a source belong to, as numbers.
struct SeriesLabelStore: Sendable {
    let groupBy: [String]
    /// By column: its texts.
    private var texts: [ByteDictionary]
    /// For each column but the first: the pairs of its texts and what the columns before it are.
    private var pairs: [ByteDictionary]
    /// By row: the number of the last column's pair, or of the text where there is one column.
    private var codes: [Int32] = []

    /// - Parameter groupBy: The grouping columns; none where all rows are one series.
    init(groupBy: [String]) {
        self.groupBy = groupBy
        texts = groupBy.map { _ in ByteDictionary(limit: Panel.mostSeries) }
        pairs = groupBy.dropFirst().map { _ in ByteDictionary(limit: Panel.mostSeries) }
    }

    /// Makes room for so many rows in all.
    mutating func expect(_ rows: Int) {
        if !groupBy.isEmpty { codes.reserveCapacity(rows) }
    }

    // MARK: Rows one by one

    /// The number of a column's text.
    ///
    /// Throws `ConnectorError.badData` for a text that cannot name a series, or is one too many; `place` says where it is and
    /// is asked only then.
    mutating func code(of text: String, column: Int, place: () -> BadData) throws(ConnectorError) -> Int32 {
        var text = text
        let code = text.withUTF8 { utf8 -> Int32? in
            let bytes = UnsafeRawBufferPointer(utf8)
            if let known = texts[column].find(bytes) { return known }
            return SeriesText.problem(of: bytes) == nil ? texts[column].add(bytes) : nil
        }
        if let code { return code }
        var problem = place()
        problem.problem += SeriesText.problem(of: text) ?? SeriesText.tooMany(by: groupBy)
        if !text.isEmpty { problem.text = BadData.excerpt(of: Array(text.utf8)) }
        throw .badData(problem)
    }

    /// Adds a row by the number of its text in each column.
    ///
    /// Throws `ConnectorError.badData` where its series is one too many; `place` says where it is and is asked only then.
    mutating func append(_ numbers: [Int32], place: () -> BadData) throws(ConnectorError) {
        guard var series = numbers.first else { return }
        for (column, number) in numbers.dropFirst().enumerated() {
            guard let code = self.number(of: SeriesPair(before: series, text: number), column) else {
                var problem = place()
                problem.problem += SeriesText.tooMany(by: groupBy)
                throw .badData(problem)
            }
            series = code
        }
        codes.append(series)
    }

    // MARK: Rows that were numbered elsewhere

    /// Tells others' texts and pairs what they are called here; gives the line, or the row, of the first one for which there
    /// is no room, and the column where it is a text.
    ///
    /// - Parameter others: As `SeriesTexts.tables` makes them.
    mutating func learn(_ others: inout [SeriesTexts]) -> (line: Int, column: Int?)? {
        var first: (line: Int, column: Int?)?
        for column in texts.indices {
            let line = others[column].learn { texts[column].find($0) ?? texts[column].add($0) }
            if let line, line < first?.line ?? .max { first = (line, column) }
        }
        for column in pairs.indices {
            let before = others[column == 0 ? 0 : texts.count + column - 1].numbers
            let text = others[column + 1].numbers
            let line = others[texts.count + column].learn { bytes in
                let pair = bytes.loadUnaligned(as: SeriesPair.self)
                // What was not learnt has no room, and neither has its pair.
                guard pair.before < before.count, pair.text < text.count else { return nil }
                return number(of: SeriesPair(before: before[Int(pair.before)], text: text[Int(pair.text)]), column)
            }
            if let line, line < first?.line ?? .max { first = (line, nil) }
        }
        return first
    }

    /// Adds rows of others, which have learnt what they are called here.
    ///
    /// - Parameter series: By row, what `SeriesTexts.series` gave.
    mutating func append(_ series: some Collection<Int32>, of others: [SeriesTexts]) {
        guard let numbers = others.last?.numbers else { return }
        codes.append(contentsOf: series.lazy.map { numbers[Int($0)] })
    }

    private mutating func number(of pair: SeriesPair, _ column: Int) -> Int32? {
        withUnsafeBytes(of: pair) { pairs[column].find($0) ?? pairs[column].add($0) }
    }

    // MARK: Rows to series

    /// The series of the rows since this was last asked, beside those of all rows before; nil where all rows are one series.
    mutating func labels() -> SeriesRows.Labels? {
        guard let first = texts.first else { return nil }
        var keys = (0..<Int32(first.count)).map { [$0] }
        for column in pairs {
            keys = (0..<Int32(column.count)).map { code in
                let pair = column[code].withUnsafeBytes { $0.loadUnaligned(as: SeriesPair.self) }
                return keys[Int(pair.before)] + [pair.text]
            }
        }
        let named = keys.map { key in
            SeriesKey(zip(texts, key).map { String(decoding: $0[$1], as: UTF8.self) })
        }
        var gathered: [Int32] = []
        swap(&gathered, &codes)
        return SeriesRows.Labels(groupBy: groupBy, keys: named, codes: gathered)
    }
}
