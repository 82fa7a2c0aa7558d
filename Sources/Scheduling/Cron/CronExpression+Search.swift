// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TimeZones

// Searches in local minutes: minutes since 1970-01-01 00:00 by a clock that never jumps. Time zones come in one level up.
extension CronExpression {
    static let minutesOfDay = 1_440

    /// The first minute that it takes at or after `minute` and before `limit`; nil when there is none.
    /// Costs one step a month, not one a minute.
    func first(from minute: Int, before limit: Int) -> Int? {
        guard minute < limit else { return nil }
        var date = CivilDate(dayNumber: Floor.quotient(minute, Self.minutesOfDay))
        var time = Floor.remainder(minute, Self.minutesOfDay)
        while date.dayNumber * Self.minutesOfDay < limit {
            guard let day = days(year: date.year, month: date.month).from(date.day).smallest else {
                date = date.firstOfMonth(movedBy: 1)
                time = 0
                continue
            }
            if day != date.day { time = 0 }
            date.day = day
            if let found = firstTime(from: time) {
                let result = date.dayNumber * Self.minutesOfDay + found
                return result < limit ? result : nil
            }
            date.day += 1
            time = 0
        }
        return nil
    }

    /// The last minute that it takes at or before `minute` and at or after `limit`; nil when there is none.
    func last(through minute: Int, from limit: Int) -> Int? {
        guard minute >= limit else { return nil }
        let endOfDay = Self.minutesOfDay - 1
        var date = CivilDate(dayNumber: Floor.quotient(minute, Self.minutesOfDay))
        var time = Floor.remainder(minute, Self.minutesOfDay)
        while date.dayNumber * Self.minutesOfDay + endOfDay >= limit {
            guard let day = days(year: date.year, month: date.month).through(date.day).largest else {
                date = date.firstOfMonth(movedBy: -1)
                date.day = CivilDate.length(ofMonth: date.month, year: date.year)
                time = endOfDay
                continue
            }
            if day != date.day { time = endOfDay }
            date.day = day
            if let found = lastTime(through: time) {
                let result = date.dayNumber * Self.minutesOfDay + found
                return result >= limit ? result : nil
            }
            date.day -= 1
            time = endOfDay
        }
        return nil
    }

    /// The first minute of a day at or after `minute`.
    private func firstTime(from minute: Int) -> Int? {
        let hour = minute / 60
        if hours.contains(hour), let found = minutes.from(minute % 60).smallest { return hour * 60 + found }
        guard let later = hours.from(hour + 1).smallest, let found = minutes.smallest else { return nil }
        return later * 60 + found
    }

    /// The last minute of a day at or before `minute`.
    private func lastTime(through minute: Int) -> Int? {
        let hour = minute / 60
        if hours.contains(hour), let found = minutes.through(minute % 60).largest { return hour * 60 + found }
        guard let earlier = hours.through(hour - 1).largest, let found = minutes.largest else { return nil }
        return earlier * 60 + found
    }
}
