// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// Times as the Kubernetes API writes them: RFC 3339 in UTC, whole seconds, or microseconds where a fraction is there.
package enum KubeTime {
    /// Formats a time to whole seconds, rounded down, for instance `2026-11-21T03:00:00Z`.
    ///
    /// Times outside the years 0 to 9999 become the nearest that RFC 3339 can write.
    package static func format(_ date: Date) -> String {
        wholeSeconds(microseconds(date).quotientFloored(by: 1_000_000)) + "Z"
    }

    /// Formats a time with six digits of fraction, rounded to the nearest, as leases and events carry it.
    package static func formatMicro(_ date: Date) -> String {
        let micros = microseconds(date)
        let seconds = micros.quotientFloored(by: 1_000_000)
        return wholeSeconds(seconds) + "." + padded(micros - seconds * 1_000_000, to: 6) + "Z"
    }

    /// Reads an RFC 3339 time with or without a fraction, in UTC or with an offset; nil when the text is none.
    package static func parse(_ text: String) -> Date? {
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), reader.take("T") || reader.take("t"), let hour = reader.digits(2),
            reader.take(":"), let minute = reader.digits(2), reader.take(":"), let second = reader.digits(2),
            (1...12).contains(month), (1...daysIn(month, of: year)).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        guard let fraction = reader.fraction(), let offset = reader.offset(), reader.isAtEnd else { return nil }
        let seconds = daysSinceEpoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    private static func microseconds(_ date: Date) -> Int {
        // The years 0 to 9999, in seconds since 1970.
        let seconds = min(max(date.timeIntervalSince1970, -62_167_219_200), 253_402_300_799)
        return seconds.isFinite ? Int((seconds * 1_000_000).rounded()) : 0
    }

    private static func wholeSeconds(_ seconds: Int) -> String {
        let days = seconds.quotientFloored(by: 86_400)
        let time = seconds - days * 86_400
        let (year, month, day) = civil(days)
        return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
            + "T\(padded(time / 3_600, to: 2)):\(padded(time / 60 % 60, to: 2)):\(padded(time % 60, to: 2))"
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func daysIn(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
    private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.quotientFloored(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `daysSinceEpoch`.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.quotientFloored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            guard position + count <= bytes.count else { return nil }
            var number = 0
            for byte in bytes[position..<position + count] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                number = number * 10 + Int(byte - UInt8(ascii: "0"))
            }
            position += count
            return number
        }

        /// The fraction of a second: 0 where there is none, nil where a point has no digits behind it.
        mutating func fraction() -> Double? {
            guard take(".") else { return 0 }
            var nanoseconds = 0
            var read = 0
            while let digit = digits(1) {
                // A Date is no finer than this; further digits are read and dropped.
                if read < 9 { nanoseconds = nanoseconds * 10 + digit }
                read += 1
            }
            guard read > 0 else { return nil }
            for _ in min(read, 9)..<9 { nanoseconds *= 10 }
            return Double(nanoseconds) / 1e9
        }

        /// The offset from UTC in seconds.
        mutating func offset() -> Int? {
            if take("Z") || take("z") { return 0 }
            let sign: Int
            if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
            guard let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else {
                return nil
            }
            return sign * (hours * 3_600 + minutes * 60)
        }
    }
}

extension Int {
    /// The quotient rounded towards negative infinity.
    fileprivate func quotientFloored(by divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
