// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a clock on the wall shows, to the minute.
package struct LocalTime: Sendable, Hashable, CustomStringConvertible {
    /// The year.
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int
    /// 0 to 23.
    package let hour: Int
    /// 0 to 59.
    package let minute: Int
    /// 0 (Sunday) to 6.
    package let weekday: Int

    /// From local seconds, as if the zone's clock were UTC's.
    package init(seconds: Int) {
        let date = CivilDate(dayNumber: Floor.quotient(seconds, 86_400))
        let rest = Floor.remainder(seconds, 86_400)
        year = date.year
        month = date.month
        day = date.day
        hour = rest / 3_600
        minute = rest % 3_600 / 60
        weekday = date.weekday
    }

    /// As in `2026-03-29 02:30`.
    package var description: String { "\(Self.pad(year, 4))-\(Self.pad(month))-\(Self.pad(day)) \(time)" }

    /// As in `02:30`.
    package var time: String { "\(Self.pad(hour)):\(Self.pad(minute))" }

    private static func pad(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
