// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import TimeZones

/// Channels that follow from a row's time alone, and are known for rows to come: its place in the day, the week, the month and
/// the year, and whether its day is a holiday. All as the clock of a zone shows it, or in UTC.
///
/// A place in a cycle becomes the sines and cosines of one turn, two turns and so on (Fourier terms), so that the end of a
/// cycle is next to its beginning.
package struct CalendarChannels: Hashable, Codable, Sendable {
    /// Cycles of the calendar.
    package enum Cycle: String, Codable, Sendable, CaseIterable {
        /// The time within the day.
        case hourOfDay = "HourOfDay"
        /// The day within the week, from Monday.
        case dayOfWeek = "DayOfWeek"
        /// The time within the week, from Monday: each weekday has hours of its own.
        case hourOfWeek = "HourOfWeek"
        /// The day within the month.
        case dayOfMonth = "DayOfMonth"
        /// The day within the year.
        case dayOfYear = "DayOfYear"

        /// Up to how many turns the sines make; three for the week tell all seven days apart.
        fileprivate var turns: Int {
            switch self {
            case .hourOfDay: 6
            case .dayOfWeek: 3
            case .hourOfWeek: 42
            case .dayOfMonth: 2
            case .dayOfYear: 3
            }
        }

        /// Where a time stands in the cycle, from 0 to below 1.
        fileprivate func place(_ time: UTCTime) -> Double {
            switch self {
            case .hourOfDay: Double(time.secondOfDay) / 86_400
            case .dayOfWeek: Double(time.weekday) / 7
            case .hourOfWeek: Double(time.weekday * 86_400 + time.secondOfDay) / 604_800
            case .dayOfMonth: Double(time.day - 1) / Double(UTCTime.days(inMonth: time.month, of: time.year))
            case .dayOfYear: Double(time.dayOfYear - 1) / Double(time.daysInYear)
            }
        }
    }

    /// The most holidays.
    package static let mostHolidays = 10_000

    /// The cycles, each once.
    let cycles: [Cycle]
    /// Holidays as days since 1970, ascending; nil for no channel of holidays.
    let holidays: [Int64]?
    /// The zone whose days and hours count; nil for UTC. Its rules are kept with the channels, so that a model counts in
    /// serving as it did in training, whatever zones the machine has.
    let zone: Zone?

    /// Channels of cycles and of holidays, which are days since 1970-01-01; nil where there is none.
    ///
    /// - Parameter zone: Whose days and hours count; nil for UTC.
    package init?(cycles: [Cycle], holidays: [Int64], zone: Zone? = nil) {
        guard !cycles.isEmpty || !holidays.isEmpty else { return nil }
        self.cycles = cycles
        self.holidays = holidays.isEmpty ? nil : Set(holidays).sorted()
        self.zone = zone.flatMap { $0.isUTC ? nil : $0.condensed }
    }

    /// The number of channels.
    package var count: Int { cycles.reduce(holidays == nil ? 0 : 1) { $0 + 2 * $1.turns } }

    /// Throws unless the state, which comes from a file, can be worked with.
    func validate() throws(ForecastingError) {
        let days = holidays ?? [0]
        guard count > 0, Set(cycles).count == cycles.count, (1...Self.mostHolidays).contains(days.count),
            zip(days, days.dropFirst()).allSatisfy(<)
        else { throw .invalidModel(reason: "the calendar's cycles or holidays are not valid") }
    }

    /// By channel, the values at instants in seconds since 1970 (UTC).
    func values(_ instants: [Int64]) -> [[Double]] {
        let times = localTimes(instants)
        let waves = cycles.flatMap { cycle in
            let places = times.map { cycle.place($0) }
            return (1...cycle.turns).flatMap { turns in
                let angles = places.map { 2 * Double.pi * Double(turns) * $0 }
                return [angles.map { sin($0) }, angles.map { cos($0) }]
            }
        }
        guard let holidays else { return waves }
        return waves + [times.map { Self.contains(holidays, $0.dayNumber) ? 1 : 0 }]
    }

    /// What the zone's clock shows at instants.
    private func localTimes(_ instants: [Int64]) -> [UTCTime] {
        guard let zone else { return instants.map { UTCTime(seconds: $0) } }
        var clock = LocalClock(zone)
        let range = UTCTime.secondsRange
        return instants.map { instant in
            // Within a day of the years' ends the clock may show another year.
            let local = Int64(clock.local(at: Int(instant)))
            return UTCTime(seconds: min(max(local, range.lowerBound), range.upperBound))
        }
    }

    /// Whether a number is one of ascending ones.
    private static func contains(_ numbers: [Int64], _ number: Int64) -> Bool {
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low < numbers.count && numbers[low] == number
    }
}
