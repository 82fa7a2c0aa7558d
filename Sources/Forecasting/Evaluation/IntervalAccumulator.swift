// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How well the intervals of one level did, over all windows, steps and targets.
package struct IntervalScore: Hashable, Codable, Sendable {
    /// The level in percent: how many values the interval is to hold.
    package let level: Double
    /// How many of a hundred values it held.
    package let coverage: Double
    /// The mean distance of its bounds, in original units.
    package let width: Double
}

/// Counts true values within intervals, batch by batch.
struct IntervalAccumulator {
    private let intervals: ForecastIntervals
    private var count = 0
    /// By level.
    private var inside: [Int]
    /// By level, the sum of the widths.
    private var widths: [Double]

    init(_ intervals: ForecastIntervals) {
        self.intervals = intervals
        inside = [Int](repeating: 0, count: intervals.levels.percents.count)
        widths = [Double](repeating: 0, count: inside.count)
    }

    /// Adds a batch: forecasts and true values, both [batch x horizon x targets] in original units.
    mutating func add(forecasts: [Double], truth: [Double]) {
        let (offsets, width) = (intervals.offsets, intervals.quantiles.count)
        let cells = offsets.count / width
        for level in inside.indices {
            let (lower, upper) = intervals.levels.bounds(level)
            for index in forecasts.indices {
                let place = index % cells * width
                let (low, high) = (forecasts[index] + offsets[place + lower], forecasts[index] + offsets[place + upper])
                if low <= truth[index], truth[index] <= high { inside[level] += 1 }
                widths[level] += high - low
            }
        }
        count += forecasts.count
    }

    /// Adds what was counted of another series, with intervals of the same levels.
    mutating func add(_ other: IntervalAccumulator) {
        for level in inside.indices {
            inside[level] += other.inside[level]
            widths[level] += other.widths[level]
        }
        count += other.count
    }

    /// By level, ascending.
    var scores: [IntervalScore] {
        intervals.levels.percents.enumerated().map { level, percent in
            IntervalScore(
                level: percent,
                coverage: 100 * Double(inside[level]) / Double(max(1, count)),
                width: widths[level] / Double(max(1, count))
            )
        }
    }
}
