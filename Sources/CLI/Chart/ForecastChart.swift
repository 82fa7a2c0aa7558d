// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation

/// What is drawn: the end of a series and how it may go on. Times are in UTC.
struct ForecastChart: Equatable, Sendable {
    /// One value at one time.
    struct Point: Equatable, Sendable {
        var time: Date
        var value: Double
    }

    /// An interval round the forecast: two lines of as many points.
    struct Band: Equatable, Sendable {
        /// How many values of a hundred it is to hold.
        var level: Double
        var lower: [Point]
        var upper: [Point]
    }

    /// The heading, for instance the pipeline and its version.
    var title: String
    /// What was measured, for instance the column's name.
    var series: String
    /// Measured values in time order.
    var history: [Point]
    /// Forecast values in time order, all after the history.
    var forecast: [Point]
    /// Intervals round the forecast, the widest first.
    var bands: [Band] = []

    /// Values beyond this would make the axis's span infinite.
    private static let drawable = -1e300...1e300

    /// Makes a chart; values that are not finite, or as good as, cannot be drawn and are left out.
    init(title: String, series: String, history: [Point], forecast: [Point], bands: [Band] = []) {
        self.title = title
        self.series = series
        self.history = history.filter { Self.drawable.contains($0.value) }
        self.forecast = forecast.filter { Self.drawable.contains($0.value) }
        self.bands = bands.filter { band in
            let points = band.lower + band.upper
            return !band.lower.isEmpty && band.lower.count == band.upper.count
                && points.allSatisfy { Self.drawable.contains($0.value) }
        }
    }

    /// All points in time order.
    var points: [Point] { history + forecast }

    /// From the first to the last time; nil where there are not two.
    var times: ClosedRange<Date>? {
        guard let first = points.first?.time, let last = points.last?.time, first < last else { return nil }
        return first...last
    }

    /// From the least to the greatest value, never empty.
    var values: ClosedRange<Double> {
        let values = (points + bands.flatMap { $0.lower + $0.upper }).map(\.value)
        guard let least = values.min(), let greatest = values.max() else { return 0...1 }
        guard least < greatest else { return (least - 1)...(greatest + 1) }
        return least...greatest
    }

    /// The levels of the intervals for a legend, for instance `80 %, 95 %`; empty where there are none.
    var levels: String { bands.reversed().map { "\(Significant.text($0.level)) %" }.joined(separator: ", ") }

    /// The forecast as a line that starts where the history ends.
    var forecastLine: [Point] { (history.last.map { [$0] } ?? []) + forecast }
}
