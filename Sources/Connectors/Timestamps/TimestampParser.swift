// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Turns the text of one timestamp into seconds since 1970-01-01T00:00:00Z.
///
/// A time without an offset is taken as UTC. Years run from 1 to 9999. A fraction of a second must be zero.
struct TimestampParser: Sendable {
    /// A timestamp and whether it said how far from UTC it is.
    struct Timestamp: Equatable {
        /// Seconds since 1970-01-01T00:00:00Z.
        var seconds: Int64
        /// Whether an offset was written; nil where the format leaves no choice.
        var hasOffset: Bool?
    }

    /// How timestamps are written.
    let format: TimestampFormat
    private let pattern: TimestampPattern?

    /// Prepares for a format.
    ///
    /// Throws `ConnectorError.badSpecification` for a pattern that cannot give a date.
    init(_ format: TimestampFormat) throws(ConnectorError) {
        self.format = format
        if case .pattern(let text) = format {
            pattern = try TimestampPattern(text)
        } else {
            pattern = nil
        }
    }

    /// Parses the whole text, which has no spaces around it.
    func parse(_ text: UnsafeRawBufferPointer) throws(TimestampProblem) -> Timestamp {
        if let pattern { return try Self.timestamp(pattern.parse(text)) }
        switch format {
        case .unixSeconds: return Timestamp(seconds: try unixTime(text, unitsPerSecond: 1), hasOffset: nil)
        case .unixMilliseconds: return Timestamp(seconds: try unixTime(text, unitsPerSecond: 1000), hasOffset: nil)
        case .automatic, .pattern:
            if let time = Self.fixedWidth(text) { return try Self.timestamp(time) }
            return try Self.timestamp(Self.general(text))
        }
    }

    private static func timestamp(_ time: CivilTime) throws(TimestampProblem) -> Timestamp {
        let seconds = try time.secondsSinceEpoch()
        guard CivilTime.range.contains(seconds) else { throw .outOfRange }
        return Timestamp(seconds: seconds, hasOffset: time.offset != nil)
    }

    // MARK: ISO 8601

    /// Reads `YYYY-MM-DD hh:mm:ss`, by far the most common form, without looking at any byte twice.
    private static func fixedWidth(_ text: UnsafeRawBufferPointer) -> CivilTime? {
        guard text.count == 19, text[4] == ASCII.minus, text[7] == ASCII.minus, isDateTimeSeparator(text[10]),
            text[13] == ASCII.colon, text[16] == ASCII.colon
        else { return nil }
        var highest: UInt8 = 0
        func pair(_ index: Int) -> Int {
            let tens = text[index].digitValue
            let ones = text[index + 1].digitValue
            highest = max(highest, tens, ones)
            return Int(tens) * 10 + Int(ones)
        }
        let time = CivilTime(
            year: pair(0) * 100 + pair(2),
            month: pair(5),
            day: pair(8),
            hour: pair(11),
            minute: pair(14),
            second: pair(17)
        )
        return highest <= 9 ? time : nil
    }

    private static func isDateTimeSeparator(_ byte: UInt8) -> Bool {
        byte == ASCII.space || byte | 0x20 == UInt8(ascii: "t")
    }

    private static func general(_ text: UnsafeRawBufferPointer) throws(TimestampProblem) -> CivilTime {
        var cursor = ByteCursor(text)
        var time = CivilTime()
        guard let year = cursor.number(atLeast: 4, atMost: 4), cursor.skip(ASCII.minus),
            let month = cursor.number(atLeast: 2, atMost: 2), cursor.skip(ASCII.minus),
            let day = cursor.number(atLeast: 2, atMost: 2)
        else { throw .malformed }
        (time.year, time.month, time.day) = (year, month, day)
        if cursor.isAtEnd { return time }

        guard let separator = cursor.next, isDateTimeSeparator(separator), cursor.skip(separator) else {
            throw .malformed
        }
        try readTimeOfDay(&cursor, into: &time)
        if !cursor.isAtEnd { time.offset = try cursor.offset() }
        guard cursor.isAtEnd else { throw .malformed }
        return time
    }

    private static func readTimeOfDay(
        _ cursor: inout ByteCursor,
        into time: inout CivilTime
    ) throws(TimestampProblem) {
        guard let hour = cursor.number(atLeast: 2, atMost: 2), cursor.skip(ASCII.colon),
            let minute = cursor.number(atLeast: 2, atMost: 2)
        else { throw .malformed }
        (time.hour, time.minute) = (hour, minute)
        guard cursor.skip(ASCII.colon) else { return }
        guard let second = cursor.number(atLeast: 2, atMost: 2) else { throw .malformed }
        time.second = second
        if cursor.skip(ASCII.point) || cursor.skip(ASCII.comma) {
            guard let isWhole = cursor.zeros() else { throw .malformed }
            guard isWhole else { throw .fractionOfSecond }
        }
    }

    // MARK: Unix time

    private func unixTime(_ text: UnsafeRawBufferPointer, unitsPerSecond: Int64) throws(TimestampProblem) -> Int64 {
        var cursor = ByteCursor(text)
        let isNegative = cursor.next == ASCII.minus
        _ = cursor.skip(ASCII.minus) || cursor.skip(ASCII.plus)
        let firstDigit = cursor.position
        var value: Int64 = 0
        while let digit = cursor.next?.digitValue, digit <= 9, cursor.skip(text[cursor.position]) {
            // Far beyond the range the exact value no longer matters, so this need not be able to overflow.
            value = min(value * 10 + Int64(digit), 1_000_000_000_000_000)
        }
        guard cursor.position > firstDigit else { throw .malformed }
        if cursor.skip(ASCII.point) {
            guard let isWhole = cursor.zeros() else { throw .malformed }
            guard isWhole else { throw .fractionOfSecond }
        }
        guard cursor.isAtEnd else { throw .malformed }
        let units = isNegative ? -value : value
        guard CivilTime.range.contains(units / unitsPerSecond) else { throw .outOfRange }
        guard units % unitsPerSecond == 0 else { throw .fractionOfSecond }
        return units / unitsPerSecond
    }
}
