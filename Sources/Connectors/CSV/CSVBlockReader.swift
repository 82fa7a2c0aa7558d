// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads blocks of whole records into rows; several threads may use it at a time.
///
/// Rows of plain cells are read in one pass. A row with anything else in it, errors too, is left to the scanner of records,
/// which knows all of the grammar and what to say.
struct CSVBlockReader: Sendable {
    /// What becomes of a field.
    private enum Target {
        case nowhere
        case timestamp
        case value(Int)
        case group(Int)
        /// Both the timestamp and a value.
        case both
    }

    let plan: CSVColumnPlan
    private let cells: CSVCells
    private let delimiter: UInt8
    /// One a field.
    private let targets: [Target]
    private let fieldEnds: CSVFieldEnds
    private let quoteEnds = CSVFieldEnds(delimiter: ASCII.quote)
    /// Whether no delimiter can be taken for a part of a number.
    private let hasPlainRows: Bool

    init(_ plan: CSVColumnPlan, cells: CSVCells, delimiter: UInt8) {
        self.plan = plan
        self.cells = cells
        self.delimiter = delimiter
        targets = plan.names.indices.map { index in
            let value = plan.values.firstIndex(of: index)
            if index == plan.timestamp { return value == nil ? .timestamp : .both }
            return value.map(Target.value) ?? plan.groups.firstIndex(of: index).map(Target.group) ?? .nowhere
        }
        fieldEnds = CSVFieldEnds(delimiter: delimiter)
        hasPlainRows = delimiter.digitValue > 9 && delimiter != ASCII.point && delimiter != ASCII.minus
    }

    /// Reads a block, which begins with a record and ends with one.
    func read(_ text: UnsafeRawBufferPointer, into block: inout CSVBlock) {
        var scanner = CSVRecordScanner(delimiter: delimiter)
        var position = 0
        while position < text.count {
            if hasPlainRows { position = readPlainRows(text, from: position, into: &block) }
            guard position < text.count else { return }
            do throws(ConnectorError) {
                position = try readRecord(text, from: position, &scanner, into: &block)
            } catch {
                block.problem = error
                return
            }
        }
    }

    // MARK: Plain rows

    /// Reads rows until one is not plain, or there is no room for it, and returns where that one begins.
    private func readPlainRows(_ text: UnsafeRawBufferPointer, from start: Int, into block: inout CSVBlock) -> Int {
        var (position, line, offsets) = (start, block.lineCount, block.offsets)
        block.rows.add { room in
            while room.count < room.capacity {
                var hasOffset: Bool?
                guard let end = readPlainRow(text, from: position, line: line, &room, &hasOffset) else { break }
                if let hasOffset { offsets.note(hasOffset, line: line) }
                room.count += 1
                line += 1
                position = end
            }
        }
        (block.lineCount, block.offsets) = (line, offsets)
        return position
    }

    /// Reads a row into the place after the last one and returns its end; nil where it is not plain.
    @inline(__always)
    private func readPlainRow(
        _ text: UnsafeRawBufferPointer,
        from start: Int,
        line: Int,
        _ room: inout CSVRows.Room,
        _ hasOffset: inout Bool?
    ) -> Int? {
        // A blank line is no row of one empty cell.
        guard start < text.count, text[start] != ASCII.lineFeed, text[start] != ASCII.carriageReturn else { return nil }
        var cursor = start
        let last = targets.count - 1
        for index in targets.indices {
            switch targets[index] {
            case .value(let column):
                guard let value = plainNumber(text, &cursor) else { return nil }
                room.values[column * room.capacity + room.count] = value
            case .timestamp:
                guard let cell = plainCell(text, &cursor), let time = cells.timestamp(cell) else { return nil }
                room.times[room.count] = time.seconds
                hasOffset = time.hasOffset
            case .group(let column):
                guard let code = plainCode(text, &cursor, line: line, &room.texts[column]) else { return nil }
                room.codes[column * room.capacity + room.count] = code
            case .nowhere:
                guard plainCell(text, &cursor) != nil else { return nil }
            case .both: return nil
            }
            guard cursor < text.count else { return nil }
            let byte = text[cursor]
            cursor += 1
            if index < last {
                guard byte == delimiter else { return nil }
            } else if byte == ASCII.carriageReturn {
                if cursor < text.count, text[cursor] == ASCII.lineFeed { cursor += 1 }
            } else if byte != ASCII.lineFeed {
                return nil
            }
        }
        if room.texts.count > 1, !room.joinCodes(line: line) { return nil }
        return cursor - start <= CSVReader.longestRecord ? cursor : nil
    }

    /// The number in the cell at `cursor`, which moves to the cell's end; nil where there is something else.
    @inline(__always)
    private func plainNumber(_ text: UnsafeRawBufferPointer, _ cursor: inout Int) -> Double? {
        if cursor + 9 <= text.count {
            let isNegative = text[cursor] == ASCII.minus
            let first = isNegative ? cursor + 1 : cursor
            let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: first, as: UInt64.self))
            if let short = ShortDecimal(word), fieldEnds.isEnd(text[first + short.length]) {
                cursor = first + short.length
                let magnitude = cells.decimals.quotient(small: short.digits, places: short.places)
                return isNegative ? -magnitude : magnitude
            }
        }
        return plainCell(text, &cursor).flatMap { cells.number($0) }
    }

    /// The number of the text in the cell at `cursor`, which moves to the cell's end; nil where it cannot name a series.
    @inline(never)
    private func plainCode(
        _ text: UnsafeRawBufferPointer,
        _ cursor: inout Int,
        line: Int,
        _ texts: inout SeriesTexts
    ) -> Int32? {
        plainCell(text, &cursor).flatMap { texts.code(of: $0.trimmed, line: line) }
    }

    /// The cell at `cursor`, which moves to the field's end; nil for one with line breaks or quotes inside quotes.
    @inline(__always)
    private func plainCell(_ text: UnsafeRawBufferPointer, _ cursor: inout Int) -> UnsafeRawBufferPointer? {
        let start = cursor
        guard start < text.count, text[start] == ASCII.quote else {
            cursor = fieldEnds.end(of: text, from: start)
            return text.bytes(start, cursor)
        }
        let closing = quoteEnds.end(of: text, from: start + 1)
        guard closing + 1 < text.count, text[closing] == ASCII.quote, fieldEnds.isEnd(text[closing + 1]) else {
            return nil
        }
        cursor = closing + 1
        return text.bytes(start + 1, closing)
    }

    // MARK: All other records

    /// Reads a record and returns its end.
    private func readRecord(
        _ text: UnsafeRawBufferPointer,
        from start: Int,
        _ scanner: inout CSVRecordScanner,
        into block: inout CSVBlock
    ) throws(ConnectorError) -> Int {
        let line = block.lineCount
        let outcome = scanner.scan(text, from: start, isFinal: true)
        guard case .record(var end) = outcome else {
            let isTooLong = outcome == .unclosedQuote && text.count - start > CSVReader.longestRecord
            throw isTooLong ? CSVReader.tooLong(line: line) : scanner.problem(outcome, line: line)
        }
        // A record's own line break is not counted.
        if end - start > CSVReader.longestRecord + 1 { throw CSVReader.tooLong(line: line) }
        if scanner.endedWithCarriageReturn, end < text.count, text[end] == ASCII.lineFeed { end += 1 }
        if !scanner.isBlankLine { try takeRecord(text, scanner, line: line, into: &block) }
        block.lineCount = line + 1 + scanner.innerLineBreaks
        return end
    }

    private func takeRecord(
        _ text: UnsafeRawBufferPointer,
        _ scanner: CSVRecordScanner,
        line: Int,
        into block: inout CSVBlock
    ) throws(ConnectorError) {
        let fields = scanner.fields
        guard fields.count == plan.names.count else {
            let count = fields.count == 1 ? "1 field" : "\(fields.count) fields"
            throw .badData(BadData("the row has \(count) where there are \(plan.names.count) columns", line: line))
        }
        func cell(_ index: Int) -> UnsafeRawBufferPointer { text.bytes(fields[index].start, fields[index].end) }
        func place(_ index: Int) -> BadData { BadData("", line: line, column: plan.names[index]) }
        let time = try plan.timestamp.map { index throws(ConnectorError) in
            try cells.timestamp(cell(index)) { place(index) }
        }
        if let hasOffset = time?.hasOffset { block.offsets.note(hasOffset, line: line) }
        try block.rows.add { room throws(ConnectorError) in
            for (column, index) in plan.values.enumerated() {
                let value = try cells.number(cell(index), delimiter: delimiter) { place(index) }
                room.values[column * room.capacity + room.count] = value
            }
            if let time { room.times[room.count] = time.seconds }
            for (column, index) in plan.groups.enumerated() {
                let unquoted = CSVRecordScanner.text(of: fields[index], in: text)
                let code = try unquoted.span.withUnsafeBytes { bytes throws(ConnectorError) in
                    try room.texts[column].code(of: bytes.trimmed, line: line) { place(index) }
                }
                room.codes[column * room.capacity + room.count] = code
            }
            if room.texts.count > 1, !room.joinCodes(line: line) {
                throw .badData(BadData(SeriesText.tooMany(by: plan.groups.map { plan.names[$0] }), line: line))
            }
            room.count += 1
        }
    }
}
