// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// Reads what InfluxDB 1 answers to a query: one JSON object a line, each with some thousand rows of a series.
///
/// Without grouping columns there may be one series only. With them the tags of each series, or texts in its rows, say
/// which it is.
///
/// Times have to be in nanoseconds (`epoch=ns`), so that none is rounded in silence. No more than one line is kept.
struct InfluxQLReader: AnswerParser {
    /// The longest line in bytes: several times of what 10,000 rows of 256 columns take.
    static let longestLine = 64 << 20

    private let selection: SeriesSelection
    private let source: String
    private let decimals = DecimalParser()
    private var store: CSVColumnStore
    /// The series that the last rows were of.
    private var series: InfluxSeries?
    private var labels: SeriesLabelStore
    /// By grouping column: the number of the series' tag; nil where the rows have a column for it.
    private var tags: [Int32?] = []
    /// By grouping column: the number of the row's text.
    private var texts: [Int32] = []
    /// Which series of the answer has these tags.
    private var owners: [[Int32?]: InfluxSeries] = [:]
    private var targets: [Target] = []
    private var row: [Double]
    private var pending: [UInt8] = []
    private var isPartial = false
    private var notes: [String] = []

    /// Where the cell of a column goes.
    private enum Target {
        case timestamp
        case value(Int)
        case group(Int)
        case nowhere
    }

    /// Prepares to read; `source` is how messages call the server.
    init(selection: SeriesSelection, source: String) {
        self.selection = selection
        self.source = source
        store = CSVColumnStore(columnCount: selection.values.count)
        row = Array(repeating: .nan, count: selection.values.count)
        labels = SeriesLabelStore(groupBy: selection.groupBy)
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

    mutating func finish() throws(ConnectorError) -> SeriesRows {
        if !pending.isEmpty { try takePending() }
        if isPartial { throw .sourceUnreachable(url: source, reason: "the answer ended before its last rows") }
        guard store.rowCount > 0 else {
            let said = notes.isEmpty ? "" : "; it says: " + notes.joined(separator: "; ")
            throw .noData(source: source, hint: "the query gives no row\(said)")
        }
        var table = store.table(names: selection.values, hasTimestamps: true)
        table.labels = labels.labels()
        return try table.rows()
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

    /// Looks the columns of a series up; more than one series is an error, unless they are told apart.
    private mutating func begin(_ found: InfluxSeries, _ columns: [String]) throws(ConnectorError) {
        if let series {
            if series == found, targets.count == columns.count { return }
            guard !selection.groupBy.isEmpty else {
                let problem =
                    "the query gives several series, \(series) and \(found); choose one with WHERE, take the tags out of "
                    + "GROUP BY, or name them in spec.series.groupBy"
                throw .badData(BadData(problem))
            }
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
        try name(found, columns)
    }

    /// Finds the tags and columns that say which series this is.
    private mutating func name(_ found: InfluxSeries, _ columns: [String]) throws(ConnectorError) {
        tags = []
        for (group, name) in selection.groupBy.enumerated() {
            if let tag = found.tags[name] {
                guard !tag.isEmpty else {
                    let hint = "leave them out with WHERE \"\(name)\" != ''"
                    throw .badData(BadData("some points have no tag '\(name)'; \(hint)"))
                }
                tags.append(try labels.code(of: tag, column: group) { BadData("the tag '\(name)': ") })
            } else if let column = columns.firstIndex(of: name) {
                targets[column] = .group(group)
                tags.append(nil)
            } else {
                let there = found.tags.keys.sorted() + columns
                let listing = there.prefix(40).map { "'\($0)'" }.joined(separator: ", ")
                let hint = "add it to GROUP BY; the tags and columns are \(listing)"
                throw .badData(BadData("there is no tag or column '\(name)', which series.groupBy names; \(hint)"))
            }
        }
        if let owner = owners[tags], owner != found {
            let problem =
                "the query gives several series, \(owner) and \(found), that series.groupBy does not tell apart; choose "
                + "one with FROM or WHERE, or name what differs in series.groupBy, too"
            throw .badData(BadData(problem))
        }
        owners[tags] = found
        texts = tags.map { $0 ?? 0 }
    }

    private mutating func takeRow(_ cursor: inout JSONCursor) throws(ConnectorError) {
        try cursor.require(UInt8(ascii: "["))
        var seconds: Int64?
        for (column, target) in targets.enumerated() {
            if column > 0 { try cursor.require(ASCII.comma) }
            switch target {
            case .timestamp: seconds = try time(&cursor)
            case .value(let place): row[place] = try number(&cursor, column: selection.values[place])
            case .group(let group): try takeText(&cursor, group)
            case .nowhere: try cursor.skip()
            }
        }
        try cursor.require(UInt8(ascii: "]"))
        try labels.append(texts) { BadData("row \(store.rowCount + 1): ") }
        try store.appendRow(timestamp: seconds) { row[$0] }
    }

    /// Takes the cell that says, with others, which series the row is of: a text, a number or a boolean.
    private mutating func takeText(_ cursor: inout JSONCursor, _ group: Int) throws(ConnectorError) {
        let isText = cursor.peek() == ASCII.quote
        let text = isText ? try cursor.string() : String(decoding: try cursor.scalar(), as: UTF8.self)
        let (row, name) = (store.rowCount + 1, selection.groupBy[group])
        guard isText || !text.isEmpty && text != "null" else {
            let problem = "row \(row): there is no text, and a grouping column needs one in each row"
            throw .badData(BadData(problem, column: name))
        }
        texts[group] = try labels.code(of: text, column: group) { BadData("row \(row): ", column: name) }
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
private struct InfluxSeries: Sendable, Equatable, CustomStringConvertible {
    var name = ""
    var tags: [String: String] = [:]

    var description: String {
        let shown = tags.sorted { $0.key < $1.key }.prefix(8).map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return "\(name){\(shown)}"
    }
}
