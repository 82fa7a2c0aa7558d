// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A civil time in UTC, to whole seconds, in the proleptic Gregorian calendar.
///
/// Conversions follow H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": days are counted in eras of 400 years
/// that begin on 1 March, so the leap day is the last day of its year.
package struct UTCTime: Hashable, Sendable, CustomStringConvertible {
    /// The seconds from 1970-01-01T00:00:00Z that fall into the years 1 to 9999.
    package static let secondsRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// The year.
    package let year: Int64
    /// The month, 1 to 12.
    package let month: Int64
    /// The day of the month, 1 to 31.
    package let day: Int64
    /// The second of the day, 0 to 86,399.
    package let secondOfDay: Int64

    /// The civil time of `seconds` since 1970-01-01T00:00:00Z, which must lie in ``secondsRange``.
    package init(seconds: Int64) {
        precondition(Self.secondsRange.contains(seconds), "UTCTime: \(seconds) is outside of the years 1 to 9999")
        let daysSinceEpoch = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        secondOfDay = seconds - daysSinceEpoch * 86_400
        let days = daysSinceEpoch + 719_468  // from 0000-03-01, positive in our range but for the year 0
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The seconds since 1970-01-01T00:00:00Z of a day's beginning.
    static func seconds(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let shiftedMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era * 146_097 + dayOfEra - 719_468) * 86_400
    }

    /// The number of days of a month.
    static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        default: 31
        }
    }

    /// The days from 1970-01-01 to this one.
    var dayNumber: Int64 { Self.seconds(year: year, month: month, day: day) / 86_400 }

    /// The day of the week; Monday is 0.
    var weekday: Int64 {
        // 1 January 1970 was a Thursday.
        let place = (dayNumber + 3) % 7
        return place < 0 ? place + 7 : place
    }

    /// The day of the year, from 1.
    var dayOfYear: Int64 { dayNumber - Self.seconds(year: year, month: 1, day: 1) / 86_400 + 1 }

    /// The number of days of the year.
    var daysInYear: Int64 { Self.days(inMonth: 2, of: year) + 337 }

    /// The time as RFC 3339, for instance `2016-07-01T00:00:00Z`.
    package var description: String {
        let clock = [secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60]
        let date = Self.padded(year, 4) + "-" + Self.padded(month, 2) + "-" + Self.padded(day, 2)
        return date + "T" + clock.map { Self.padded($0, 2) }.joined(separator: ":") + "Z"
    }

    /// How `seconds` reads in a message, also when it is out of range.
    static func text(_ seconds: Int64) -> String {
        secondsRange.contains(seconds) ? UTCTime(seconds: seconds).description : "\(seconds) s"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
