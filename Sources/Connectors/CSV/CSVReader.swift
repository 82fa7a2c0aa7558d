// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads CSV text that comes in pieces of any size into columns of numbers.
///
/// Only the wanted columns and at most one unfinished record are kept. The first error ends the reading: what was read
/// before it is not handed out. Blank lines are skipped; there are no comment lines. Empty cells, `NA`, `N/A`, `NaN`,
/// `null` and `None` (in any case) are read as NaN.
package struct CSVReader {
    /// The longest record in bytes.
    ///
    /// A longer one nearly always means that a quote was not closed.
    package static let longestRecord = 1 << 20

    private let options: CSVOptions
    private let selection: CSVSelection
    private let cells: CSVCells
    private var scanner: CSVRecordScanner
    private var plan: CSVColumnPlan?
    private var store: CSVColumnStore

    /// The unfinished record, when the last piece ended inside one.
    private var pending: [UInt8] = []
    /// Scanning again pays once this many bytes are there: doubling it keeps the work linear for tiny pieces.
    private var nextAttempt = 0
    /// How many bytes there will be in all, where that is known: room for all rows is made once then.
    package var expectedBytes: Int?
    private var consumedBytes = 0
    private var line = 1
    private var isAtStart = true
    private var skipsLineFeed = false
    private var firstLineWithOffset: Int?
    private var firstLineWithoutOffset: Int?

    /// Prepares to read.
    ///
    /// Throws `ConnectorError.badSpecification` when options or selection cannot be used.
    package init(options: CSVOptions, selection: CSVSelection) throws(ConnectorError) {
        try options.delimiter.validate()
        try CSVColumnPlan.validate(selection, options)
        self.options = options
        self.selection = selection
        cells = try CSVCells(timestampFormat: selection.timestampFormat)
        var delimiter = ASCII.comma
        if case .byte(let byte) = options.delimiter { delimiter = byte }
        scanner = CSVRecordScanner(delimiter: delimiter)
        store = CSVColumnStore(columnCount: selection.values.count)
    }

    /// The number of data rows so far.
    package var rowCount: Int { store.rowCount }

    /// Takes the next piece.
    ///
    /// Throws `ConnectorError.badData` with line, column and text.
    package mutating func feed(_ piece: UnsafeRawBufferPointer) throws(ConnectorError) {
        defer { makeRoom(after: piece.count) }
        guard !pending.isEmpty else {
            let used = try consume(piece, isFinal: false)
            try keep(piece[used...])
            return
        }
        pending.append(contentsOf: piece)
        if pending.count >= nextAttempt { try consumePending(isFinal: false) }
    }

    /// Ends the reading; nothing is left to read then.
    ///
    /// Throws `ConnectorError.badData` also when there was no row at all.
    package mutating func finish() throws(ConnectorError) -> CSVTable {
        try consumePending(isFinal: true)
        guard store.rowCount > 0 else {
            let problem = plan == nil ? "the source is empty" : "there is a header, but no row of data"
            throw .badData(BadData(problem))
        }
        let timesHaveOffset = firstLineWithOffset != nil ? true : firstLineWithoutOffset.map { _ in false }
        var table = store.table(names: selection.values, hasTimestamps: selection.timestamp != nil)
        table.timesHaveOffset = timesHaveOffset
        return table
    }

    /// Once some rows are there, they say how many there will be.
    private mutating func makeRoom(after bytes: Int) {
        consumedBytes += bytes
        guard let expected = expectedBytes, store.rowCount >= Self.rowsThatTell else { return }
        expectedBytes = nil
        let rows = Double(store.rowCount) * Double(expected) / Double(max(1, consumedBytes))
        // Somewhat more, since later rows may be shorter; what is not used is never touched. A file that grows is no matter.
        guard expected > consumedBytes, rows < 1e9 else { return }
        store.expect(Int(rows * 1.05) + Self.rowsThatTell)
    }

    private static let rowsThatTell = 1_024

    // MARK: Pieces to records

    private mutating func consumePending(isFinal: Bool) throws(ConnectorError) {
        var rest: [UInt8] = []
        swap(&rest, &pending)
        let used = try rest.span.withUnsafeBytes { bytes throws(ConnectorError) in
            try consume(bytes, isFinal: isFinal)
        }
        try keep(rest[used...])
    }

    private mutating func keep(_ rest: some Collection<UInt8>) throws(ConnectorError) {
        pending = Array(rest)
        nextAttempt = 2 * pending.count
        if pending.count > Self.longestRecord { throw .badData(tooLong) }
    }

    private var tooLong: BadData {
        BadData("a record is longer than \(Self.longestRecord) bytes; is a quote not closed?", line: line)
    }

    /// Reads all records that end within `bytes` and returns where the first unfinished one begins.
    private mutating func consume(
        _ bytes: UnsafeRawBufferPointer,
        isFinal: Bool
    ) throws(ConnectorError) -> Int {
        guard var position = try begin(bytes, isFinal: isFinal) else { return 0 }
        // Out of this value for as long as rows are added, so that what reads them may look at the rest.
        var rows = CSVColumnStore(columnCount: 0)
        swap(&rows, &store)
        defer { swap(&rows, &store) }
        while position < bytes.count {
            if skipsLineFeed {
                skipsLineFeed = false
                if bytes[position] == ASCII.lineFeed {
                    position += 1
                    continue
                }
            }
            let outcome = scanner.scan(bytes, from: position, isFinal: isFinal)
            guard case .record(let end) = outcome else {
                if outcome == .incomplete { return position }
                throw .badData(problem(of: outcome))
            }
            if end - position > Self.longestRecord + 1 { throw .badData(tooLong) }
            if !scanner.isBlankLine { try take(bytes, into: &rows) }
            line += 1 + scanner.innerLineBreaks
            skipsLineFeed = scanner.endedWithCarriageReturn
            position = end
        }
        return position
    }

    private func problem(of outcome: CSVRecordScanner.Outcome) -> BadData {
        let isUnclosed = outcome == .unclosedQuote
        return BadData(
            isUnclosed ? "a quote is not closed" : "a closing quote must be followed by a delimiter or a line end",
            line: line
        )
    }

    /// Passes over a byte order mark and finds the delimiter out; nil when that takes more bytes.
    private mutating func begin(_ bytes: UnsafeRawBufferPointer, isFinal: Bool) throws(ConnectorError) -> Int? {
        guard isAtStart else { return 0 }
        guard bytes.count >= 3 || isFinal else { return nil }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw .badData(BadData("the text is UTF-16; save it as UTF-8"))
        }
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        if options.delimiter == .detect {
            guard let delimiter = CSVDelimiterGuess.delimiter(of: bytes[start...], isFinal: isFinal) else { return nil }
            scanner.delimiter = delimiter
        }
        isAtStart = false
        return start
    }

    // MARK: Records to rows

    private mutating func take(
        _ bytes: UnsafeRawBufferPointer,
        into rows: inout CSVColumnStore
    ) throws(ConnectorError) {
        guard let plan else {
            try takeFirst(bytes, into: &rows)
            return
        }
        guard scanner.fields.count == plan.names.count else {
            let fields = scanner.fields.count == 1 ? "1 field" : "\(scanner.fields.count) fields"
            throw .badData(BadData("the row has \(fields) where there are \(plan.names.count) columns", line: line))
        }
        let time = try plan.timestamp.map { index throws(ConnectorError) in try takeTimestamp(bytes, index, plan) }
        try rows.appendRow(timestamp: time) { column throws(ConnectorError) in
            let index = plan.values[column]
            let field = scanner.fields[index]
            return try cells.number(bytes.bytes(field.start, field.end), delimiter: scanner.delimiter) {
                BadData("", line: line, column: plan.names[index])
            }
        }
    }

    private mutating func takeFirst(
        _ bytes: UnsafeRawBufferPointer,
        into rows: inout CSVColumnStore
    ) throws(ConnectorError) {
        let names: [String]
        if options.hasHeader {
            names = scanner.fields.map { field in
                let text = CSVRecordScanner.text(of: field, in: bytes)
                return text.withUnsafeBytes { String(decoding: $0.trimmed, as: UTF8.self) }
            }
        } else {
            names = options.columnNames ?? scanner.fields.indices.map { String($0 + 1) }
        }
        plan = try CSVColumnPlan(names: names, line: line, selection: selection)
        if !options.hasHeader { try take(bytes, into: &rows) }
    }

    private mutating func takeTimestamp(
        _ bytes: UnsafeRawBufferPointer,
        _ index: Int,
        _ plan: CSVColumnPlan
    ) throws(ConnectorError) -> Int64 {
        let field = scanner.fields[index]
        let time = try cells.timestamp(bytes.bytes(field.start, field.end)) {
            BadData("", line: line, column: plan.names[index])
        }
        if let hasOffset = time.hasOffset { try noteOffset(hasOffset, column: plan.names[index]) }
        return time.seconds
    }

    /// Text with and without offsets cannot be put on one time line without guessing.
    private mutating func noteOffset(_ hasOffset: Bool, column: String) throws(ConnectorError) {
        if hasOffset {
            firstLineWithOffset = firstLineWithOffset ?? line
        } else {
            firstLineWithoutOffset = firstLineWithoutOffset ?? line
        }
        guard let with = firstLineWithOffset, let without = firstLineWithoutOffset else { return }
        let problem = "line \(with) has a UTC offset and line \(without) has none; write all or none with an offset"
        throw .badData(BadData(problem, line: line, column: column))
    }
}
