// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Summer time as it comes every year, or an offset that never changes.
struct RecurringRule: Sendable, Hashable {
    /// Summer time, or whatever else a part of the year has.
    struct Daylight: Sendable, Hashable {
        var offset: Int
        var start: YearlyDate
        var end: YearlyDate
    }

    /// Seconds east of UTC.
    var standardOffset: Int
    var daylight: Daylight?

    func offset(at instant: Int) -> Int {
        guard let daylight else { return standardOffset }
        let changes = changes(daylight, around: instant, yearsAhead: 1)
        return changes.last { $0.instant <= instant }?.offset ?? standardOffset
    }

    /// The first instant after another at which the offset changes; nil when it never does.
    func change(after instant: Int) -> Int? {
        guard let daylight else { return nil }
        let offset = offset(at: instant)
        // Rules are thinkable that change something in leap years only.
        for years in [2, 10] {
            let changes = changes(daylight, around: instant, yearsAhead: years)
            // Where one summer ends at the instant at which the next begins, nothing changes.
            let next = zip(changes, changes.dropFirst())
                .first { $0.instant > instant && $0.offset != offset && $0.instant != $1.instant }
            if let next { return next.0.instant }
        }
        return nil
    }

    /// The changes from the year before an instant's to so many after it, in the order of time.
    private func changes(_ daylight: Daylight, around instant: Int, yearsAhead: Int) -> [ZoneRules.Change] {
        let year = CivilDate(dayNumber: Floor.quotient(instant, 86_400)).year
        var changes: [ZoneRules.Change] = []
        for year in year - 1...year + yearsAhead {
            let start = ZoneRules.Change(
                instant: daylight.start.seconds(inYear: year) - standardOffset,
                offset: daylight.offset
            )
            let end = ZoneRules.Change(
                instant: daylight.end.seconds(inYear: year) - daylight.offset,
                offset: standardOffset
            )
            // Of two changes at one instant, the one of the later year counts.
            for change in start.instant <= end.instant ? [start, end] : [end, start] {
                let place = changes.lastIndex { $0.instant <= change.instant }.map { $0 + 1 } ?? 0
                changes.insert(change, at: place)
            }
        }
        return changes
    }
}

/// A date and time that comes every year, as the clock shows it just before it is put forward or back.
struct YearlyDate: Sendable, Hashable {
    enum Day: Sendable, Hashable {
        /// 1 to 365; February 29 does not count.
        case ofCommonYear(Int)
        /// 0 to 365; February 29 counts.
        case ofYear(Int)
        /// Month 1 to 12, week 1 to 5 (5 is the last), weekday 0 (Sunday) to 6.
        case ofMonth(month: Int, week: Int, weekday: Int)
    }

    var day: Day
    /// Seconds from the start of the day; below zero, or beyond the day's end, for other days.
    var time: Int

    /// Local seconds since 1970.
    func seconds(inYear year: Int) -> Int { dayNumber(inYear: year) * 86_400 + time }

    private func dayNumber(inYear year: Int) -> Int {
        let newYear = CivilDate(year: year, month: 1, day: 1).dayNumber
        switch day {
        case .ofYear(let day): return newYear + day
        case .ofCommonYear(let day):
            let isAfterLeapDay = day >= 60 && CivilDate.length(ofMonth: 2, year: year) == 29
            return newYear + day - 1 + (isAfterLeapDay ? 1 : 0)
        case .ofMonth(let month, let week, let weekday):
            let first = CivilDate(year: year, month: month, day: 1)
            let firstSuch = 1 + Floor.remainder(weekday - first.weekday, 7)
            var day = firstSuch + (week - 1) * 7
            if day > CivilDate.length(ofMonth: month, year: year) { day -= 7 }
            return first.dayNumber + day - 1
        }
    }
}
