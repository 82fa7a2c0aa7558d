// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import Scheduling
@testable import TimeZones

/// The instants of a schedule found the slow way: minute by minute through a zone's clock, which is remembered.
struct MinuteScan {
    /// One minute of elapsed time.
    struct Minute {
        /// Seconds since 1970.
        let time: Int
        /// What the zone's clock shows, in minutes since 1970-01-01 00:00.
        let shown: Int
        /// The furthest that the clock had shown before.
        let furthest: Int
    }

    let minutes: [Minute]
    private let calendar: [Int: (month: Int, day: Int, weekday: Int)]

    /// Reads the clock from a time to another; both are whole minutes.
    init(zone: Zone, from start: Int, to end: Int) {
        var minutes: [Minute] = []
        var furthest = Int.min
        // Two days more, to know what the clock had shown before.
        for time in stride(from: start - 2 * 86_400, to: end, by: 60) {
            let offset = zone.rules.offset(at: time)
            let shown = (time + offset) / 60
            if time >= start { minutes.append(Minute(time: time, shown: shown, furthest: furthest)) }
            furthest = max(furthest, shown)
        }
        self.minutes = minutes
        calendar = Self.calendar(days: (start / 86_400 - 2)...(end / 86_400 + 2))
    }

    /// Month, day and weekday of days, by Foundation's calendar.
    private static func calendar(days: ClosedRange<Int>) -> [Int: (month: Int, day: Int, weekday: Int)] {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        var result: [Int: (month: Int, day: Int, weekday: Int)] = [:]
        for day in days {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            let parts = calendar.dateComponents([.month, .day, .weekday], from: date)
            result[day] = (parts.month ?? 0, parts.day ?? 0, (parts.weekday ?? 0) - 1)
        }
        return result
    }

    private func takes(_ cron: RandomCron, _ shown: Int) -> Bool {
        guard let day = calendar[shown / 1_440] else { return false }
        let time = shown % 1_440
        return cron.takes(minute: time % 60, hour: time / 60, day: day.day, month: day.month, weekday: day.weekday)
    }

    /// The instants of a schedule, by the words of its documentation.
    func instants(of crons: [RandomCron], skippedHour: SkippedHour, repeatedHour: RepeatedHour) -> [Int] {
        minutes.filter { minute in
            crons.contains { cron in
                let keepsRhythm = cron.hour.values.count == 24
                let wasShownBefore = minute.shown <= minute.furthest
                if takes(cron, minute.shown), keepsRhythm || repeatedHour == .both || !wasShownBefore { return true }
                guard skippedHour == .runAfter, !keepsRhythm, minute.shown > minute.furthest + 1 else { return false }
                return (minute.furthest + 1..<minute.shown).contains { takes(cron, $0) }
            }
        }.map(\.time)
    }
}
