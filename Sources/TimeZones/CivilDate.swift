// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A day of the proleptic Gregorian calendar.
package struct CivilDate: Equatable, Sendable {
    /// The year; 0 and below are there, too.
    package var year: Int
    /// 1 to 12.
    package var month: Int
    /// 1 to 31.
    package var day: Int

    /// A day that there is.
    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that lies so many days after 1970-01-01. Howard Hinnant, "chrono-compatible low-level date algorithms".
    package init(dayNumber: Int) {
        let shifted = dayNumber + 719_468  // days from 0000-03-01, so that leap days end a year
        let era = Floor.quotient(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01; the inverse of `init(dayNumber:)`.
    package var dayNumber: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = Floor.quotient(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// 0 (Sunday) to 6.
    package var weekday: Int { Floor.remainder(dayNumber + 4, 7) }

    /// Days of a month.
    package static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The first day of the month so many months later or, below zero, earlier.
    package func firstOfMonth(movedBy months: Int) -> CivilDate {
        let number = year * 12 + month - 1 + months
        return CivilDate(year: Floor.quotient(number, 12), month: Floor.remainder(number, 12) + 1, day: 1)
    }
}
