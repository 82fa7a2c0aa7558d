// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore
import WorkerRuntime

/// Registers the candidate with its metrics under the request's version, forecasts beyond the data, and writes that
/// forecast where the specification wants it.
///
/// A place that does not take the forecast fails the task; the version is registered by then and stays.
struct PublishTask: Sendable {
    /// What the evaluation found, for the gate; nil where another step evaluated.
    var metrics: ModelMetrics?
    var backtest: BacktestStatus?

    func run(_ context: inout StepContext) async throws -> ModelStatus {
        let request = context.request
        let spec = context.spec
        let forecaster = try await context.forecaster()
        let report = try await context.evaluation()
        let dataset = try await context.dataset()
        let panel = try dataset.panel.selecting(forecaster.common.columns)
        let address = try ArtifactAddress(
            namespace: request.namespace,
            pipeline: request.pipeline,
            version: request.version
        )
        context.report(.publish, "registering version \(request.version)")
        let making = RunForecast(request: request, forecaster: forecaster)
        let forecast = try await LongWork.compute { try making.file(panel, ahead: dataset.ahead) }
        let artifact = try await artifact(forecaster, report, panel, dataset, context)
        let finished = context
        let status = try await LongWork.finish {
            if let forecast { try finished.writeRunFile(ForecastFile.name, forecast.encoded()) }
            let published = try finished.store.publish(artifact, as: address)
            // Where the version was there already, its own time counts.
            let manifest = try finished.store.load(address).manifest
            return ModelStatus(
                version: request.version,
                uri: finished.store.uri(of: address),
                digest: published.digest,
                kind: spec.model.chosenKinds.first ?? "",
                trainedTime: KubeTime.parse(manifest.origin.created)
            )
        }
        if let forecast {
            try await write(forecast, context)
        } else {
            let columns = forecaster.common.futureColumns.joined(separator: ", ")
            context.report(.publish, "there is no forecast: the source does not hold \(columns) for the rows ahead")
        }
        // Not before: an attempt that follows because of a place that was down takes the training up where it ended.
        try await LongWork.finish { try RunCheckpoints(finished).remove(of: forecaster) }
        return status
    }

    /// The candidate with what its evaluation found and what later rows are held against.
    private func artifact(
        _ forecaster: PanelForecaster,
        _ report: EvaluationSummary,
        _ panel: Panel,
        _ dataset: StepContext.Dataset,
        _ context: StepContext
    ) async throws -> Artifact {
        let train = try context.spec.panelSplit(panel).train
        let season = try context.spec.seasonLength()
        let profiles = try await LongWork.compute {
            try panel.naming(with: Array(zip(train, forecaster.forecasters))) { series, fitted in
                try TrainingProfile(of: series.frame, train: fitted.0, for: fitted.1, seasonLength: season)
            }
        }
        let example = try forecaster.common.lastHistory(of: panel.series[0].frame)
        return try Artifact(
            forecaster: forecaster,
            evaluation: report,
            profiles: profiles,
            inputExample: example,
            futureExample: forecaster.common.futureExample(dataset.ahead?.first, behind: example),
            origin: context.origin(of: dataset)
        )
    }

    private func write(_ forecast: ForecastFile, _ context: StepContext) async throws {
        guard context.spec.publish?.forecasts?.isEmpty == false else { return }
        guard context.spec.gate?.letsForecastOut(metrics, backtest) ?? true else {
            context.report(.publish, "the forecast is written nowhere: the model did not pass its gate")
            return
        }
        try await ForecastWriting(context: context, forecast: forecast).run()
    }
}
