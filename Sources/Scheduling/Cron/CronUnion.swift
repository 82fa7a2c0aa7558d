// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TimeZones

/// Counts minutes that at least one of several cron expressions takes.
struct CronUnion {
    let crons: [CronExpression]

    /// How many local minutes in `range` at least one expression takes.
    ///
    /// Costs a few steps a month: the days of a month are sorted by which expressions take them, and for each such set
    /// of expressions the minutes of one day are counted once.
    func count(in range: Range<Int>) -> Int {
        guard !range.isEmpty, !crons.isEmpty else { return 0 }
        let day = CronExpression.minutesOfDay
        let firstDay = Floor.quotient(range.lowerBound, day)
        let lastDay = Floor.quotient(range.upperBound - 1, day)
        let from = range.lowerBound - firstDay * day
        let through = range.upperBound - 1 - lastDay * day
        if firstDay == lastDay { return count(days: firstDay...firstDay, from: from, through: through) }
        var total = count(days: firstDay...firstDay, from: from, through: day - 1)
        total += count(days: lastDay...lastDay, from: 0, through: through)
        if lastDay - firstDay > 1 { total += count(days: firstDay + 1...lastDay - 1, from: 0, through: day - 1) }
        return total
    }

    /// Whether one of them takes the minute.
    func contains(_ minute: Int) -> Bool { count(in: minute..<minute + 1) == 1 }

    /// The minutes between two times of the day on each of some days.
    private func count(days range: ClosedRange<Int>, from: Int, through: Int) -> Int {
        var total = 0
        var next = range.lowerBound
        while next <= range.upperBound {
            let date = CivilDate(dayNumber: next)
            let endOfMonth = CivilDate.length(ofMonth: date.month, year: date.year)
            let last = min(endOfMonth, date.day + range.upperBound - next)
            for (days, takers) in takers(year: date.year, month: date.month, window: date.day...last) {
                total += days.count * Self.minutes(of: takers, from: from, through: through)
            }
            next += last - date.day + 1
        }
        return total
    }

    /// The days of a part of a month, sorted by which expressions take them; days that none takes are left out.
    private func takers(
        year: Int,
        month: Int,
        window: ClosedRange<Int>
    ) -> [(days: SmallSet, takers: [CronExpression])] {
        let taken = crons.map { $0.days(year: year, month: month).intersection(SmallSet(window)) }
        var open = taken.reduce(SmallSet()) { $0.union($1) }
        var result: [(days: SmallSet, takers: [CronExpression])] = []
        while let sample = open.smallest {
            var alike = open
            var takers: [CronExpression] = []
            for (cron, days) in zip(crons, taken) {
                let takes = days.contains(sample)
                alike = takes ? alike.intersection(days) : alike.subtracting(days)
                if takes { takers.append(cron) }
            }
            result.append((alike, takers))
            open = open.subtracting(alike)
        }
        return result
    }

    /// The minutes between two times of a day that at least one of the expressions takes, the day given.
    private static func minutes(of takers: [CronExpression], from: Int, through: Int) -> Int {
        var total = 0
        for hour in from / 60...through / 60 {
            var taken = takers.reduce(SmallSet()) { $1.hours.contains(hour) ? $0.union($1.minutes) : $0 }
            if hour == from / 60 { taken = taken.from(from % 60) }
            if hour == through / 60 { taken = taken.through(through % 60) }
            total += taken.count
        }
        return total
    }
}
