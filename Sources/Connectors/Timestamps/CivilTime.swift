// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A date and a time of day as they are written, with no check yet.
struct CivilTime: Equatable {
    var year = 1970
    var month = 1
    var day = 1
    var hour = 0
    var minute = 0
    var second = 0
    /// How far the written time is ahead of UTC, in seconds; nil when it does not say.
    var offset: Int?

    /// The first and last second that four digits of year can write, 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
    static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Seconds since 1970-01-01T00:00:00Z, taking a time without an offset as UTC.
    func secondsSinceEpoch() throws(TimestampProblem) -> Int64 {
        guard year >= 1, year <= 9999, month >= 1, month <= 12, day >= 1, day <= Self.days(in: month, of: year) else {
            throw .noSuchDate
        }
        guard hour <= 23, minute <= 59, second <= 59 else { throw .noSuchTime }
        let time = (hour * 60 + minute) * 60 + second
        return Int64(Self.daysSinceEpoch(year, month, day) * 86_400 + time - (offset ?? 0))
    }

    static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// The number of days of a month from 1 to 12.
    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar, for years from 1.
    ///
    /// Years are begun in March, so that the leap day comes last and months before it have a fixed rhythm of
    /// 153 days in five (after H. Hinnant, "chrono-compatible low-level date algorithms").
    private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
        return 365 * marchYear + leapDays + dayOfYear - 719_468
    }
}

/// Why a text is not a usable timestamp.
enum TimestampProblem: Error, Equatable {
    /// It does not look like the format.
    case malformed
    /// For instance February 30.
    case noSuchDate
    /// For instance 24:00 or a leap second.
    case noSuchTime
    /// It has a fraction of a second other than zero.
    case fractionOfSecond
    /// It lies outside the years 1 to 9999.
    case outOfRange

    /// What to tell a person; `format` says what was expected.
    func message(format: TimestampFormat) -> String {
        switch self {
        case .malformed: "not a timestamp of the format \(format)"
        case .noSuchDate: "there is no such date"
        case .noSuchTime: "there is no such time of day (leap seconds and 24:00 are not supported)"
        case .fractionOfSecond: "fractions of a second are not supported"
        case .outOfRange: "the timestamp is outside the years 1 to 9999"
        }
    }
}
