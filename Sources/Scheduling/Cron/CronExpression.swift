// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TimeZones

/// One cron expression: a set of minutes on a calendar without time zone.
///
/// Five fields: minute (0-59), hour (0-23), day of month (1-31), month (1-12, JAN-DEC) and day of week (0-7, SUN-SAT;
/// 0 and 7 are both Sunday). A field is a list of parts with commas; a part is `*` or `?` (every value), a value, a range
/// `2-5`, or one of them with a step: `*/15`, `10-40/10`, and `5/15`, which is `5-59/15` in the minutes. Names are
/// read in any case and stand wherever a number may. A range that ends with `SUN` runs to the end of the week:
/// `FRI-SUN` is `5-7`. Short forms are `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`.
///
/// **Which days.** A day field is a *star* if one of its parts is `*`, `?` or `*/1`; every other text restricts, even
/// `*/2`, `1-31` and `0-6`. If one of the two day fields is a star, the other one alone decides. If both restrict, a day
/// is taken when *either* fits: `0 0 13 * 5` is every 13th and every Friday. This is the rule of the Kubernetes
/// CronJob (robfig/cron v3). Debian's cron differs for a step: it takes `*/2` for a star and asks that both fit.
package struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// The five fields as they were written, in upper case and with single spaces; short forms are written out.
    package let description: String
    /// 0 to 59.
    let minutes: SmallSet
    /// 0 to 23.
    let hours: SmallSet
    /// 1 to 31.
    let daysOfMonth: SmallSet
    /// 1 to 12.
    let months: SmallSet
    /// 0 (Sunday) to 6, and the same again for the five weeks that follow.
    let daysOfWeek: SmallSet
    let restrictsDayOfMonth: Bool
    let restrictsDayOfWeek: Bool

    /// Reads an expression.
    ///
    /// - Throws: a `SchedulingError` that names the field, the text and what is allowed; also for an expression that
    ///   fits no day at all, such as `0 0 30 2 *`.
    package init(_ text: String) throws(SchedulingError) {
        var fields = try CronParser.fields(of: text)
        description = fields.joined(separator: " ").uppercased()
        // `fields` has five elements; taking them from the front keeps the order in one place, `CronField`.
        func take(_ field: CronField) throws(SchedulingError) -> CronParser.Values {
            try CronParser.values(of: fields.removeFirst(), field: field)
        }
        minutes = try take(.minute).numbers
        hours = try take(.hour).numbers
        let dayOfMonth = try take(.dayOfMonth)
        months = try take(.month).numbers
        let dayOfWeek = try take(.dayOfWeek)
        daysOfMonth = dayOfMonth.numbers
        daysOfWeek = (0..<6).reduce(SmallSet()) { $0.union(dayOfWeek.numbers.shifted(by: 7 * $1)) }
        restrictsDayOfMonth = !dayOfMonth.hasStar
        restrictsDayOfWeek = !dayOfWeek.hasStar
        let leapYear = 2024
        guard (1...12).contains(where: { !days(year: leapYear, month: $0).isEmpty }) else {
            throw .neverOccurs(expression: text)
        }
    }

    /// Whether it takes every hour of the day. Such an expression keeps a rhythm in elapsed time rather than naming times
    /// of the day, so the rules for skipped and repeated hours do not apply to it (see `Schedule`).
    package var keepsRhythm: Bool { hours.count == 24 }

    /// The days that it takes in a month.
    func days(year: Int, month: Int) -> SmallSet {
        guard months.contains(month) else { return SmallSet() }
        let all = SmallSet(1...CivilDate.length(ofMonth: month, year: year))
        guard restrictsDayOfWeek else { return restrictsDayOfMonth ? all.intersection(daysOfMonth) : all }
        // The 1st comes to lie on its weekday.
        let weekdays = daysOfWeek.shifted(by: 1 - CivilDate(year: year, month: month, day: 1).weekday)
        return all.intersection(restrictsDayOfMonth ? weekdays.union(daysOfMonth) : weekdays)
    }
}
