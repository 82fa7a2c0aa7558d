// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore

/// Fits the scaler and the model on the training rows and stores them as the run's candidate.
struct TrainTask: Sendable {
    /// Returns what came of a training in epochs; nil for other models.
    func run(_ context: inout StepContext) async throws -> TrainingStatus? {
        let spec = context.spec
        let dataset = try await context.dataset()
        let frame = try dataset.frame.selecting(spec.series.columns)
        let split = try spec.dataSplit(rows: frame.rowCount)
        let recipe = try spec.recipe(threads: context.threads)
        let fitted =
            if let path = context.request.importedWeights {
                try await imported(path, recipe, frame, split, context)
            } else {
                try await trained(recipe, frame, split, context)
            }
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

    private func trained(
        _ recipe: ForecasterRecipe,
        _ frame: TimeSeriesFrame,
        _ split: DataSplit,
        _ context: StepContext
    ) async throws -> ForecasterRecipe.Fitted {
        let (kind, rows) = (context.spec.model.chosenKinds.first ?? "", split.train.count)
        context.report(.train, "fitting \(kind) on \(rows) rows", rows: rows)
        let checkpoints = RunCheckpoints(context)
        let reporter = TrainingReporter(context)
        let fitted = try await LongWork.compute(waits: true) {
            try recipe.fitted(on: frame, rows: split.train, validation: split.validation, checkpoints: checkpoints) {
                reporter($0)
            }
        }
        if let training = fitted.training { context.report(.train, Self.summary(training), share: 1) }
        return fitted
    }

    /// Takes weights that were trained elsewhere; the scaler is still fitted here.
    private func imported(
        _ path: String,
        _ recipe: ForecasterRecipe,
        _ frame: TimeSeriesFrame,
        _ split: DataSplit,
        _ context: StepContext
    ) async throws -> ForecasterRecipe.Fitted {
        context.report(.train, "importing \(path)")
        let forecaster = try await LongWork.compute {
            let data: Data
            do {
                data = try Data(contentsOf: URL(fileURLWithPath: path))
            } catch {
                let reason = (error as NSError).localizedDescription
                throw WorkerError.unreadableWeights(path: path, reason: reason)
            }
            return try recipe.imported(SafetensorsFile(decoding: Array(data)).tensors, on: frame, rows: split.train)
        }
        return ForecasterRecipe.Fitted(forecaster: forecaster, training: nil)
    }

    private static func summary(_ training: TrainingSummary) -> String {
        let end = training.stoppedEarly ? "stopped early after epoch \(training.epochs)" : "all epochs are done"
        let loss = training.validationLoss ?? training.trainLoss
        return "\(end); epoch \(training.bestEpoch) is kept, loss \(Significant.text(loss))"
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
            // Of imported weights nobody here knows it.
            trainedTo: request.importedWeights == nil
                ? UTCTime(seconds: dataset.frame.timestamps[train.upperBound - 1]).description : nil
        )
    }
}

extension TimeSeriesFrame {
    /// The last rows, each with all columns.
    func lastRows(_ count: Int) -> [[Double]] {
        (max(0, rowCount - count)..<rowCount).map { row in columns.map { $0[row] } }
    }
}
