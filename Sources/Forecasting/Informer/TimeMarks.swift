// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What an Informer knows of a row's time.
package struct TimeMarks: Hashable, Sendable {
    private enum Part {
        case second, minute, hour, weekday, day, dayOfYear, week, month
    }

    private let parts: [Part]
    private let embedding: InformerConfiguration.Embedding

    /// The marks of a frequency: those parts of the time that change from row to row, and all that are longer.
    ///
    /// The reference's features and their order, for time features; month, day, weekday, hour and, below an hour, the
    /// quarter of the hour for tables.
    package init(_ frequency: Frequency, _ embedding: InformerConfiguration.Embedding) {
        self.embedding = embedding
        let days: [Part] = [.weekday, .day, .dayOfYear]
        let isBelowHour = frequency.unit == .second || frequency.unit == .minute
        guard embedding == .timeFeatures else {
            parts = [.month, .day, .weekday, .hour] + (isBelowHour ? [.minute] : [])
            return
        }
        switch frequency.unit {
        case .second: parts = [.second, .minute, .hour] + days
        case .minute: parts = [.minute, .hour] + days
        case .hour: parts = [.hour] + days
        case .day: parts = days
        case .week: parts = [.day, .week]
        case .month, .year: parts = [.month]
        }
    }

    /// The marks of a row.
    package var count: Int { parts.count }

    /// The marks of instants in seconds since 1970 (UTC), row by row: [rows, count].
    package func values(_ instants: [Int64]) -> [Float] {
        instants.flatMap { instant in
            let time = UTCTime(seconds: instant)
            return parts.map { embedding == .timeFeatures ? feature($0, time, instant) : index($0, time) }
        }
    }

    /// A part of the time between -0.5 and 0.5.
    private func feature(_ part: Part, _ time: UTCTime, _ instant: Int64) -> Float {
        func share(_ value: Int64, of largest: Int64) -> Float { Float(Double(value) / Double(largest) - 0.5) }
        switch part {
        case .second: return share(time.secondOfDay % 60, of: 59)
        case .minute: return share(time.secondOfDay / 60 % 60, of: 59)
        case .hour: return share(time.secondOfDay / 3_600, of: 23)
        case .weekday: return share(time.weekday, of: 6)
        case .day: return share(time.day - 1, of: 30)
        case .dayOfYear: return share(time.dayOfYear - 1, of: 365)
        case .week: return share(Self.isoWeek(time, instant) - 1, of: 52)
        case .month: return share(time.month - 1, of: 11)
        }
    }

    /// A part of the time as a row of its table.
    private func index(_ part: Part, _ time: UTCTime) -> Float {
        switch part {
        case .minute: Float(time.secondOfDay / 900 % 4)
        case .hour: Float(time.secondOfDay / 3_600)
        case .weekday: Float(time.weekday)
        case .day: Float(time.day)
        default: Float(time.month)
        }
    }

    /// The week of ISO 8601: that of the year in which its Thursday lies.
    private static func isoWeek(_ time: UTCTime, _ instant: Int64) -> Int64 {
        let thursday = instant + (3 - time.weekday) * 86_400
        guard UTCTime.secondsRange.contains(thursday) else { return 1 }
        return (UTCTime(seconds: thursday).dayOfYear - 1) / 7 + 1
    }
}
