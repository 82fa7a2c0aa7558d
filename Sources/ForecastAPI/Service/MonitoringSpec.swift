// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How a service's forecasts are compared with what comes true. Without it nothing is remembered, and nothing compared.
package struct MonitoringSpec: Codable, Sendable, Equatable {
    /// How far the source's rows may have moved from those that the version was trained on; at least one limit.
    package struct Drift: Codable, Sendable, Equatable {
        /// The largest population stability index of a column, above 0 to 100; 0.2 is usual. nil for no limit.
        package var maxPSI: Double?
        /// The largest Kolmogorov-Smirnov statistic of a column, above 0 to 1; nil for no limit.
        package var maxKS: Double?

        /// Makes limits.
        package init(maxPSI: Double? = nil, maxKS: Double? = nil) {
            self.maxPSI = maxPSI
            self.maxKS = maxKS
        }
    }

    /// Seconds from one comparison to the next, 10 to 604,800. Default 3,600.
    package var intervalSeconds: Int?
    /// Forecasts that were issued at most so many seconds ago are compared, and older ones removed, 60 to 31,536,000.
    /// Default 7 days.
    package var windowSeconds: Int?
    /// At most so many forecasts a second are remembered by each pod, above 0 to 1,000. Default 10.
    package var forecastsPerSecond: Double?
    /// Forecast values that must have come true before a limit is judged, 1 to 1,000,000,000. Default 100.
    package var minValues: Int?
    /// The largest mean absolute error over that of the seasonal naive forecast on the training rows, above 0; nil for no
    /// limit.
    package var maxMASE: Double?
    /// The largest mean absolute error in the units of the data, above 0; nil for no limit.
    package var maxMAE: Double?
    /// What is compared of the inputs; nil for nothing.
    package var drift: Drift?
    /// Seconds that one comparison may take, 10 to 86,400. Default 1,800.
    package var deadlineSeconds: Int?

    /// The default of `intervalSeconds`.
    package static let defaultIntervalSeconds = 3_600
    /// The default of `windowSeconds`.
    package static let defaultWindowSeconds = 7 * 86_400
    /// The default of `forecastsPerSecond`.
    package static let defaultForecastsPerSecond = 10.0
    /// The default of `minValues`.
    package static let defaultMinValues = 100
    /// The default of `deadlineSeconds`.
    package static let defaultDeadlineSeconds = 1_800

    /// Makes a rule; what is nil has its default.
    package init(intervalSeconds: Int? = nil, maxMASE: Double? = nil, maxMAE: Double? = nil, drift: Drift? = nil) {
        self.intervalSeconds = intervalSeconds
        self.maxMASE = maxMASE
        self.maxMAE = maxMAE
        self.drift = drift
    }

    /// The rule with each default filled in.
    package func withDefaults() -> Self {
        var filled = self
        filled.intervalSeconds = intervalSeconds ?? Self.defaultIntervalSeconds
        filled.windowSeconds = windowSeconds ?? Self.defaultWindowSeconds
        filled.forecastsPerSecond = forecastsPerSecond ?? Self.defaultForecastsPerSecond
        filled.minValues = minValues ?? Self.defaultMinValues
        filled.deadlineSeconds = deadlineSeconds ?? Self.defaultDeadlineSeconds
        return filled
    }
}
