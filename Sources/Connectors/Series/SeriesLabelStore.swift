// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// Gathers which series the rows of a source belong to: the text of each grouping column, as numbers.
struct SeriesLabelStore: Sendable {
    let groupBy: [String]
    /// By column: its texts, and by row the number of one.
    private var texts: [ByteDictionary]
    private var codes: [[Int32]]
    /// By column: what the columns before it are together, and this one's text.
    private var pairs: [ByteDictionary]

    /// - Parameter groupBy: The grouping columns; none where all rows are one series.
    init(groupBy: [String]) {
        self.groupBy = groupBy
        texts = groupBy.map { _ in ByteDictionary(limit: Panel.mostSeries) }
        codes = groupBy.map { _ in [] }
        pairs = groupBy.map { _ in ByteDictionary(limit: Panel.mostSeries) }
    }

    /// Makes room for so many rows in all.
    mutating func expect(_ rows: Int) {
        for column in codes.indices { codes[column].reserveCapacity(rows) }
    }

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

    /// Adds the text of a column to so many rows.
    mutating func append(_ code: Int32, column: Int, rows: Int = 1) {
        codes[column].append(contentsOf: repeatElement(code, count: rows))
    }

    /// Tells others' texts of each column what they are called here; gives the line, or the row, and the column of the
    /// first one for which there is no room.
    mutating func learn(_ others: inout [SeriesTexts]) -> (line: Int, column: Int)? {
        var first: (line: Int, column: Int)?
        for column in texts.indices {
            let line = learn(&others[column], column: column)
            if let line, line < first?.line ?? .max { first = (line, column) }
        }
        return first
    }

    /// As `learn(_:)`, for the texts of one column; gives the line, or the row.
    mutating func learn(_ others: inout SeriesTexts, column: Int) -> Int? {
        others.learn { texts[column].find($0) ?? texts[column].add($0) }
    }

    /// Adds rows of a column whose texts have learnt what they are called here.
    mutating func append(_ rows: some Collection<Int32>, of others: SeriesTexts, column: Int) {
        codes[column].append(contentsOf: rows.lazy.map { others.numbers[Int($0)] })
    }

    /// The series of the rows since this was last asked, beside those of all rows before; nil where all rows are one series.
    ///
    /// Throws `ConnectorError.badData` for more series than a panel may have.
    mutating func labels() throws(ConnectorError) -> SeriesRows.Labels? {
        guard !codes.isEmpty else { return nil }
        var joined: [Int32] = []
        swap(&joined, &codes[0])
        var keys = (0..<Int32(texts[0].count)).map { [$0] }
        for column in codes.indices.dropFirst() {
            for row in joined.indices {
                // Eight bytes.
                let pair =
                    UInt64(UInt32(bitPattern: joined[row])) << 32 | UInt64(UInt32(bitPattern: codes[column][row]))
                let code = withUnsafeBytes(of: pair.littleEndian) { pairs[column].find($0) ?? pairs[column].add($0) }
                guard let code else { throw .badData(BadData(SeriesText.tooMany(by: groupBy))) }
                joined[row] = code
            }
            codes[column] = []
            keys = (0..<Int32(pairs[column].count)).map { code in
                let pair = pairs[column][code].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                return keys[Int(pair >> 32)] + [Int32(truncatingIfNeeded: pair)]
            }
        }
        let named = keys.map { key in
            SeriesKey(zip(texts, key).map { String(decoding: $0[$1], as: UTF8.self) })
        }
        return SeriesRows.Labels(groupBy: groupBy, keys: named, codes: joined)
    }
}
