// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// Reads the CSV that InfluxDB 2 answers to a Flux script, asked for without annotations.
///
/// A script's tables come one after the other; the column `table` counts them. There may be one, or one for each series
/// where grouping columns tell them apart. An error that comes after status 200 is
/// a table of its own, with the columns `error` and `reference`.
struct FluxReader: AnswerParser {
    private static let tableColumn = "table"
    private static let longestHead = 64 * 1024

    private let source: String
    private let selection: SeriesSelection
    private var reader: CSVReader
    /// The beginning, held back until it is clear whether it is an error.
    private var head: [UInt8]? = []

    /// Prepares to read; `source` is how messages call the server.
    init(selection: SeriesSelection, source: String) throws(ConnectorError) {
        self.source = source
        self.selection = selection
        reader = try CSVReader(
            options: CSVOptions(),
            selection: CSVSelection(
                timestamp: selection.timestamp,
                values: selection.values + [Self.tableColumn],
                groupBy: selection.groupBy
            )
        )
    }

    var rowCount: Int { reader.rowCount }

    mutating func feed(_ piece: UnsafeRawBufferPointer) throws(ConnectorError) {
        guard head != nil else { return try located { reader throws(ConnectorError) in try reader.feed(piece) } }
        head?.append(contentsOf: piece)
        if let head, head.count > Self.longestHead || lines(head).count > 2 { try release() }
    }

    mutating func finish() throws(ConnectorError) -> SeriesRows {
        if head != nil { try release() }
        try located { reader throws(ConnectorError) in try reader.end() }
        guard reader.rowCount > 0 else { throw .noData(source: source, hint: "the script gives no row") }
        var rows: SeriesRows?
        try located { reader throws(ConnectorError) in rows = try reader.finish().rows() }
        guard let rows else { throw .noData(source: source, hint: "the script gives no row") }
        try checkTables(rows)
        do {
            return try rows.selecting(selection.values)
        } catch {
            throw .badData(BadData(error.description, source: source))
        }
    }

    /// Refuses more than one table, or more than one for a series.
    private func checkTables(_ rows: SeriesRows) throws(ConnectorError) {
        let tables = rows.frame.columns.last ?? []
        guard let labels = rows.labels else {
            let count = Set(tables).count
            guard count == 1 else {
                let problem =
                    "the script gives \(count) tables; choose one with filter(), join them with group() or pivot(), or name "
                    + "the columns that tell them apart in spec.series.groupBy"
                throw .badData(BadData(problem, source: source))
            }
            return
        }
        var owners = [Double?](repeating: nil, count: labels.keys.count)
        for (code, table) in zip(labels.codes, tables) {
            if let owner = owners[Int(code)], owner != table {
                let key = labels.keys[Int(code)].label(labels.groupBy)
                let problem =
                    "the script gives several tables for the series \(key); join them with group(columns: […])"
                throw .badData(BadData(problem, source: source))
            }
            owners[Int(code)] = table
        }
    }

    /// Looks at the beginning and hands it to the CSV reader.
    private mutating func release() throws(ConnectorError) {
        guard let start = head else { return }
        head = nil
        let lines = lines(start)
        let names = lines.first?.split(separator: ",").map(String.init) ?? []
        if names.starts(with: ["error", "reference"]) {
            let text = lines.dropFirst().joined(separator: " ")
            throw InfluxRefusal.query(text, url: source)
        }
        if lines.first?.hasPrefix("<") == true {
            let problem = "the answer is a page and not InfluxDB's CSV; is the URL that of InfluxDB?"
            throw .badData(BadData(problem, text: BadData.excerpt(of: start), source: source))
        }
        guard !lines.isEmpty else { return }
        try located { reader throws(ConnectorError) in
            try start.span.withUnsafeBytes { bytes throws(ConnectorError) in try reader.feed(bytes) }
        }
    }

    /// The lines that are not blank, without the commas that stand for annotations at their beginnings.
    private func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split { $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn }
            .map { String(decoding: $0.drop { $0 == ASCII.comma }, as: UTF8.self) }
            .filter { !$0.isEmpty }
    }

    private mutating func located(
        _ work: (inout CSVReader) throws(ConnectorError) -> Void
    ) throws(ConnectorError) {
        do throws(ConnectorError) {
            try work(&reader)
        } catch {
            guard case .badData(var problem) = error else { throw error }
            problem.source = source
            throw .badData(problem)
        }
    }
}
