// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// How near a version's forecasts came to what came true, as the latest comparison found it.
package struct AccuracyStatus: Codable, Sendable, Equatable {
    /// When the comparison ended.
    package var time: Date
    /// The version that made the forecasts.
    package var version: String
    /// The first and the last time of which a value was compared; nil where none was.
    package var from: Date?
    /// See `from`.
    package var to: Date?
    /// Forecasts of which at least one value could be compared.
    package var forecasts: Int
    /// Forecast values for times that the source has no value of yet.
    package var pending: Int
    /// Forecasts that were left out because they were made from another history than the source has.
    package var otherSeries: Int
    /// Series of which a value was compared; nil where the version knows one.
    package var series: Int?
    /// Those whose error is largest for their size, the worst one first; nil where the version knows one series.
    package var worstSeries: [SeriesError]?
    /// Forecast values that were compared.
    package var values: Int
    /// The mean absolute error, in the units of the data; nil where no value was compared, as the three that follow.
    package var mae: Double?
    /// The mean squared error.
    package var mse: Double?
    /// `mae` over that of the seasonal naive forecast on the training rows; nil where they have no such error, too.
    package var mase: Double?
    /// The mean of forecast minus truth.
    package var bias: Double?
    /// How often the version's intervals held the true value, by level; nil where it has none.
    package var intervals: [LiveCoverage]?
    /// The same by parts of the horizon, nearest first.
    package var bands: [Band]?
    /// How far the columns have moved since the training, furthest first; nil where that was not asked for.
    package var drift: [ColumnDrift]?

    /// The errors of a part of the horizon.
    package struct Band: Codable, Sendable, Equatable {
        /// The first step of the part, from 1.
        package var fromStep: Int
        /// Its last step.
        package var toStep: Int
        /// Forecast values that were compared.
        package var values: Int
        /// The mean absolute error.
        package var mae: Double
        /// The mean of forecast minus truth.
        package var bias: Double
        /// How often the version's intervals held the true value, by level; nil where it has none.
        package var intervals: [LiveCoverage]?
    }

    /// The longest name of a column that a server takes.
    private static let maximumColumnName = 1_024

    /// What a monitor found about a version, within the bounds that a server takes.
    package init(_ result: MonitorResult, version: String, time: Date) {
        self.time = time
        self.version = version
        from = result.from
        to = result.to
        forecasts = max(0, result.forecasts)
        pending = max(0, result.pending)
        otherSeries = max(0, result.otherSeries)
        series = result.series.map { max(0, $0) }
        worstSeries = result.worstSeries?.prefix(MonitorResult.maximumWorstSeries).map {
            SeriesError(series: $0.series, values: max(0, $0.values), mae: $0.mae, mase: $0.mase)
        }
        let stable = result.stable?.version == version ? result.stable : nil
        values = max(0, stable?.errors.values ?? 0)
        mae = stable?.errors.mae
        mse = stable?.errors.mse
        mase = stable?.errors.mase
        bias = stable?.errors.bias
        let levels = stable?.intervals.map { Array($0.prefix(IntervalsSpec.maximumLevels)) }
        intervals = levels
        bands = stable?.bands.prefix(LiveErrors.maximumBands).map { band in
            Band(
                fromStep: max(1, band.fromStep),
                toStep: max(1, band.toStep),
                values: max(0, band.errors.values),
                mae: band.errors.mae,
                bias: band.errors.bias,
                intervals: levels.flatMap { levels in
                    band.coverage.map { zip(levels, $0).map { LiveCoverage(level: $0.level, coverage: $1) } }
                }
            )
        }
        drift = result.drift?.prefix(MonitorResult.maximumDriftColumns).map { column in
            ColumnDrift(
                column: String(column.column.prefix(Self.maximumColumnName)),
                rows: max(0, column.rows),
                psi: column.psi,
                ks: column.ks
            )
        }
    }
}

/// How a service's comparisons go, beside their numbers.
package struct MonitoringStatus: Codable, Sendable, Equatable {
    /// Why a comparison failed. The reason is a text, so that a status that a newer program wrote can be read.
    package struct Failure: Codable, Sendable, Equatable {
        /// One word.
        package var reason: String
        /// A sentence that says where and what to do.
        package var message: String
        /// When it failed.
        package var time: Date

        /// Makes the facts of a failure.
        package init(_ failure: StepFailure, time: Date) {
            reason = failure.reason.rawValue
            message = failure.message
            self.time = time
        }
    }

    /// The Job whose end was taken up last.
    package var job: String?
    /// When that Job was due.
    package var time: Date?
    /// Why it failed; nil where it ended well.
    package var failure: Failure?

    /// Makes an empty status.
    package init() {}
}
