// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// What the task `monitor` found. It fits into a termination message: at most `LiveErrors.maximumBands` bands a version,
/// and `maximumDriftColumns` columns; intervals are told of the stable version alone.
package struct MonitorResult: Codable, Sendable, Equatable {
    /// The most columns of `drift`: those that have moved furthest.
    package static let maximumDriftColumns = 8
    /// The most series of `worstSeries`.
    package static let maximumWorstSeries = 5

    /// Two versions on the same timestamps, each forecast by both from the same history.
    package struct Comparison: Codable, Sendable, Equatable {
        /// The version on trial.
        package var canary: LiveErrors
        /// The version before it.
        package var stable: LiveErrors

        /// Makes a comparison.
        package init(canary: LiveErrors, stable: LiveErrors) {
            self.canary = canary
            self.stable = stable
        }
    }

    /// Forecasts of the stable version of which at least one value could be compared.
    package var forecasts: Int
    /// Forecast values of the stable version for times that the source has no value of yet.
    package var pending: Int
    /// Forecasts that were left out because the history they were made from is not what the source has at that time.
    package var otherSeries: Int
    /// How many series have a value that was compared; nil where the version knows one.
    package var series: Int?
    /// Those whose error is largest for their size, the worst one first; nil where the version knows one series, or their
    /// training rows have no error to compare with.
    package var worstSeries: [SeriesError]?
    /// The first and the last time of which a value was compared; nil where none was.
    package var from: Date?
    /// See `from`.
    package var to: Date?
    /// The stable version's errors; nil where no value could be compared.
    package var stable: LiveErrors?
    /// The version on trial beside it; nil where none was asked for, or no value could be compared.
    package var comparison: Comparison?
    /// How far each input column has moved since the training; nil where it was not asked for.
    package var drift: [ColumnDrift]?

    /// Makes a result.
    package init(forecasts: Int, pending: Int, otherSeries: Int) {
        self.forecasts = forecasts
        self.pending = pending
        self.otherSeries = otherSeries
    }
}

/// Errors of a version's forecasts against what came true, in original units.
package struct LiveErrors: Codable, Sendable, Equatable {
    /// The most bands of `bands`.
    package static let maximumBands = 6

    /// The errors of a part of the horizon.
    package struct Band: Codable, Sendable, Equatable {
        /// The first step of the band, from 1.
        package var fromStep: Int
        /// Its last step.
        package var toStep: Int
        /// The errors.
        package var errors: ErrorSummary
        /// How many values of a hundred the intervals held, in the order of `LiveErrors.intervals`.
        package var coverage: [Double]?

        /// Makes a band.
        package init(fromStep: Int, toStep: Int, errors: ErrorSummary, coverage: [Double]? = nil) {
            self.fromStep = fromStep
            self.toStep = toStep
            self.errors = errors
            self.coverage = coverage
        }
    }

    /// The version.
    package var version: String
    /// Over all steps.
    package var errors: ErrorSummary
    /// By parts of the horizon, nearest first.
    package var bands: [Band]
    /// How often the version's intervals held the true value, by level, over all steps; nil where it has none.
    package var intervals: [LiveCoverage]?

    /// Makes the errors of a version.
    package init(version: String, errors: ErrorSummary, bands: [Band], intervals: [LiveCoverage]? = nil) {
        self.version = version
        self.errors = errors
        self.bands = bands
        self.intervals = intervals
    }
}

/// Errors over a number of values.
package struct ErrorSummary: Codable, Sendable, Equatable {
    /// How many values were compared.
    package var values: Int
    /// The mean absolute error.
    package var mae: Double
    /// The mean squared error.
    package var mse: Double
    /// `mae` over that of the seasonal naive forecast within the training rows (Hyndman and Koehler 2006); nil where
    /// the training rows have no such error.
    package var mase: Double?
    /// The mean of forecast minus truth.
    package var bias: Double

    /// Makes a summary.
    package init(values: Int, mae: Double, mse: Double, mase: Double?, bias: Double) {
        self.values = values
        self.mae = mae
        self.mse = mse
        self.mase = mase
        self.bias = bias
    }
}

/// How far off the forecasts of one series were.
package struct SeriesError: Codable, Sendable, Equatable {
    /// The longest label that is told, in bytes; of longer ones the beginning is.
    package static let longestLabel = 160

    /// The values of the grouping columns, as `store=north, item=12`.
    package var series: String
    /// How many values were compared.
    package var values: Int
    /// The mean absolute error.
    package var mae: Double
    /// The same over that of the seasonal naive forecast within the training rows.
    package var mase: Double

    /// Makes the errors of a series.
    package init(series: String, values: Int, mae: Double, mase: Double) {
        self.series = series.shortened(toBytes: Self.longestLabel)
        self.values = values
        self.mae = mae
        self.mase = mase
    }
}

/// How often an interval held the true value.
package struct LiveCoverage: Codable, Sendable, Equatable {
    /// How many values of a hundred the interval is to hold.
    package var level: Double
    /// How many values of a hundred it held.
    package var coverage: Double

    /// Makes the facts of a level.
    package init(level: Double, coverage: Double) {
        self.level = level
        self.coverage = coverage
    }
}

/// How far a column's values have moved since the training.
package struct ColumnDrift: Codable, Sendable, Equatable {
    /// The column.
    package var column: String
    /// Rows of the window that were compared.
    package var rows: Int
    /// The population stability index over the deciles of the training rows.
    package var psi: Double
    /// The Kolmogorov-Smirnov statistic of the two samples, 0 to 1.
    package var ks: Double

    /// Makes a column's drift.
    package init(column: String, rows: Int, psi: Double, ks: Double) {
        self.column = column
        self.rows = rows
        self.psi = psi
        self.ks = ks
    }
}
