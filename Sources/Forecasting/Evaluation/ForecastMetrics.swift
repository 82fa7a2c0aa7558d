// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The errors of forecasts over all windows, steps and targets.
package struct ForecastMetrics: Hashable, Codable, Sendable {
    /// The mean absolute error.
    package let mae: Double
    /// The mean squared error.
    package let mse: Double
    /// The square root of `mse`.
    package let rmse: Double
    /// 1 - squared error / squared deviation from the mean, a target over all windows and steps, then the mean over the
    /// targets. Targets that do not vary are left out; nil when none varies.
    package let r2: Double?
    /// The absolute error over the in-sample absolute error of the seasonal naive forecast of one step, a target, then the
    /// mean over the targets (R. Hyndman, A. Koehler, "Another look at measures of forecast accuracy", 2006). Targets
    /// whose train rows repeat exactly are left out; nil when all do.
    package let mase: Double?

    /// Metrics with known values.
    package init(mae: Double, mse: Double, rmse: Double, r2: Double?, mase: Double?) {
        self.mae = mae
        self.mse = mse
        self.rmse = rmse
        self.r2 = r2
        self.mase = mase
    }
}
