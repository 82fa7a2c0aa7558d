// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads CSV text that comes in pieces of any size into columns of numbers.
///
/// Only the wanted columns and some text are kept: at most a megabyte a thread, or one unfinished record. The first error
/// ends the reading: what was read before it is not handed out. Blank lines are skipped; there are no comment lines. Empty
/// cells, `NA`, `N/A`, `NaN`, `null` and `None` (in any case) are read as NaN.
///
/// The text is cut into blocks of whole records, which threads read at the same time and which are put below each other in
/// their order. Rows and errors are the same for any number of threads and any size of pieces and blocks.
///
/// Rows at times that are not wanted are read, for what is wrong with them counts, but not kept.
package struct CSVReader {
    /// The longest record in bytes.
    ///
    /// A longer one nearly always means that a quote was not closed.
    package static let longestRecord = 1 << 20

    private let options: CSVOptions
    private let selection: CSVSelection
    private let cells: CSVCells
    private let wanted: ClosedRange<Int64>?
    private let threads: Int
    private let blockSize: Int
    private var delimiter = ASCII.comma
    private var blockReader: CSVBlockReader?
    private var blocks: [CSVBlock] = []
    private var store: CSVColumnStore
    private var labels: SeriesLabelStore
    private var kept = KeptRows()

    /// Text that is not read yet; it begins with a record, unless it is the very first.
    private var pending: [UInt8] = []
    /// Reading pays once this many bytes are there.
    private var nextAttempt = 0
    /// How many bytes there will be in all, where that is known: room for all rows is made once then.
    package var expectedBytes: Int?
    private var consumedBytes = 0
    /// The first line of `pending`.
    private var line = 1
    private var isAtStart = true
    private var offsets = OffsetLines()

    /// Prepares to read.
    ///
    /// - Parameters:
    ///   - wanted: The times of the rows to keep, in seconds since 1970-01-01T00:00:00Z; nil for all rows.
    ///   - threads: How many processors may be kept busy.
    ///   - blockSize: The bytes that a thread takes at a time.
    /// - Throws: `ConnectorError.badSpecification` when options or selection cannot be used.
    package init(
        options: CSVOptions,
        selection: CSVSelection,
        wanted: ClosedRange<Int64>? = nil,
        threads: Int = 1,
        blockSize: Int = 256 * 1024
    ) throws(ConnectorError) {
        try options.delimiter.validate()
        try CSVColumnPlan.validate(selection, options)
        self.options = options
        self.selection = selection
        self.wanted = selection.timestamp == nil ? nil : wanted
        self.threads = max(1, threads)
        self.blockSize = max(1, blockSize)
        cells = try CSVCells(timestampFormat: selection.timestampFormat)
        if case .byte(let byte) = options.delimiter { delimiter = byte }
        store = CSVColumnStore(columnCount: selection.values.count)
        labels = SeriesLabelStore(groupBy: selection.groupBy)
    }

    /// The number of data rows so far, kept or not.
    package var rowCount: Int { kept.total }
    /// How many numbers are held, times among them.
    var cellCount: Int { store.rowCount * (selection.values.count + 1) }

    /// Takes the next piece.
    ///
    /// Throws `ConnectorError.badData` with line, column and text.
    package mutating func feed(_ piece: UnsafeRawBufferPointer) throws(ConnectorError) {
        pending.append(contentsOf: piece)
        if pending.count >= nextAttempt { try readPending(isFinal: false) }
    }

    /// Reads what is left, so that all rows are counted.
    ///
    /// Throws `ConnectorError.badData`.
    package mutating func end() throws(ConnectorError) { try readPending(isFinal: true) }

    /// Ends the reading; nothing is left to read then.
    ///
    /// Throws `ConnectorError.badData` also when there was no row at all.
    package mutating func finish() throws(ConnectorError) -> CSVTable {
        try end()
        guard rowCount > 0 else {
            let problem = blockReader == nil ? "the source is empty" : "there is a header, but no row of data"
            throw .badData(BadData(problem))
        }
        return takeRows()
    }

    /// Gives the rows away that were read since this was last asked.
    mutating func takeRows() -> CSVTable {
        var table = store.table(names: selection.values, hasTimestamps: selection.timestamp != nil)
        table.labels = labels.labels()
        table.timesHaveOffset = offsets.with != nil ? true : offsets.without.map { _ in false }
        table.kept = kept
        return table
    }

    static func tooLong(line: Int) -> ConnectorError {
        .badData(BadData("a record is longer than \(longestRecord) bytes; is a quote not closed?", line: line))
    }

    // MARK: Text to blocks

    private mutating func readPending(isFinal: Bool) throws(ConnectorError) {
        var text: [UInt8] = []
        swap(&text, &pending)
        let used = try text.span.withUnsafeBytes { bytes throws(ConnectorError) in
            try read(bytes, isFinal: isFinal)
        }
        consumedBytes += used
        makeRoom()
        text.removeFirst(used)
        pending = text
        // An unfinished record may lack its line break, which is not counted.
        if pending.count > Self.longestRecord + 1 { throw Self.tooLong(line: line) }
        // Small at first, so that what is wrong with the whole source is told before much of it is there.
        let round = Self.blocksPerThread * threads * blockSize
        nextAttempt = max(2 * pending.count, min(round, consumedBytes))
    }

    /// Several, since some take longer than others.
    private static let blocksPerThread = 4

    /// Reads all records that end within `bytes` and returns where the first unfinished one begins.
    private mutating func read(_ bytes: UnsafeRawBufferPointer, isFinal: Bool) throws(ConnectorError) -> Int {
        guard var position = try begin(bytes, isFinal: isFinal) else { return 0 }
        var reader = blockReader
        if reader == nil { reader = try readHead(bytes, &position, isFinal: isFinal) }
        guard let reader else { return position }
        blockReader = reader
        let cutter = CSVBlockCutter(bytes, delimiter: delimiter, isFinal: isFinal)
        let most = Self.blocksPerThread * threads
        while position < bytes.count {
            // All threads shall have something to do, if it is worth it.
            let size = min(blockSize, max(blockSize / 4, (bytes.count - position) / most + 1))
            var cuts = [position]
            while cuts.count <= most, let end = cutter.end(ofBlockAt: position, size: size) {
                cuts.append(end)
                position = end
            }
            guard cuts.count > 1 else { break }
            read(bytes, cuts, by: reader)
            for index in 0..<cuts.count - 1 { try check(blockAt: index, reader.plan) }
            store.append(blocks[..<(cuts.count - 1)], threads: threads)
            for block in blocks[..<(cuts.count - 1)] {
                kept.append(block.kept)
                labels.append(block.rows.series, of: block.rows.texts)
            }
        }
        return position
    }

    /// Reads the blocks between the cuts on all threads.
    private mutating func read(_ text: UnsafeRawBufferPointer, _ cuts: [Int], by reader: CSVBlockReader) {
        let count = cuts.count - 1
        while blocks.count < count {
            let block = CSVBlock(
                columnCount: selection.values.count,
                hasTimestamps: selection.timestamp != nil,
                groupCount: selection.groupBy.count
            )
            blocks.append(block)
        }
        // Only read, while this waits.
        nonisolated(unsafe) let shared = text
        ParallelElements.update(&blocks, count: count, threads: threads) { [wanted] index, block in
            block.clear()
            reader.read(shared.bytes(cuts[index], cuts[index + 1]), into: &block)
            block.keep(wanted)
        }
    }

    // MARK: Blocks to rows

    /// Takes a block's facts below those of the blocks before it.
    private mutating func check(blockAt index: Int, _ plan: CSVColumnPlan) throws(ConnectorError) {
        let full = labels.learn(&blocks[index].rows.texts).map { ($0.line + line, $0.column) }
        let block = blocks[index]
        offsets.add(block.offsets, after: line)
        // Where both kinds meet comes before whatever ended the block: nothing was read after that.
        if let mixed = offsets.mixedLine, let with = offsets.with, let without = offsets.without,
            full.map({ mixed <= $0.0 }) ?? true
        {
            // Text with and without offsets cannot be put on one time line without guessing.
            let problem = "line \(with) has a UTC offset and line \(without) has none; write all or none with an offset"
            throw .badData(BadData(problem, line: mixed, column: plan.timestamp.map { plan.names[$0] }))
        }
        if let (line, column) = full {
            let problem = SeriesText.tooMany(by: selection.groupBy)
            throw .badData(BadData(problem, line: line, column: column.map { selection.groupBy[$0] }))
        }
        if let problem = block.problem { throw problem.moved(by: line) }
        line += block.lineCount
    }

    /// Once some rows are there, they say how many there will be.
    private mutating func makeRoom() {
        // Of rows that are not all kept it is not known how many they will be.
        guard wanted == nil, let expected = expectedBytes, store.rowCount >= Self.rowsThatTell else { return }
        expectedBytes = nil
        let rows = Double(store.rowCount) * Double(expected) / Double(max(1, consumedBytes))
        // Somewhat more, since later rows may be shorter; what is not used is never touched. A file that grows is no matter.
        guard expected > consumedBytes, rows < 1e9 else { return }
        let room = Int(rows * 1.05) + Self.rowsThatTell
        store.expect(room)
        labels.expect(room)
    }

    private static let rowsThatTell = 1_024

    // MARK: The beginning

    /// Passes over a byte order mark and finds the delimiter out; nil when that takes more bytes.
    private mutating func begin(_ bytes: UnsafeRawBufferPointer, isFinal: Bool) throws(ConnectorError) -> Int? {
        guard isAtStart else { return 0 }
        guard bytes.count >= 3 || isFinal else { return nil }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw .badData(BadData("the text is UTF-16; save it as UTF-8"))
        }
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        if options.delimiter == .detect {
            guard let found = CSVDelimiterGuess.delimiter(of: bytes[start...], isFinal: isFinal) else { return nil }
            delimiter = found
        }
        isAtStart = false
        return start
    }

    /// Looks the columns up in the first record, which is passed over where it is the header; nil where it is not there.
    private mutating func readHead(
        _ bytes: UnsafeRawBufferPointer,
        _ position: inout Int,
        isFinal: Bool
    ) throws(ConnectorError) -> CSVBlockReader? {
        var scanner = CSVRecordScanner(delimiter: delimiter)
        while position < bytes.count {
            let outcome = scanner.scan(bytes, from: position, isFinal: isFinal)
            guard case .record(var end) = outcome else {
                if outcome == .incomplete { return nil }
                let isTooLong = outcome == .unclosedQuote && bytes.count - position > Self.longestRecord
                throw isTooLong ? Self.tooLong(line: line) : scanner.problem(outcome, line: line)
            }
            if scanner.endedWithCarriageReturn {
                guard end < bytes.count || isFinal else { return nil }
                if end < bytes.count, bytes[end] == ASCII.lineFeed { end += 1 }
            }
            guard scanner.isBlankLine else {
                let reader = try blockReader(scanner, bytes)
                if options.hasHeader { (position, line) = (end, line + 1 + scanner.innerLineBreaks) }
                return reader
            }
            line += 1
            position = end
        }
        return nil
    }

    private func blockReader(
        _ scanner: CSVRecordScanner,
        _ bytes: UnsafeRawBufferPointer
    ) throws(ConnectorError) -> CSVBlockReader {
        let names: [String]
        if options.hasHeader {
            names = scanner.fields.map { field in
                let text = CSVRecordScanner.text(of: field, in: bytes)
                return text.withUnsafeBytes { String(decoding: $0.trimmed, as: UTF8.self) }
            }
        } else {
            names = options.columnNames ?? scanner.fields.indices.map { String($0 + 1) }
        }
        let plan = try CSVColumnPlan(names: names, line: line, selection: selection)
        return CSVBlockReader(plan, cells: cells, delimiter: delimiter)
    }
}

extension ConnectorError {
    /// The same problem in a text that has so many more lines before it.
    fileprivate func moved(by lines: Int) -> ConnectorError {
        guard case .badData(var problem) = self else { return self }
        problem.line = problem.line.map { $0 + lines }
        return .badData(problem)
    }
}
