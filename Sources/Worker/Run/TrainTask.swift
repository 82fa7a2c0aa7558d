// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore
import WorkerRuntime

/// Fits preprocessing and models on the training rows and stores them as the run's candidate.
struct TrainTask: Sendable {
    /// Returns what came of a training in epochs; nil for other models.
    func run(_ context: inout StepContext) async throws -> TrainingStatus? {
        let spec = context.spec
        let dataset = try await context.dataset()
        let panel = try dataset.panel.selecting(spec.series.columns)
        let split = try spec.panelSplit(panel)
        let recipe = try spec.recipe(threads: context.threads, split: split, zones: context.zones)
        let fitted =
            if let path = context.request.importedWeights {
                try await imported(path, recipe, panel, split, context)
            } else {
                try await trained(recipe, panel, split, context)
            }
        let forecaster = try await calibrated(fitted.forecaster, panel, split, context)
        let example = try forecaster.common.lastHistory(of: panel.series[0].frame)
        let candidate = try Artifact(
            forecaster: forecaster,
            evaluation: nil,
            inputExample: example,
            futureExample: forecaster.common.futureExample(dataset.ahead?.first, behind: example),
            origin: context.origin(of: dataset)
        )
        try await context.keep(candidate, forecaster)
        return fitted.training.map(TrainingStatus.init)
    }

    private func trained(
        _ recipe: ForecasterRecipe,
        _ panel: Panel,
        _ split: PanelSplit,
        _ context: StepContext
    ) async throws -> ForecasterRecipe.PanelFitted {
        let (kind, rows) = (context.spec.model.chosenKinds.first ?? "", split.trainRows)
        let series = panel.groupBy.isEmpty ? "" : " of \(panel.series.count) series"
        context.report(.train, "fitting \(kind) on \(rows) rows\(series)", rows: rows)
        let checkpoints = RunCheckpoints(context)
        let reporter = TrainingReporter(context)
        let fitted = try await LongWork.compute(waits: true) {
            try recipe.fitted(
                on: panel,
                rows: split.train,
                validation: split.validation,
                checkpoints: checkpoints
            ) { reporter($0) }
        }
        if let training = fitted.training { context.report(.train, Self.summary(training), share: 1) }
        return fitted
    }

    /// The same with the intervals that the specification asks for.
    private func calibrated(
        _ forecaster: PanelForecaster,
        _ panel: Panel,
        _ split: PanelSplit,
        _ context: StepContext
    ) async throws -> PanelForecaster {
        guard let fit = try context.spec.conformalFit() else { return forecaster }
        let calibrated = try await LongWork.compute {
            try fit.calibrated(forecaster, on: panel, validation: split.validation)
        }
        let windows = calibrated.forecasters.reduce(0) { $0 + ($1.intervals?.windows ?? 0) }
        context.report(.train, "measured intervals on \(windows) forecasts of the validation rows", share: 1)
        return calibrated
    }

    /// Takes weights that were trained elsewhere; preprocessing is still fitted here.
    private func imported(
        _ path: String,
        _ recipe: ForecasterRecipe,
        _ panel: Panel,
        _ split: PanelSplit,
        _ context: StepContext
    ) async throws -> ForecasterRecipe.PanelFitted {
        guard context.spec.model.scope != .local else {
            throw WorkerError.invalidSpec(
                problems: "spec.model.scope: is Local, and a file of weights is one model; leave it out"
            )
        }
        context.report(.train, "importing \(path)")
        let forecaster = try await LongWork.compute {
            let data: Data
            do {
                data = try Data(contentsOf: URL(fileURLWithPath: path))
            } catch {
                let reason = (error as NSError).localizedDescription
                throw WorkerError.unreadableWeights(path: path, reason: reason)
            }
            return try recipe.imported(SafetensorsFile(decoding: Array(data)).tensors, on: panel, rows: split.train)
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
        let train = try spec.panelSplit(dataset.panel).train
        let ends = zip(dataset.panel.series, train).map { $0.frame.timestamps[$1.upperBound - 1] }
        // Of imported weights nobody here knows it.
        let isKnown = request.importedWeights == nil
        return ArtifactManifest.Origin(
            data: dataset.reference,
            created: KubeTime.format(now()),
            producer: "almanac-worker",
            trainedTo: isKnown ? ends.max().map { UTCTime(seconds: $0).description } : nil,
            trainedToBySeries: isKnown && !dataset.panel.groupBy.isEmpty ? ends : nil
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
