// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// How a run's model did on each window beside the baselines. Its own errors over all windows are the run's `metrics`.
package struct BacktestStatus: Codable, Sendable, Equatable {
    /// The most windows that are told one by one.
    package static let maximumRecent = 10

    /// Which rows the model was fitted on when it forecast a window.
    package var mode: BacktestSpec.Mode
    /// The number of windows.
    package var windows: Int
    /// Steps from window to window.
    package var strideSteps: Int
    /// Time of the first row that was forecast.
    package var from: Date
    /// Time of the last row that was forecast.
    package var to: Date
    /// The metric of `recent`, that of the gate.
    package var metric: GateSpec.GateMetric
    /// Units of that metric, where it has any.
    package var units: GateSpec.Units
    /// The file with all metrics of each window and model, relative to the store.
    package var table: String
    /// The baselines, scored on the same windows.
    package var baselines: [BaselineStatus]
    /// The latest windows, oldest first, at most `maximumRecent`.
    package var recent: [WindowStatus]
    /// How series differ; nil where the data is not grouped.
    package var series: SeriesErrorsStatus?

    /// Makes the facts of a backtest.
    package init(
        mode: BacktestSpec.Mode,
        windows: Int,
        strideSteps: Int,
        span: ClosedRange<Date>,
        measure: GateMeasure,
        table: String
    ) {
        self.mode = mode
        self.windows = windows
        self.strideSteps = strideSteps
        from = span.lowerBound
        to = span.upperBound
        metric = measure.metric
        units = measure.units
        self.table = table
        baselines = []
        recent = []
    }

    /// The baseline of that kind; nil where there was none.
    package func baseline(_ kind: BaselineStatus.Kind) -> BaselineStatus? { baselines.first { $0.kind == kind } }
}

/// A forecast that a run's model was compared with.
package struct BaselineStatus: Codable, Sendable, Equatable {
    /// What it is.
    package var kind: Kind
    /// The incumbent's version.
    package var version: String?
    /// Its errors over all windows; nil where it could not be scored.
    package var metrics: ModelMetrics?
    /// Windows on which the run's model had the smaller error.
    package var windowsWon: Int?
    /// Whether the difference is more than chance; nil where the test says nothing.
    package var dieboldMariano: DieboldMarianoStatus?
    /// The series of the run that an incumbent does not know: it is compared on the others. nil where it knows all.
    package var missingSeries: SeriesListStatus?
    /// The gate's metric of the run's model on the series that both know; nil where these are all.
    package var comparedValue: Double?
    /// Why it could not be scored, in a sentence of at most `maximumProblem` bytes.
    package var problem: String?

    /// Longer sentences are cut, for they travel in a termination message.
    package static let maximumProblem = 200

    /// What a model is compared with.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// The version that was promoted when the run's evaluation began.
        case incumbent = "Incumbent"
        /// The value of one season ago.
        case seasonalNaive = "SeasonalNaive"
    }

    /// Makes the facts of a baseline.
    package init(kind: Kind, version: String? = nil, metrics: ModelMetrics? = nil, problem: String? = nil) {
        self.kind = kind
        self.version = version
        self.metrics = metrics
        self.problem = problem?.shortened(toBytes: Self.maximumProblem)
    }
}

/// The Diebold-Mariano test of a run's model against a baseline, corrected as by Harvey, Leybourne and Newbold.
package struct DieboldMarianoStatus: Codable, Sendable, Equatable {
    /// The statistic; negative where the run's model has the smaller error.
    package var statistic: Double
    /// Two-sided probability of such a difference if both were equally good.
    package var pValue: Double

    /// Makes a test's outcome.
    package init(statistic: Double, pValue: Double) {
        self.statistic = statistic
        self.pValue = pValue
    }
}

/// One window of a backtest: each model's value of the metric; nil where it is not defined or was not scored.
package struct WindowStatus: Codable, Sendable, Equatable {
    /// Time of the first row that was forecast.
    package var from: Date
    /// The value of the run's model.
    package var value: Double?
    /// The incumbent's value.
    package var incumbent: Double?
    /// The seasonal naive forecast's value.
    package var seasonalNaive: Double?

    /// Makes a window.
    package init(from: Date, value: Double?, incumbent: Double?, seasonalNaive: Double?) {
        self.from = from
        self.value = value
        self.incumbent = incumbent
        self.seasonalNaive = seasonalNaive
    }
}

extension BacktestStatus {
    /// The same with six significant digits.
    package var rounded: BacktestStatus {
        var rounded = self
        for index in baselines.indices {
            rounded.baselines[index].metrics = baselines[index].metrics?.rounded
            rounded.baselines[index].dieboldMariano = baselines[index].dieboldMariano.map {
                DieboldMarianoStatus(
                    statistic: Significant.round($0.statistic),
                    pValue: Significant.round($0.pValue)
                )
            }
            rounded.baselines[index].comparedValue = baselines[index].comparedValue.map(Significant.round)
        }
        rounded.recent = recent.map {
            WindowStatus(
                from: $0.from,
                value: $0.value.map(Significant.round),
                incumbent: $0.incumbent.map(Significant.round),
                seasonalNaive: $0.seasonalNaive.map(Significant.round)
            )
        }
        rounded.series?.worst = (series?.worst ?? []).map {
            SeriesErrorsStatus.Item(key: $0.key, value: Significant.round($0.value))
        }
        return rounded
    }
}
