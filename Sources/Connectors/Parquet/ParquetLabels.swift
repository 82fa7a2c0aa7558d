// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Parquet

/// The values of a grouping column as texts.
struct ParquetLabels {
    private let values: ParquetValues
    private let source: String

    /// - Parameter source: The file, for messages.
    init(of values: ParquetValues, source: String) {
        self.values = values
        self.source = source
    }

    /// Numbers the texts of some rows; gives for each the number of its text, up to a row for whose text there is no room.
    /// `first` is the number of rows before this row group.
    ///
    /// Throws `ConnectorError.badData` with the row for a missing value, and for what cannot name a series.
    fileprivate func numbered(
        _ rows: [Int],
        from first: Int,
        in texts: inout SeriesTexts
    ) throws(ConnectorError) -> [Int32] {
        if let isPresent = values.isPresent, let missing = rows.first(where: { !isPresent[$0] }) {
            let problem =
                "row \(first + missing + 1): the value is missing, and a grouping column needs one in each row"
            throw .badData(BadData(problem, column: values.column.name, source: source))
        }
        var codes: [Int32] = []
        codes.reserveCapacity(rows.count)
        if case .texts(let all) = values.storage {
            for row in rows {
                guard let code = try code(of: all[row], first + row, in: &texts) else { return codes }
                codes.append(code)
            }
            return codes
        }
        // Each number is written once.
        var known: [Int64: Int32] = [:]
        for row in rows {
            let number = number(row)
            if let code = known[number] {
                codes.append(code)
                continue
            }
            guard let code = try code(of: ArraySlice(text(number).utf8), first + row, in: &texts) else { return codes }
            known[number] = code
            codes.append(code)
        }
        return codes
    }

    private func code(
        of text: ArraySlice<UInt8>,
        _ row: Int,
        in texts: inout SeriesTexts
    ) throws(ConnectorError) -> Int32? {
        try text.span.withUnsafeBytes { bytes throws(ConnectorError) in
            if let code = texts.code(of: bytes, line: row) { return code }
            guard let problem = SeriesText.problem(of: bytes) else { return nil }
            let shown = bytes.isEmpty ? nil : BadData.excerpt(of: bytes)
            throw .badData(
                BadData("row \(row + 1): \(problem)", column: values.column.name, text: shown, source: source)
            )
        }
    }

    /// The bits of a row's whole number or boolean.
    private func number(_ row: Int) -> Int64 {
        switch values.storage {
        case .booleans(let all): all[row] ? 1 : 0
        case .int32(let all): Int64(all[row])
        case .int64(let all): all[row]
        case .int96, .floats, .doubles, .texts: 0
        }
    }

    private func text(_ number: Int64) -> String {
        switch values.column.kind {
        case .boolean: number == 0 ? "false" : "true"
        case .integer(let bits, isSigned: false) where bits <= 32: "\(UInt32(truncatingIfNeeded: number))"
        case .integer(_, isSigned: false): "\(UInt64(bitPattern: number))"
        default: "\(number)"
        }
    }
}

extension PathGroups {
    /// What tells the series of some rows apart, as `SeriesTexts.tables` makes it, and for each row the number of its series,
    /// up to a row for whose series there is no room. `first` is the number of rows before this row group.
    ///
    /// Throws `ConnectorError.badData` with the row for what cannot name a series.
    /// - Parameter labels: One for each grouping column that no folder names.
    func numbered(
        _ labels: [ParquetLabels],
        _ rows: [Int],
        from first: Int
    ) throws(ConnectorError) -> ([SeriesTexts], [Int32]) {
        guard !texts.isEmpty else { return ([], []) }
        var tables = SeriesTexts.tables(texts.count)
        var codes: [[Int32]] = []
        var inFile = labels.makeIterator()
        for (column, folder) in texts.enumerated() {
            if folder == nil, let own = inFile.next() {
                codes.append(try own.numbered(rows, from: first, in: &tables[column]))
            } else {
                let code = Array((folder ?? "").utf8).withUnsafeBytes {
                    tables[column].code(of: $0, line: first + (rows.first ?? 0))
                }
                codes.append(Array(repeating: code ?? 0, count: rows.count))
            }
        }
        let known = codes.reduce(rows.count) { min($0, $1.count) }
        let series = tables.withUnsafeMutableBufferPointer { tables in
            var series: [Int32] = []
            series.reserveCapacity(known)
            for (place, row) in rows.prefix(known).enumerated() {
                guard let code = SeriesTexts.series(in: tables, line: first + row, number: { codes[$0][place] })
                else { break }
                series.append(code)
            }
            return series
        }
        return (tables, series)
    }
}
