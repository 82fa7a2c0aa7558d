// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Finds the fields of one record after RFC 4180: quoted fields, doubled quotes, line breaks inside quotes; a record
/// ends with LF, CRLF or CR.
///
/// A quote that is not the first byte of its field stands for itself.
struct CSVRecordScanner {
    /// Where a field's bytes lie, without its quotes.
    struct Field: Equatable {
        var start: Int
        var end: Int
        /// Whether the bytes hold doubled quotes, each of which means one.
        var hasDoubledQuotes = false
    }

    /// What was found at a position.
    enum Outcome: Equatable {
        /// A record, which ends before `end`; its line break has been passed over, but for the LF of a CRLF.
        case record(end: Int)
        /// The record goes on beyond these bytes.
        case incomplete
        /// A quote was never closed.
        case unclosedQuote
        /// Something other than a delimiter or a line end follows a closing quote.
        case textAfterQuote
    }

    var delimiter: UInt8
    /// The fields of the last record.
    private(set) var fields: [Field] = []
    /// How many line breaks the last record has inside quotes.
    private(set) var innerLineBreaks = 0
    /// Whether the last record ended with a CR, so that an LF right after it belongs to the same line break.
    private(set) var endedWithCarriageReturn = false

    init(delimiter: UInt8) {
        self.delimiter = delimiter
    }

    /// Whether the last record was a line with nothing on it.
    var isBlankLine: Bool { fields.count == 1 && fields[0].start == fields[0].end && !wasQuoted }
    private var wasQuoted = false

    /// Scans the record that begins at `start`.
    ///
    /// With `isFinal`, the end of the bytes ends the record too.
    mutating func scan(_ bytes: UnsafeRawBufferPointer, from start: Int, isFinal: Bool) -> Outcome {
        fields.removeAll(keepingCapacity: true)
        innerLineBreaks = 0
        wasQuoted = false
        var cursor = start
        while true {
            if cursor < bytes.count, bytes[cursor] == ASCII.quote {
                guard let end = scanQuoted(bytes, from: cursor + 1) else {
                    return isFinal ? .unclosedQuote : .incomplete
                }
                cursor = end
            } else {
                cursor = scanPlain(bytes, from: cursor)
            }
            guard cursor < bytes.count else {
                endedWithCarriageReturn = false
                return isFinal ? .record(end: cursor) : .incomplete
            }
            let byte = bytes[cursor]
            cursor += 1
            if byte == delimiter { continue }
            guard byte == ASCII.lineFeed || byte == ASCII.carriageReturn else { return .textAfterQuote }
            endedWithCarriageReturn = byte == ASCII.carriageReturn
            return .record(end: cursor)
        }
    }

    @inline(__always)
    private mutating func scanPlain(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var cursor = start
        while cursor < bytes.count {
            let byte = bytes[cursor]
            if byte == delimiter || byte == ASCII.lineFeed || byte == ASCII.carriageReturn { break }
            cursor += 1
        }
        fields.append(Field(start: start, end: cursor))
        return cursor
    }

    /// Scans from after the opening quote and returns the position after the closing one, nil when there is none.
    private mutating func scanQuoted(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var field = Field(start: start, end: start)
        wasQuoted = true
        var cursor = start
        while cursor < bytes.count {
            let byte = bytes[cursor]
            cursor += 1
            switch byte {
            case ASCII.quote:
                guard cursor < bytes.count, bytes[cursor] == ASCII.quote else {
                    field.end = cursor - 1
                    fields.append(field)
                    return cursor
                }
                field.hasDoubledQuotes = true
                cursor += 1
            case ASCII.lineFeed:
                innerLineBreaks += 1
            case ASCII.carriageReturn:
                if cursor < bytes.count, bytes[cursor] != ASCII.lineFeed { innerLineBreaks += 1 }
            default:
                break
            }
        }
        return nil
    }

    /// What to say of a record that has no end, or text after a quote.
    func problem(_ outcome: Outcome, line: Int) -> ConnectorError {
        let isUnclosed = outcome == .unclosedQuote
        let problem =
            isUnclosed ? "a quote is not closed" : "a closing quote must be followed by a delimiter or a line end"
        return .badData(BadData(problem, line: line))
    }

    /// A field's text with its doubled quotes made single.
    static func text(of field: Field, in bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(field.end - field.start)
        var cursor = field.start
        while cursor < field.end {
            text.append(bytes[cursor])
            cursor += field.hasDoubledQuotes && bytes[cursor] == ASCII.quote ? 2 : 1
        }
        return text
    }
}
