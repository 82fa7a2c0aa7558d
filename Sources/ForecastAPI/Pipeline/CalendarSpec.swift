// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// A cycle of the calendar of which a model is told for the rows that it forecasts.
package enum CalendarCycle: String, Codable, Sendable, CaseIterable {
    /// The time within the day.
    case hourOfDay = "HourOfDay"
    /// The day within the week.
    case dayOfWeek = "DayOfWeek"
    /// The time within the week: each weekday has hours of its own.
    case hourOfWeek = "HourOfWeek"
    /// The day within the month.
    case dayOfMonth = "DayOfMonth"
    /// The day within the year.
    case dayOfYear = "DayOfYear"

    /// What the cycle is at least long, in seconds, and how that is called.
    fileprivate var length: (seconds: Int, name: String) {
        switch self {
        case .hourOfDay: (86_400, "a day")
        case .dayOfWeek, .hourOfWeek: (7 * 86_400, "a week")
        case .dayOfMonth: (28 * 86_400, "a month")
        case .dayOfYear: (365 * 86_400, "a year")
        }
    }
}

/// Days that are unlike others.
package struct HolidaysSpec: Codable, Sendable, Equatable {
    /// The days, such as `2026-12-25`, 1 to 1000; of a row counts the day in the calendar's time zone.
    package var dates: [String]

    /// The most dates.
    private static let most = 1_000

    /// Makes holidays.
    package init(dates: [String]) { self.dates = dates }

    /// The days from 1970-01-01 to each date; dates that are none are left out.
    package var days: [Int64] { dates.compactMap(Self.day) }

    private static func day(_ text: String) -> Int64? {
        guard text.utf8.count == 10, let instant = SplitDatesSpec.instant(text) else { return nil }
        return Int64((instant.timeIntervalSince1970 / 86_400).rounded(.down))
    }

    func check(_ check: inout SpecCheck, _ field: String) {
        if dates.isEmpty || dates.count > Self.most {
            check.add("\(field).dates", "must hold 1 to \(Self.most) dates")
        }
        if let text = dates.first(where: { Self.day($0) == nil }) {
            check.add("\(field).dates", "'\(text)' must be a date such as 2026-12-25")
        }
    }
}

extension PreprocessSpec {
    /// What contradicts itself in what a model is told of rows to come.
    func checkCalendar(_ check: inout SpecCheck, model: ModelSpec, step: Int?) {
        let field = "spec.preprocess.calendar"
        let cycles = calendar ?? []
        if Set(cycles).count != cycles.count { check.add(field, "must name each cycle once") }
        if cycles.contains(.hourOfDay), cycles.contains(.hourOfWeek) {
            check.add(field, "must hold one of HourOfDay and HourOfWeek, which tells the hour of the day, too")
        }
        for cycle in cycles {
            guard let step, step >= cycle.length.seconds else { continue }
            check.add(field, "\(cycle.rawValue) needs a series.frequency of less than \(cycle.length.name)")
        }
        holidays?.check(&check, "spec.preprocess.holidays")
        if holidays != nil, let step, step > 86_400 {
            check.add("spec.preprocess.holidays", "needs a series.frequency of at most a day")
        }
        guard model.seasonalNaive != nil else { return }
        for (name, isUsed) in [("calendar", !cycles.isEmpty), ("holidays", holidays != nil)] where isUsed {
            check.add("spec.preprocess.\(name)", "is not used by seasonalNaive; leave it out or choose another model")
        }
    }
}

extension SeriesSpec {
    /// The least seconds from row to row; nil where the frequency is none.
    var leastStep: Int? {
        guard Self.isFrequency(frequency) else { return nil }
        let digits = frequency.prefix { $0.isASCII && $0.isNumber }
        let units = [
            "s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400, "mo": 28 * 86_400, "y": 365 * 86_400,
        ]
        return Int(digits).flatMap { count in units[String(frequency.dropFirst(digits.count))].map { count * $0 } }
    }

    /// What is wrong with the columns that are not forecast.
    func checkCovariates(_ check: inout SpecCheck, model: ModelSpec) {
        let (past, future) = (pastCovariates ?? [], futureCovariates ?? [])
        checkNames(&check, "pastCovariates", past, beside: targets, "and no target")
        checkNames(&check, "futureCovariates", future, beside: targets + past, "and no target or past covariate")
        if !past.isEmpty, model.informer == nil {
            check.add("spec.series.pastCovariates", "are used by informer alone; leave them out or choose that model")
        }
        if !future.isEmpty, model.seasonalNaive != nil {
            let message = "are not used by seasonalNaive; leave them out or choose another model"
            check.add("spec.series.futureCovariates", message)
        }
    }

    private func checkNames(
        _ check: inout SpecCheck,
        _ name: String,
        _ names: [String],
        beside others: [String],
        _ rule: String
    ) {
        let field = "spec.series.\(name)"
        if Set(names).count != names.count || !Set(names).isDisjoint(with: others) {
            check.add(field, "must name each column once, \(rule)")
        }
        if names.contains(timestamp) { check.add(field, "must not hold the column of timestamps '\(timestamp)'") }
    }
}
