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
    /// The coefficient of determination: 1 - squared error / squared deviation from the mean.
    ///
    /// A target over all windows and steps, then the mean over the targets. Targets that do not vary are left out; nil when none varies.
    package let r2: Double?
    /// The mean absolute error over the in-sample mean absolute error of the seasonal naive forecast.
    ///
    /// A target, then the mean over the targets (R. Hyndman, A. Koehler, "Another look at measures of forecast
    /// accuracy", 2006). Targets whose train rows repeat exactly are left out; nil when all do.
    package let mase: Double?
    /// The mean of |error / true value|, in percent; nil when a true value is zero.
    package let mape: Double?
    /// The mean of 2 |error| / (|true value| + |forecast|), in percent, 0 to 200; where both are zero the error counts
    /// as 0. nil only in files that were written without it.
    package let smape: Double?

    /// Metrics with known values.
    package init(
        mae: Double,
        mse: Double,
        rmse: Double,
        r2: Double?,
        mase: Double?,
        mape: Double? = nil,
        smape: Double? = nil
    ) {
        self.mae = mae
        self.mse = mse
        self.rmse = rmse
        self.r2 = r2
        self.mase = mase
        self.mape = mape
        self.smape = smape
    }
}
