// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The step from row to row: a fixed number of seconds, or of calendar months (UTC).
///
/// Written as a whole number and a unit: `30s`, `10min`, `1h`, `1d`, `1w`, `1mo`, `1y`.
package struct Frequency: Hashable, Sendable, CustomStringConvertible {
    /// What a step is counted in.
    package enum Unit: String, CaseIterable, Sendable {
        case second = "s"
        case minute = "min"
        case hour = "h"
        case day = "d"
        case week = "w"
        case month = "mo"
        case year = "y"
    }

    /// A step's length.
    package enum Step: Hashable, Sendable {
        case seconds(Int64)
        case months(Int64)
    }

    /// The largest number that may stand before the unit.
    package static let largestCount: Int64 = 1_000_000

    /// How many units a step has, 1 to ``largestCount``.
    package let count: Int64
    /// The unit of the step.
    package let unit: Unit

    /// Reads a text such as `10min`.
    /// - Throws: `ForecastingError.invalidFrequency`.
    package init(_ text: String) throws(ForecastingError) {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        guard
            let count = Int64(text.prefix(digits)), (1...Self.largestCount).contains(count),
            let unit = Unit(rawValue: String(text.dropFirst(digits)))
        else { throw .invalidFrequency(text: String(text.prefix(40))) }
        self.count = count
        self.unit = unit
    }

    package var description: String { "\(count)\(unit.rawValue)" }

    /// The length of a step.
    package var step: Step {
        switch unit {
        case .second: .seconds(count)
        case .minute: .seconds(count * 60)
        case .hour: .seconds(count * 3_600)
        case .day: .seconds(count * 86_400)
        case .week: .seconds(count * 604_800)
        case .month: .months(count)
        case .year: .months(count * 12)
        }
    }

    /// How many steps make the usual season: a day below one day, 7 for `1d`, 52 for `1w`, 12 for `1mo`, else 1.
    package var defaultSeasonLength: Int {
        switch (step, unit, count) {
        case (.seconds(let length), _, _) where length < 86_400: Int(86_400 / length)
        case (_, .day, 1): 7
        case (_, .week, 1): 52
        case (_, .month, 1): 12
        default: 1
        }
    }

    /// The instant `steps` steps after `anchor`, both in seconds since 1970 (UTC); nil outside of the years 1 to 9999.
    ///
    /// Months are counted from the anchor, so 31 January is followed by 28 or 29 February and then by 31 March; an anchor
    /// on the last day of its month stands for month ends.
    package func instant(_ steps: Int, after anchor: Int64) -> Int64? {
        guard UTCTime.secondsRange.contains(anchor) else { return nil }
        let result: Int64
        switch step {
        case .seconds(let length):
            let (offset, overflow) = length.multipliedReportingOverflow(by: Int64(steps))
            let (sum, overflowOfSum) = anchor.addingReportingOverflow(offset)
            guard !overflow, !overflowOfSum else { return nil }
            result = sum
        case .months(let length):
            let (offset, overflow) = length.multipliedReportingOverflow(by: Int64(steps))
            guard !overflow, abs(offset) < 120_000 else { return nil }
            let from = UTCTime(seconds: anchor)
            let months = from.year * 12 + from.month - 1 + offset
            guard months >= 12 else { return nil }
            let (year, month) = (months / 12, months % 12 + 1)
            let last = UTCTime.days(inMonth: month, of: year)
            let isMonthEnd = from.day == UTCTime.days(inMonth: from.month, of: from.year)
            let day = isMonthEnd ? last : min(from.day, last)
            result = UTCTime.seconds(year: year, month: month, day: day) + from.secondOfDay
        }
        return UTCTime.secondsRange.contains(result) ? result : nil
    }

    /// The `count` instants that follow `last` on its own grid; fewer where the year 9999 ends them.
    package func instants(after last: Int64, count: Int) -> [Int64] {
        (0..<max(0, count)).compactMap { instant($0 + 1, after: last) }
    }

    /// How many steps `instant` lies after `anchor`; nil when it is not a whole number of steps.
    package func steps(from anchor: Int64, to instant: Int64) -> Int? {
        let range = UTCTime.secondsRange
        guard range.contains(anchor), range.contains(instant) else { return nil }
        switch step {
        case .seconds(let length):
            let (quotient, remainder) = (instant - anchor).quotientAndRemainder(dividingBy: length)
            return remainder == 0 ? Int(quotient) : nil
        case .months(let length):
            let (from, to) = (UTCTime(seconds: anchor), UTCTime(seconds: instant))
            let months = (to.year - from.year) * 12 + to.month - from.month
            let (quotient, remainder) = months.quotientAndRemainder(dividingBy: length)
            guard remainder == 0, self.instant(Int(quotient), after: anchor) == instant else { return nil }
            return Int(quotient)
        }
    }
}

extension Frequency: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
