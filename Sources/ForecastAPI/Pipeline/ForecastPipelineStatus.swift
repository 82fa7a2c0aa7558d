// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import KubeCore

/// What the operator found out about a ForecastPipeline.
package struct ForecastPipelineStatus: Codable, Sendable, Equatable {
    /// The generation that this status is about.
    package var observedGeneration: Int64?
    /// The `spec.runRequest` that last started a run.
    package var observedRunRequest: String?
    /// Digest of the specification's template that last started a run.
    package var observedTemplate: String?
    /// `Ready` (the summary), `Reconciling` and `Stalled`.
    package var conditions: [Condition]?
    /// The schedule; nil where the specification has none.
    package var schedule: PipelineScheduleStatus?
    /// The finding about served forecasts that was acted on last; nil where none was, or `spec.retrain` is not set.
    package var retrain: RetrainStatus?
    /// The run that was started last.
    package var lastRun: LastRunStatus?
    /// Errors of the model evaluated last.
    package var metrics: ModelMetrics?
    /// What the gate said of the model evaluated last.
    package var gate: GateStatus?
    /// The promoted version.
    package var model: ModelStatus?
    /// The version that was promoted before it, which is kept so that one can go back.
    package var previousModel: ModelStatus?
    /// Versions that `spec.promote` may name, newest first, at most `maximumVersions`.
    package var versions: [ModelStatus]?

    /// The most versions that are listed.
    package static let maximumVersions = 20

    /// Makes an empty status.
    package init() {}
}

/// The run that was started last.
package struct LastRunStatus: Codable, Sendable, Equatable {
    /// Name of the ForecastRun.
    package var name: String
    /// Why it was started.
    package var trigger: RunTrigger
    /// When it was started.
    package var startTime: Date?
    /// When it ended; nil while it runs.
    package var completionTime: Date?
    /// How it ended; nil while it runs.
    package var outcome: RunOutcome?

    /// Makes the facts of a run.
    package init(
        name: String,
        trigger: RunTrigger,
        startTime: Date? = nil,
        completionTime: Date? = nil,
        outcome: RunOutcome? = nil
    ) {
        self.name = name
        self.trigger = trigger
        self.startTime = startTime
        self.completionTime = completionTime
        self.outcome = outcome
    }
}

/// How a run ended.
package enum RunOutcome: String, Codable, Sendable, CaseIterable {
    /// The model was promoted.
    case promoted = "Promoted"
    /// The model waits for `spec.promote` to name it.
    case awaitingPromotion = "AwaitingPromotion"
    /// The model did not pass its gate.
    case gateFailed = "GateFailed"
    /// No model was trained, because of the data.
    case skipped = "Skipped"
    /// The run did not get as far as a model.
    case failed = "Failed"
    /// Somebody ended the run.
    case cancelled = "Cancelled"
}

/// A promoted model.
package struct ModelStatus: Codable, Sendable, Equatable {
    /// The version, a time such as `20261121-034500`, so that versions sort by age.
    package var version: String
    /// Where the artifact lies: relative to the store, or `s3://<bucket>/…` where that is a bucket.
    package var uri: String
    /// SHA-256 of the artifact's manifest, which holds the digests of its other files.
    package var digest: String
    /// The model's kind as in the specification, for instance `nlinear`.
    package var kind: String
    /// When it was trained.
    package var trainedTime: Date?
    /// The claim that the store lies on; nil where it is a bucket.
    package var claimName: String?
    /// The bucket that the store is; nil where it lies on a claim.
    package var s3: S3StoreSpec?

    /// Makes the facts of a model.
    package init(version: String, uri: String, digest: String, kind: String, trainedTime: Date? = nil) {
        self.version = version
        self.uri = uri
        self.digest = digest
        self.kind = kind
        self.trainedTime = trainedTime
    }

    /// Notes where the model lies: in the store of the run that made it, whatever its pipeline says later.
    package mutating func place(in store: StoreSpec?, of pipeline: String) {
        claimName = Naming.storeClaim(pipeline: pipeline, store: store)
        s3 = store?.s3
    }
}

/// Errors of a model over all test windows, in the units of the data unless said.
package struct ModelMetrics: Codable, Sendable, Equatable {
    /// Mean absolute error.
    package var mae: Double
    /// Mean squared error.
    package var mse: Double
    /// Root of the mean squared error.
    package var rmse: Double
    /// Mean over the targets of the share of variance explained; nil where a target does not vary.
    package var r2: Double?
    /// MAE over that of the seasonal naive forecast on the training rows; nil where that is zero.
    package var mase: Double?
    /// Mean absolute error in percent of the true values; nil where one of them is zero.
    package var mape: Double?
    /// Mean absolute error in percent of the mean of true value and forecast, 0 to 200.
    package var smape: Double?
    /// Mean absolute error in standard deviations of the training rows.
    package var scaledMae: Double
    /// Mean squared error, scaled likewise.
    package var scaledMse: Double
    /// Number of test windows.
    package var windows: Int
    /// How the prediction intervals did, by level; nil where the model has none.
    package var intervals: [IntervalMetrics]?

    /// Makes metrics.
    package init(
        mae: Double,
        mse: Double,
        rmse: Double,
        r2: Double?,
        mase: Double?,
        scaledMae: Double,
        scaledMse: Double,
        windows: Int,
        mape: Double? = nil,
        smape: Double? = nil,
        intervals: [IntervalMetrics]? = nil
    ) {
        self.mae = mae
        self.mse = mse
        self.rmse = rmse
        self.r2 = r2
        self.mase = mase
        self.scaledMae = scaledMae
        self.scaledMse = scaledMse
        self.windows = windows
        self.intervals = intervals
        self.mape = mape
        self.smape = smape
    }
}
