// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import KubeCore

/// One run of a pipeline, with the specification as it was.
package struct ForecastRun: StatusObject {
    package static let resource = ResourceType(
        group: Naming.group,
        version: Naming.version,
        kind: "ForecastRun",
        plural: "forecastruns"
    )

    package var apiVersion: String? = Self.resource.apiVersion
    package var kind: String? = Self.resource.kind
    package var metadata: ObjectMeta
    /// What is run; nothing of it but `cancel` ever changes.
    package var spec: ForecastRunSpec
    /// How far it has come.
    package var status: ForecastRunStatus?

    /// Makes a run.
    package init(metadata: ObjectMeta, spec: ForecastRunSpec, status: ForecastRunStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// Whether a person made it from another run; such a run is never promoted by itself.
    package var isClone: Bool { spec.fromRun != nil }

    /// The specification that is run; nil for a clone that has not been taken up yet.
    package var template: ForecastPipelineSpec? { spec.template ?? status?.template }
}

/// What a run runs.
package struct ForecastRunSpec: Codable, Sendable, Equatable {
    /// The pipeline that it belongs to.
    package var pipelineRef: NameReference
    /// Why it was started.
    package var trigger: RunTrigger
    /// The instant of the schedule that started it; nil for other triggers.
    package var scheduledTime: Date?
    /// The pipeline's specification as it was; nil for a clone, which has it in its status.
    package var template: ForecastPipelineSpec?
    /// The run that a clone repeats, in the same namespace; nil for the pipeline's own runs.
    package var fromRun: String?
    /// What a clone changes in the template of `fromRun`.
    package var overrides: TemplateOverrides?
    /// Ends the run; the one field that may change.
    package var cancel: Bool?

    /// Makes the specification of a clone.
    package init(pipelineRef: NameReference, fromRun: String, overrides: TemplateOverrides?) {
        self.pipelineRef = pipelineRef
        trigger = .clone
        self.fromRun = fromRun
        self.overrides = overrides
    }

    /// Makes a run's specification.
    package init(
        pipelineRef: NameReference,
        trigger: RunTrigger,
        scheduledTime: Date? = nil,
        template: ForecastPipelineSpec
    ) {
        self.pipelineRef = pipelineRef
        self.trigger = trigger
        self.scheduledTime = scheduledTime
        self.template = template
    }
}

/// Names an object in the same namespace.
package struct NameReference: Codable, Sendable, Equatable {
    /// The object's name.
    package var name: String

    /// Makes a reference.
    package init(name: String) {
        self.name = name
    }
}

/// Why a run was started.
package enum RunTrigger: String, Codable, Sendable, CaseIterable {
    /// The pipeline is new, or its template changed.
    case specChange = "SpecChange"
    /// `spec.runRequest` has a new value.
    case runRequest = "RunRequest"
    /// An instant of the schedule has come.
    case schedule = "Schedule"
    /// A person made the run from another one.
    case clone = "Clone"
    /// Forecasts of the promoted version are not as accurate any more as a service wants them.
    case accuracy = "Accuracy"
    /// The data has moved away from what the promoted version was trained on.
    case drift = "Drift"
}

/// How far a run has come.
package struct ForecastRunStatus: Codable, Sendable, Equatable {
    /// The generation that this status is about.
    package var observedGeneration: Int64?
    /// `Succeeded`: True when a model was evaluated, False when the run failed or was skipped, Unknown before that; and
    /// `DataFresh` and `DataValid` where the specification asks for them.
    package var conditions: [Condition]?
    /// What a clone runs: the template of `spec.fromRun` with the overrides merged in, as it was when the run was
    /// taken up; nil for the pipeline's own runs.
    package var template: ForecastPipelineSpec?
    /// The steps of the plan.
    package var steps: [StepStatus]?
    /// When the run was taken up.
    package var startTime: Date?
    /// When the run ended.
    package var completionTime: Date?
    /// The data that it was trained on.
    package var dataset: DatasetStatus?
    /// What came of a training in epochs; nil for models that are fitted in closed form.
    package var training: TrainingStatus?
    /// Errors of its model.
    package var metrics: ModelMetrics?
    /// The windows that the model was scored on, and the baselines on them.
    package var backtest: BacktestStatus?
    /// What the gate said.
    package var gate: GateStatus?
    /// The version that it registered.
    package var model: ModelStatus?

    /// Makes an empty status.
    package init() {}

    /// Whether the run has ended, well or not.
    package var isFinished: Bool {
        guard let succeeded = conditions?.condition(ConditionType.succeeded) else { return false }
        return succeeded.status != .unknown
    }
}

/// One step of a run.
package struct StepStatus: Codable, Sendable, Equatable {
    /// The step's name in the plan.
    package var name: String
    /// How far it is.
    package var state: StepState
    /// Name of the Job of the latest attempt.
    package var job: String?
    /// How often it was tried.
    package var attempts: Int
    /// When its first attempt started.
    package var startTime: Date?
    /// When it ended.
    package var completionTime: Date?
    /// One CamelCase word for why it waits or failed.
    package var reason: String?
    /// A sentence for a person.
    package var message: String?
    /// What the worker said last, while it works.
    package var progress: StepProgress?
    /// The image that ran, by its digest.
    package var image: String?
    /// What its result depends on, as a digest; nil for a step that looks at the source.
    package var cacheKey: String?
    /// The run whose result was taken; nil where the step was run.
    package var cachedFrom: String?
    /// The attempts that failed, the latest ten.
    package var failures: [AttemptFailure]?

    /// How many failed attempts are remembered.
    package static let maximumFailures = 10

    /// Makes a step's status.
    package init(name: String, state: StepState = .pending, attempts: Int = 0) {
        self.name = name
        self.state = state
        self.attempts = attempts
    }
}

/// How one attempt of a step failed.
package struct AttemptFailure: Codable, Sendable, Equatable {
    /// Which attempt, from 1.
    package var attempt: Int
    /// One CamelCase word.
    package var reason: String
    /// A sentence for a person.
    package var message: String
    /// When it ended.
    package var time: Date?

    /// Makes the facts of a failed attempt.
    package init(attempt: Int, reason: String, message: String, time: Date? = nil) {
        self.attempt = attempt
        self.reason = reason
        self.message = message
        self.time = time
    }
}

/// How far a step is.
package enum StepState: String, Codable, Sendable, CaseIterable {
    /// Not started: an earlier step is not done.
    case pending = "Pending"
    /// Started, or about to be.
    case running = "Running"
    /// Done.
    case succeeded = "Succeeded"
    /// Failed for good.
    case failed = "Failed"
    /// Left out, because of the data.
    case skipped = "Skipped"
}

/// The data that a run was trained on.
package struct DatasetStatus: Codable, Sendable, Equatable {
    /// SHA-256 of the cleaned data.
    package var digest: String
    /// Number of rows, of all series.
    package var rows: Int
    /// Timestamp of the earliest row.
    package var from: Date
    /// Timestamp of the latest row.
    package var to: Date
    /// Number of series; nil where the data is not grouped.
    package var series: Int?
    /// The series that were left out for their few rows; nil where there are none.
    package var skippedSeries: SeriesListStatus?

    /// Makes the facts of a data set.
    package init(digest: String, rows: Int, from: Date, to: Date, series: Int? = nil) {
        self.digest = digest
        self.rows = rows
        self.from = from
        self.to = to
        self.series = series
    }

    /// How much data there is, for a person: `1200 rows of 12 series`.
    package var amount: String {
        let left = skippedSeries.map { " (\($0.count) series left out: \($0.names))" } ?? ""
        return "\(rows) rows" + (series.map { " of \($0) series" } ?? "") + left
    }
}
