// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore

/// Fits preprocessing and the model on the training rows and stores them as the run's candidate.
struct TrainTask: Sendable {
    /// Returns what came of a training in epochs; nil for other models.
    func run(_ context: inout StepContext) async throws -> TrainingStatus? {
        let spec = context.spec
        let dataset = try await context.dataset()
        let frame = try dataset.frame.selecting(spec.series.columns)
        let split = try spec.dataSplit(frame.timestamps)
        let recipe = try spec.recipe(threads: context.threads, split: split)
        let fitted =
            if let path = context.request.importedWeights {
                try await imported(path, recipe, frame, split, context)
            } else {
                try await trained(recipe, frame, split, context)
            }
        let panel = try await calibrated(fitted.forecaster, frame, split, context)
        let forecaster = panel.common
        let example = try forecaster.lastHistory(of: frame)
        let candidate = try Artifact(
            forecaster: panel,
            evaluation: nil,
            inputExample: example,
            futureExample: forecaster.futureExample(dataset.ahead, behind: example),
            origin: context.origin(of: dataset)
        )
        try await context.keep(candidate, forecaster)
        return fitted.training.map(TrainingStatus.init)
    }

    private func trained(
        _ recipe: ForecasterRecipe,
        _ frame: TimeSeriesFrame,
        _ split: DataSplit,
        _ context: StepContext
    ) async throws -> ForecasterRecipe.PanelFitted {
        let (kind, rows) = (context.spec.model.chosenKinds.first ?? "", split.train.count)
        context.report(.train, "fitting \(kind) on \(rows) rows", rows: rows)
        let checkpoints = RunCheckpoints(context)
        let reporter = TrainingReporter(context)
        let fitted = try await LongWork.compute(waits: true) {
            try recipe.fitted(
                on: Panel(frame),
                rows: [split.train],
                validation: [split.validation],
                checkpoints: checkpoints
            ) { reporter($0) }
        }
        if let training = fitted.training { context.report(.train, Self.summary(training), share: 1) }
        return fitted
    }

    /// The same with the intervals that the specification asks for.
    private func calibrated(
        _ forecaster: PanelForecaster,
        _ frame: TimeSeriesFrame,
        _ split: DataSplit,
        _ context: StepContext
    ) async throws -> PanelForecaster {
        guard let fit = try context.spec.conformalFit() else { return forecaster }
        let validation = split.validation
        let calibrated = try await LongWork.compute {
            try fit.calibrated(forecaster, on: Panel(frame), validation: [validation])
        }
        let windows = calibrated.common.intervals?.windows ?? 0
        context.report(.train, "measured intervals on \(windows) forecasts of the validation rows", share: 1)
        return calibrated
    }

    /// Takes weights that were trained elsewhere; preprocessing is still fitted here.
    private func imported(
        _ path: String,
        _ recipe: ForecasterRecipe,
        _ frame: TimeSeriesFrame,
        _ split: DataSplit,
        _ context: StepContext
    ) async throws -> ForecasterRecipe.PanelFitted {
        context.report(.train, "importing \(path)")
        let forecaster = try await LongWork.compute {
            let data: Data
            do {
                data = try Data(contentsOf: URL(fileURLWithPath: path))
            } catch {
                let reason = (error as NSError).localizedDescription
                throw WorkerError.unreadableWeights(path: path, reason: reason)
            }
            let tensors = try SafetensorsFile(decoding: Array(data)).tensors
            return try recipe.imported(tensors, on: Panel(frame), rows: [split.train])
        }
        return ForecasterRecipe.PanelFitted(forecaster: forecaster, training: nil)
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
        let train = try spec.dataSplit(dataset.frame.timestamps).train
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

extension Forecaster {
    /// The latest history that a table holds, its gaps filled, each row with all columns.
    func lastHistory(of frame: TimeSeriesFrame) throws -> [[Double]] {
        let rows = max(0, frame.rowCount - historyShape.lookback)..<frame.rowCount
        let values = try completed(history: frame.rowMajor(rows), end: frame.timestamps.last ?? 0)
        let width = historyShape.channels
        return rows.indices.map { row in
            let start = (row - rows.lowerBound) * width
            return Array(values[start..<(start + width)])
        }
    }
}
