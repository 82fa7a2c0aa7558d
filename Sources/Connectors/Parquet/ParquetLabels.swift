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

    /// The texts of some rows, and for each the number of its text. `first` is the number of rows before this row group.
    ///
    /// Throws `ConnectorError.badData` with the row for a missing value, and for what cannot name a series.
    func numbered(_ rows: [Int], from first: Int) throws(ConnectorError) -> (SeriesTexts, [Int32]) {
        if let isPresent = values.isPresent, let missing = rows.first(where: { !isPresent[$0] }) {
            let problem =
                "row \(first + missing + 1): the value is missing, and a grouping column needs one in each row"
            throw .badData(BadData(problem, column: values.column.name, source: source))
        }
        var texts = SeriesTexts()
        var codes: [Int32] = []
        codes.reserveCapacity(rows.count)
        if case .texts(let all) = values.storage {
            for row in rows { codes.append(try code(of: all[row], first + row, in: &texts)) }
            return (texts, codes)
        }
        // Each number is written once.
        var known: [Int64: Int32] = [:]
        for row in rows {
            let number = number(row)
            if let code = known[number] {
                codes.append(code)
                continue
            }
            let code = try code(of: ArraySlice(text(number).utf8), first + row, in: &texts)
            known[number] = code
            codes.append(code)
        }
        return (texts, codes)
    }

    private func code(
        of text: ArraySlice<UInt8>,
        _ row: Int,
        in texts: inout SeriesTexts
    ) throws(ConnectorError) -> Int32 {
        try text.span.withUnsafeBytes { bytes throws(ConnectorError) in
            try texts.code(of: bytes, line: row) {
                BadData("row \(row + 1): ", column: values.column.name, source: source)
            }
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
