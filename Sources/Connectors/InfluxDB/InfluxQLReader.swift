// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// Reads what InfluxDB 1 answers to a query: one JSON object a line, each with some thousand rows of the one series.
///
/// Times have to be in nanoseconds (`epoch=ns`), so that none is rounded in silence. No more than one line is kept.
struct InfluxQLReader: AnswerParser {
    /// The longest line in bytes: several times of what 10,000 rows of 256 columns take.
    static let longestLine = 64 << 20

    private let selection: SeriesSelection
    private let source: String
    private let decimals = DecimalParser()
    private var store: CSVColumnStore
    private var series: InfluxSeries?
    private var targets: [Target] = []
    private var row: [Double]
    private var pending: [UInt8] = []
    private var isPartial = false
    private var notes: [String] = []

    /// Where the cell of a column goes.
    private enum Target {
        case timestamp
        case value(Int)
        case nowhere
    }

    /// Prepares to read; `source` is how messages call the server.
    init(selection: SeriesSelection, source: String) {
        self.selection = selection
        self.source = source
        store = CSVColumnStore(columnCount: selection.values.count)
        row = Array(repeating: .nan, count: selection.values.count)
    }

    var rowCount: Int { store.rowCount }

    mutating func feed(_ piece: UnsafeRawBufferPointer) throws(ConnectorError) {
        var rest = piece
        while let end = rest.firstIndex(of: ASCII.lineFeed) {
            let line = rest.bytes(0, end)
            rest = rest.bytes(end + 1, rest.count)
            guard !pending.isEmpty else {
                try take(line)
                continue
            }
            pending.append(contentsOf: line)
            try takePending()
        }
        pending.append(contentsOf: rest)
        guard pending.count <= Self.longestLine else {
            let limit = Self.longestLine >> 20
            throw .badData(BadData("the server sends more than \(limit) MiB at once, not in chunks", source: source))
        }
    }

    mutating func finish() throws(ConnectorError) -> TimeSeriesFrame {
        if !pending.isEmpty { try takePending() }
        if isPartial { throw .sourceUnreachable(url: source, reason: "the answer ended before its last rows") }
        guard store.rowCount > 0 else {
            let said = notes.isEmpty ? "" : "; it says: " + notes.joined(separator: "; ")
            throw .noData(source: source, hint: "the query gives no row\(said)")
        }
        return try store.table(names: selection.values, hasTimestamps: true).frame()
    }

    // MARK: Lines

    private mutating func takePending() throws(ConnectorError) {
        var line: [UInt8] = []
        swap(&line, &pending)
        try line.span.withUnsafeBytes { bytes throws(ConnectorError) in try take(bytes) }
    }

    private mutating func take(_ line: UnsafeRawBufferPointer) throws(ConnectorError) {
        guard !line.trimmed.isEmpty, line.trimmed.first != ASCII.carriageReturn else { return }
        guard line.trimmed.first == UInt8(ascii: "{") else {
            let problem = "the answer is not InfluxDB's JSON; is the URL that of InfluxDB, and not of a page or proxy?"
            throw .badData(BadData(problem, text: BadData.excerpt(of: line), source: source))
        }
        do throws(ConnectorError) {
            var cursor = JSONCursor(line)
            try takeAnswer(&cursor)
            try cursor.requireEnd()
        } catch {
            guard case .badData(var problem) = error else { throw error }
            problem.source = source
            throw .badData(problem)
        }
    }

    private mutating func takeAnswer(_ cursor: inout JSONCursor) throws(ConnectorError) {
        try cursor.object { key, cursor throws(ConnectorError) in
            switch key {
            case "error": throw InfluxRefusal.query(try cursor.string(), url: source)
            case "results": try cursor.array { cursor throws(ConnectorError) in try takeResult(&cursor) }
            default: try cursor.skip()
            }
        }
    }

    private mutating func takeResult(_ cursor: inout JSONCursor) throws(ConnectorError) {
        isPartial = false
        try cursor.object { key, cursor throws(ConnectorError) in
            switch key {
            case "error": throw InfluxRefusal.query(try cursor.string(), url: source)
            case "partial": isPartial = try cursor.scalar().elementsEqual("true".utf8)
            case "series": try cursor.array { cursor throws(ConnectorError) in try takeSeries(&cursor) }
            case "messages": try cursor.array { cursor throws(ConnectorError) in try takeMessage(&cursor) }
            default: try cursor.skip()
            }
        }
    }

    private mutating func takeMessage(_ cursor: inout JSONCursor) throws(ConnectorError) {
        try cursor.object { key, cursor throws(ConnectorError) in
            guard key == "text" else { return try cursor.skip() }
            let text = try cursor.string()
            if notes.count < 3 { notes.append(BadData.excerpt(of: Array(text.utf8))) }
        }
    }

    // MARK: Rows

    private mutating func takeSeries(_ cursor: inout JSONCursor) throws(ConnectorError) {
        var found = InfluxSeries()
        var columns: [String] = []
        try cursor.object { key, cursor throws(ConnectorError) in
            switch key {
            case "name": found.name = try cursor.string()
            case "tags":
                try cursor.object { tag, cursor throws(ConnectorError) in found.tags[tag] = try cursor.string() }
            case "columns": try cursor.array { cursor throws(ConnectorError) in columns.append(try cursor.string()) }
            case "values":
                try begin(found, columns)
                try cursor.array { cursor throws(ConnectorError) in try takeRow(&cursor) }
            default: try cursor.skip()
            }
        }
    }

    /// Looks the columns up, once; another series than the first one is an error.
    private mutating func begin(_ found: InfluxSeries, _ columns: [String]) throws(ConnectorError) {
        if let series {
            guard series == found, targets.count == columns.count else {
                let problem =
                    "the query gives several series, \(series) and \(found); spec.series.groupBy is not there yet: "
                    + "choose one with WHERE, or take the tags out of GROUP BY"
                throw .badData(BadData(problem))
            }
            return
        }
        for name in [selection.timestamp] + selection.values where columns.count(where: { $0 == name }) != 1 {
            let count = columns.contains(name) ? "several columns" : "no column"
            let listing = columns.prefix(40).map { "'\($0)'" }.joined(separator: ", ")
            let hint = columns.contains(name) ? "" : "; name it with AS in the query"
            throw .badData(BadData("there is \(count) '\(name)'; the columns are \(listing)\(hint)"))
        }
        series = found
        targets = columns.map { name in
            if name == selection.timestamp { return .timestamp }
            return selection.values.firstIndex(of: name).map(Target.value) ?? .nowhere
        }
    }

    private mutating func takeRow(_ cursor: inout JSONCursor) throws(ConnectorError) {
        try cursor.require(UInt8(ascii: "["))
        var seconds: Int64?
        for (column, target) in targets.enumerated() {
            if column > 0 { try cursor.require(ASCII.comma) }
            switch target {
            case .timestamp: seconds = try time(&cursor)
            case .value(let place): row[place] = try number(&cursor, column: selection.values[place])
            case .nowhere: try cursor.skip()
            }
        }
        try cursor.require(UInt8(ascii: "]"))
        try store.appendRow(timestamp: seconds) { row[$0] }
    }

    @inline(__always)
    private func number(_ cursor: inout JSONCursor, column: String) throws(ConnectorError) -> Double {
        let text = try cursor.scalar()
        if case .number(let value) = decimals.parse(text) { return value }
        if text.elementsEqual("null".utf8) { return .nan }
        throw try wrongType(text, &cursor, column: column)
    }

    /// What to say of a cell that is no number.
    @inline(never)
    private func wrongType(
        _ text: UnsafeRawBufferPointer,
        _ cursor: inout JSONCursor,
        column: String
    ) throws(ConnectorError) -> ConnectorError {
        let row = "row \(store.rowCount + 1)"
        switch cursor.peek() {
        case ASCII.quote where text.isEmpty:
            let shown = BadData.excerpt(of: try cursor.rawString())
            return .badData(BadData("\(row) has a text where a number is needed", column: column, text: shown))
        default:
            let shown = BadData.excerpt(of: text)
            return .badData(BadData("\(row) has no number", column: column, text: shown))
        }
    }

    @inline(__always)
    private func time(_ cursor: inout JSONCursor) throws(ConnectorError) -> Int64 {
        guard let nanoseconds = try cursor.integer() else {
            throw cursor.problem("row \(store.rowCount + 1) has no time in nanoseconds")
        }
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard rest == 0 else {
            let problem =
                "row \(store.rowCount + 1) has a time with a fraction of a second; aggregate the rows, for "
                + "instance with mean() and GROUP BY time(1m)"
            throw .badData(BadData(problem, column: selection.timestamp, text: "\(nanoseconds)"))
        }
        return seconds
    }
}

/// What tells one series of an answer from another.
private struct InfluxSeries: Equatable, CustomStringConvertible {
    var name = ""
    var tags: [String: String] = [:]

    var description: String {
        let shown = tags.sorted { $0.key < $1.key }.prefix(8).map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return "\(name){\(shown)}"
    }
}
