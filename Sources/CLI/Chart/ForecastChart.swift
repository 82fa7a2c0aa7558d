// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What is drawn: the end of a series and how it may go on. Times are in UTC.
struct ForecastChart: Equatable, Sendable {
    /// One value at one time.
    struct Point: Equatable, Sendable {
        var time: Date
        var value: Double
    }

    /// The heading, for instance the pipeline and its version.
    var title: String
    /// What was measured, for instance the column's name.
    var series: String
    /// Measured values in time order.
    var history: [Point]
    /// Forecast values in time order, all after the history.
    var forecast: [Point]

    /// Values beyond this would make the axis's span infinite.
    private static let drawable = -1e300...1e300

    /// Makes a chart; values that are not finite, or as good as, cannot be drawn and are left out.
    init(title: String, series: String, history: [Point], forecast: [Point]) {
        self.title = title
        self.series = series
        self.history = history.filter { Self.drawable.contains($0.value) }
        self.forecast = forecast.filter { Self.drawable.contains($0.value) }
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
        let values = points.map(\.value)
        guard let least = values.min(), let greatest = values.max() else { return 0...1 }
        guard least < greatest else { return (least - 1)...(greatest + 1) }
        return least...greatest
    }

    /// The forecast as a line that starts where the history ends.
    var forecastLine: [Point] { (history.last.map { [$0] } ?? []) + forecast }
}
