// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a cell's text means.
///
/// Spaces and tabs around it do not count.
struct CSVCells: Sendable {
    /// Texts that mean "no value", in any case; so does an empty cell.
    static let missing: [StaticString] = ["na", "n/a", "nan", "null", "none"]

    let decimals = DecimalParser()
    private let times: TimestampParser

    init(timestampFormat: TimestampFormat) throws(ConnectorError) {
        times = try TimestampParser(timestampFormat)
    }

    /// The number in a cell, NaN when it is empty or says so; nil when it holds something else.
    func number(_ cell: UnsafeRawBufferPointer) -> Double? {
        if case .number(let value) = decimals.parse(cell) { return value }
        let text = cell.trimmed
        if text.isEmpty || Self.missing.contains(where: text.equalsIgnoringCase) { return .nan }
        guard case .number(let value) = decimals.parse(text) else { return nil }
        return value
    }

    /// The number in a cell; NaN when there is none.
    ///
    /// `place` says where the cell is; it is asked only for an error.
    func number(
        _ cell: UnsafeRawBufferPointer,
        delimiter: UInt8,
        place: () -> BadData
    ) throws(ConnectorError) -> Double {
        if let value = number(cell) { return value }
        let text = cell.trimmed
        var problem = place()
        problem.text = BadData.excerpt(of: text)
        if decimals.parse(text) == .overflow {
            problem.problem = "the number is too large"
        } else {
            let isDecimalComma = delimiter != ASCII.comma && hasDecimalComma(text)
            problem.problem = isDecimalComma ? "decimal commas are not supported, write a point" : "not a number"
        }
        throw .badData(problem)
    }

    /// Whether the text would be a number if its one comma were a point.
    private func hasDecimalComma(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count(where: { $0 == ASCII.comma }) == 1 else { return false }
        let pointed = text.map { $0 == ASCII.comma ? ASCII.point : $0 }
        return pointed.withUnsafeBytes { decimals.parse($0) != .malformed }
    }

    /// The timestamp in a cell; nil when it holds something else.
    func timestamp(_ cell: UnsafeRawBufferPointer) -> TimestampParser.Timestamp? {
        do {
            return try times.parse(cell.trimmed)
        } catch {
            return nil
        }
    }

    /// The timestamp in a cell, which must hold one.
    func timestamp(
        _ cell: UnsafeRawBufferPointer,
        place: () -> BadData
    ) throws(ConnectorError) -> TimestampParser.Timestamp {
        let text = cell.trimmed
        do {
            return try times.parse(text)
        } catch {
            var problem = place()
            problem.problem = text.isEmpty ? "the timestamp is empty" : error.message(format: times.format)
            if !text.isEmpty { problem.text = BadData.excerpt(of: text) }
            throw .badData(problem)
        }
    }
}
