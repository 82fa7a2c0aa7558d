// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A metric, and the units that it is taken in.
package struct Measure: Hashable, Sendable {
    /// A metric of forecasts.
    package enum Metric: String, Sendable, CaseIterable {
        case mae, mse, rmse, mape, smape, mase, r2
    }

    /// The metric.
    package let metric: Metric
    /// Whether errors are divided by the deviations of the train rows.
    package let isScaled: Bool

    /// A measure.
    package init(metric: Metric, isScaled: Bool) {
        self.metric = metric
        self.isScaled = isScaled
    }
}

extension ForecastMetrics {
    /// The mean loss that a metric is made of: errors that can be averaged over windows. For RMSE and R2 it is the
    /// squared error. nil where it is not defined.
    func loss(_ metric: Measure.Metric) -> Double? {
        switch metric {
        case .mae: mae
        case .mse, .rmse, .r2: mse
        case .mape: mape
        case .smape: smape
        case .mase: mase
        }
    }
}
