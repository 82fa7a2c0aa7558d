// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import KubeCore

/// Fits the scaler and the model on the training rows and stores them as the run's candidate.
struct TrainTask: Sendable {
    /// Returns what came of a training in epochs; nil for other models.
    func run(_ context: inout StepContext) async throws -> TrainingStatus? {
        let spec = context.spec
        let dataset = try await context.dataset()
        let frame = try dataset.frame.selecting(spec.series.columns)
        let split = try spec.dataSplit(rows: frame.rowCount)
        let kind = spec.model.chosenKinds.first ?? ""
        context.report(.train, "fitting \(kind) on \(split.train.count) rows", rows: split.train.count)
        let recipe = try spec.recipe(threads: context.threads)
        let checkpoints = RunCheckpoints(context)
        let reporter = TrainingReporter(context)
        let fitted = try await LongWork.compute {
            try recipe.fitted(
                on: frame,
                rows: split.train,
                validation: split.validation,
                checkpoints: checkpoints
            ) { reporter($0) }
        }
        if let training = fitted.training { context.report(.train, Self.summary(training), share: 1) }
        let candidate = try Artifact(
            forecaster: fitted.forecaster,
            missing: spec.missingPolicy,
            evaluation: nil,
            inputExample: frame.lastRows(spec.model.lookback),
            origin: context.origin(of: dataset)
        )
        try await context.keep(candidate, fitted.forecaster)
        return fitted.training.map(TrainingStatus.init)
    }

    private static func summary(_ training: TrainingSummary) -> String {
        let end = training.stoppedEarly ? "stopped early after epoch" : "trained for epochs:"
        let loss = training.validationLoss ?? training.trainLoss
        return "\(end) \(training.epochs); epoch \(training.bestEpoch) is kept, loss \(Significant.text(loss))"
    }
}

extension StepContext {
    /// What an artifact that is made now says of where it comes from.
    func origin(of dataset: Dataset) throws -> ArtifactManifest.Origin {
        let train = try spec.dataSplit(rows: dataset.frame.rowCount).train
        return ArtifactManifest.Origin(
            data: dataset.reference,
            created: KubeTime.format(now()),
            producer: "almanac-worker",
            trainedTo: UTCTime(seconds: dataset.frame.timestamps[train.upperBound - 1]).description
        )
    }
}

extension TimeSeriesFrame {
    /// The last rows, each with all columns.
    func lastRows(_ count: Int) -> [[Double]] {
        (max(0, rowCount - count)..<rowCount).map { row in columns.map { $0[row] } }
    }
}
