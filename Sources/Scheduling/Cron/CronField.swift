// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The five fields of a cron expression, in the order in which they are written.
package enum CronField: Int, CaseIterable, Sendable {
    case minute, hour, dayOfMonth, month, dayOfWeek

    /// As messages call it.
    package var name: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day of month"
        case .month: "month"
        case .dayOfWeek: "day of week"
        }
    }

    /// The numbers that may be written. For the day of week 0 and 7 are both Sunday.
    var numbers: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// What `*` stands for: every value once, so no second Sunday.
    var every: ClosedRange<Int> { self == .dayOfWeek ? 0...6 : numbers }

    /// Names that stand for numbers, in upper case; the first one is that of `every.lowerBound`.
    var names: [String] {
        switch self {
        case .minute, .hour, .dayOfMonth: []
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        }
    }

    /// A sentence about what the field takes.
    var allowed: String {
        let numbers = "allowed are \(numbers.lowerBound)-\(numbers.upperBound)"
        let values =
            switch self {
            case .minute, .hour, .dayOfMonth: numbers
            case .month: numbers + " or JAN-DEC"
            case .dayOfWeek: numbers + " (0 and 7 are Sunday) or SUN-SAT"
            }
        return values + ", alone, in lists (1,3), ranges (1-5) and steps (*/2, 1-5/2), or *"
    }
}
