// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a user asks of a ForecastPipeline.
///
/// Fields that have a default are optional here; the CRD fills them on a server, `withDefaults()` elsewhere.
package struct ForecastPipelineSpec: Codable, Sendable, Equatable {
    /// When the pipeline retrains by itself; without it only a new specification or request starts a run.
    package var schedule: ScheduleSpec?
    /// Which findings about served forecasts start a run; nil for none.
    package var retrain: RetrainSpec?
    /// Starts no further run while true; a run in progress goes on. Default false.
    package var suspend: Bool?
    /// Any new value starts a run.
    package var runRequest: String?
    /// The version that is promoted for as long as this names it, whatever gates say.
    package var promote: String?
    /// How many finished runs are kept.
    package var history: HistorySpec?
    /// Where the data comes from: exactly one block.
    package var source: SourceSpec
    /// Which columns are the series.
    package var series: SeriesSpec
    /// What data must be like for a model to be trained on it; without it any that can be used.
    package var dataChecks: DataChecksSpec?
    /// How the data is cleaned and scaled.
    package var preprocess: PreprocessSpec?
    /// Which rows train, validate and test.
    package var split: SplitSpec?
    /// What is trained: exactly one model block, with its window.
    package var model: ModelSpec
    /// Prediction intervals round forecasts; without it there are none.
    package var intervals: IntervalsSpec?
    /// How a model is trained that is trained in epochs.
    package var training: TrainingSpec?
    /// On which windows of the test part a model is scored; without it on all of them.
    package var backtest: BacktestSpec?
    /// What a model must reach to be promoted; without it each trained model is promoted.
    package var gate: GateSpec?
    /// Where the forecast of each run goes, beside the store; without it nowhere.
    package var publish: PublishSpec?
    /// Where models and data sets are kept.
    package var store: StoreSpec?
    /// The ForecastService that serves the promoted version; without it nothing is served.
    package var service: ServiceTemplateSpec?
    /// How the pods of a run are placed and sized.
    package var worker: WorkerSpec?
    /// How single steps are tried and sized.
    package var steps: [StepSpec]?
    /// Whether a step may take the result of an earlier run that had the same data, settings and image. Default `Enabled`.
    package var cache: CachePolicy?

    /// Makes a specification.
    package init(source: SourceSpec, series: SeriesSpec, model: ModelSpec) {
        self.source = source
        self.series = series
        self.model = model
    }

    /// The specification with each default of the CRD filled in.
    package func withDefaults() -> Self {
        var filled = self
        filled.schedule = schedule?.withDefaults()
        filled.retrain = retrain?.withDefaults()
        filled.suspend = suspend ?? false
        filled.history = HistorySpec(
            successfulRuns: history?.successfulRuns ?? 3,
            failedRuns: history?.failedRuns ?? 3,
            keepVersions: history?.keepVersions ?? HistorySpec.defaultKeepVersions
        )
        filled.source = source.withDefaults()
        filled.series.timestampFormat = series.timestampFormat ?? "Auto"
        filled.dataChecks = dataChecks?.withDefaults()
        filled.preprocess = (preprocess ?? PreprocessSpec()).withDefaults()
        filled.split = split ?? SplitSpec(train: SplitSpec.defaultTrain, validation: SplitSpec.defaultValidation)
        filled.intervals = intervals?.withDefaults()
        filled.backtest = backtest?.withDefaults()
        filled.gate = gate?.withDefaults()
        filled.publish = publish?.withDefaults()
        filled.model.nlinear?.individual = model.nlinear?.individual ?? false
        filled.model.dlinear?.individual = model.dlinear?.individual ?? false
        filled.model.dlinear?.kernelSize = model.dlinear?.kernelSize ?? 25
        filled.model.informer = model.informer?.withDefaults()
        filled.training = training?.withDefaults()
        filled.store = store?.withDefaults()
        return filled
    }

    /// The part that a run depends on: the specification without what only steers when runs start, how
    /// long they stay, and who serves what they make.
    package var template: Self {
        var template = self
        template.schedule = nil
        template.retrain = nil
        template.suspend = nil
        template.runRequest = nil
        template.promote = nil
        template.history = nil
        template.service = nil
        return template
    }
}

/// How many finished runs and versions are kept; older ones are deleted with their Jobs and files.
package struct HistorySpec: Codable, Sendable, Equatable {
    /// Successful runs kept, 0 to 100. Default 3.
    package var successfulRuns: Int?
    /// Failed runs kept, 0 to 100. Default 3.
    package var failedRuns: Int?

    /// Versions kept beside the latest one, 0 to 100. Default 5.
    package var keepVersions: Int?

    /// The default of `keepVersions`.
    package static let defaultKeepVersions = 5

    /// Makes a history policy.
    package init(successfulRuns: Int? = nil, failedRuns: Int? = nil, keepVersions: Int? = nil) {
        self.successfulRuns = successfulRuns
        self.failedRuns = failedRuns
        self.keepVersions = keepVersions
    }
}

/// Whether results of earlier runs are taken.
package enum CachePolicy: String, Codable, Sendable, CaseIterable {
    /// A step is not run again where nothing that it depends on has changed.
    case enabled = "Enabled"
    /// Every step of every run is run.
    case disabled = "Disabled"
}

/// Which columns are the series, and their step.
package struct SeriesSpec: Codable, Sendable, Equatable {
    /// The column of timestamps.
    package var timestamp: String
    /// How timestamps are written: `Auto` (ISO 8601), `UnixSeconds`, `UnixMilliseconds` or a strptime pattern. Default `Auto`.
    package var timestampFormat: String?
    /// The IANA time zone that timestamps without an offset are local times of; nil for UTC. For files, and rows of less than
    /// a day.
    package var timeZone: String?
    /// What becomes of local times that a clock shows twice. Default `Infer`.
    package var repeatedHour: RepeatedHour?
    /// The columns that are forecast, at least one.
    package var targets: [String]
    /// Columns that a model sees the history of and does not forecast; only Informer uses them.
    package var pastCovariates: [String]?
    /// Columns whose values are known for the rows that are forecast. The source goes on with them beyond the last row of the
    /// targets, and so does each request.
    package var futureCovariates: [String]?
    /// Columns of text whose values tell one series from another, at most `mostGroupColumns`: rows of the same values are one
    /// series. nil where all rows are.
    package var groupBy: [String]?
    /// What becomes of series with too few rows; it goes with `groupBy`. Default `Fail`.
    package var shortSeries: ShortSeriesPolicy?
    /// The step from row to row, for instance `10min`, `1h`, `1d`.
    package var frequency: String
    /// Steps in a season; by default what the frequency suggests (24 for `1h`, 7 for `1d`).
    package var seasonLength: Int?

    /// The most columns of `groupBy`.
    package static let mostGroupColumns = 4

    /// All columns of a model's history: targets first, those that are known ahead last.
    package var columns: [String] { targets + (pastCovariates ?? []) + (futureCovariates ?? []) }

    /// Makes a series specification.
    package init(timestamp: String, targets: [String], frequency: String, seasonLength: Int? = nil) {
        self.timestamp = timestamp
        self.targets = targets
        self.frequency = frequency
        self.seasonLength = seasonLength
    }
}

/// The ForecastService that a pipeline keeps up.
package struct ServiceTemplateSpec: Codable, Sendable, Equatable {
    /// The service's name.
    package var name: String
    /// Pods that serve, 1 to 100; nil leaves the number to the ForecastService.
    package var replicas: Int?

    /// Makes a template.
    package init(name: String, replicas: Int? = nil) {
        self.name = name
        self.replicas = replicas
    }
}
