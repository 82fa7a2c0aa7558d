// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore

/// A horizontal axis with round times in UTC.
struct TimeAxis: Equatable {
    /// The ends of the axis.
    let range: ClosedRange<Date>
    /// The times at the marks, in even steps from midnight on.
    let marks: [Date]
    private let step: Double

    private static let day = 86_400.0
    private static let steps: [Double] = [
        1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, day, 2 * day, 7 * day, 14 * day,
        28 * day, 91 * day, 182 * day, 365 * day, 730 * day, 1_825 * day, 3_650 * day, 36_500 * day,
    ]

    /// Lays at most that many marks into a range of times.
    init(_ range: ClosedRange<Date>, marks limit: Int) {
        self.range = range
        let span = range.upperBound.timeIntervalSince(range.lowerBound)
        let step = Self.steps.first { span / $0 <= Double(max(1, limit)) } ?? max(span, 1)
        self.step = step
        let first = (range.lowerBound.timeIntervalSince1970 / step).rounded(.up)
        let last = (range.upperBound.timeIntervalSince1970 / step).rounded(.down)
        guard first <= last, last - first < 1000 else {
            marks = []
            return
        }
        marks = (0...Int(last - first)).map { Date(timeIntervalSince1970: (first + Double($0)) * step) }
    }

    /// Where a time lies between the start (0) and the end (1).
    func position(_ time: Date) -> Double {
        time.timeIntervalSince(range.lowerBound) / range.upperBound.timeIntervalSince(range.lowerBound)
    }

    /// The text of a mark: a date, or the time of day where marks are closer than a day.
    func label(_ time: Date) -> String {
        let parts = Self.parts(of: time)
        if step >= 365 * Self.day { return String(parts.year) }
        let date = "\(parts.month) \(parts.day)"
        if step >= Self.day { return date }
        let clock = "\(Self.twoDigits(parts.hour)):\(Self.twoDigits(parts.minute))"
        guard step >= 60 else { return clock + ":\(Self.twoDigits(parts.second))" }
        return parts.hour == 0 && parts.minute == 0 ? date : clock
    }

    /// A time in full, for instance `30 Sep 2018 23:00`.
    static func full(_ time: Date) -> String {
        let parts = parts(of: time)
        return "\(parts.day) \(parts.month) \(parts.year) \(twoDigits(parts.hour)):\(twoDigits(parts.minute))"
    }

    private struct Parts {
        var year, day, hour, minute, second: Int
        var month: String
    }

    private static func parts(of time: Date) -> Parts {
        let found = KubeTime.format(time).split { !$0.isNumber }.compactMap { Int($0) }
        guard found.count == 6 else { return Parts(year: 1970, day: 1, hour: 0, minute: 0, second: 0, month: "Jan") }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return Parts(
            year: found[0],
            day: found[2],
            hour: found[3],
            minute: found[4],
            second: found[5],
            month: months[found[1] - 1]
        )
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}
