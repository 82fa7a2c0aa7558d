// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore

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
        let frame = try dataset.frame.selecting(forecaster.columns)
        let address = try ArtifactAddress(
            namespace: request.namespace,
            pipeline: request.pipeline,
            version: request.version
        )
        context.report(.publish, "registering version \(request.version)")
        let forecast = try await LongWork.compute { try Self.forecast(request, forecaster, frame) }
        let train = try spec.dataSplit(frame.timestamps).train
        let season = try spec.seasonLength()
        let profile = try await LongWork.compute {
            try TrainingProfile(of: frame, train: train, for: forecaster, seasonLength: season)
        }
        let artifact = try Artifact(
            forecaster: forecaster,
            evaluation: report,
            profile: profile,
            inputExample: forecaster.lastHistory(of: frame),
            origin: context.origin(of: dataset)
        )
        let finished = context
        let status = try await LongWork.finish {
            try finished.writeRunFile(ForecastFile.name, KubeJSON.encoder().encode(forecast))
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
        try await write(forecast, context)
        // Not before: an attempt that follows because of a place that was down takes the training up where it ended.
        try await LongWork.finish { try RunCheckpoints(finished).remove() }
        return status
    }

    private func write(_ forecast: ForecastFile, _ context: StepContext) async throws {
        guard context.spec.publish?.forecasts?.isEmpty == false else { return }
        guard context.spec.gate?.letsForecastOut(metrics, backtest) ?? true else {
            context.report(.publish, "the forecast is written nowhere: the model did not pass its gate")
            return
        }
        try await ForecastWriting(context: context, forecast: forecast).run()
    }

    private static func forecast(
        _ request: StepRequest,
        _ forecaster: Forecaster,
        _ frame: TimeSeriesFrame
    ) throws -> ForecastFile {
        let (rows, targets) = (frame.rowCount, forecaster.targets)
        let window = max(0, rows - forecaster.historyShape.lookback)..<rows
        let last = frame.timestamps.last ?? 0
        let values = try forecaster.forecast(history: frame.rowMajor(window), ends: [last])
        let seen = try forecaster.lastHistory(of: frame)
        let times = forecaster.frequency.instants(after: last, count: forecaster.historyShape.horizon)
        var history: [String: [Double]] = [:]
        var ahead: [String: [Double]] = [:]
        for (index, name) in frame.names.enumerated() { history[name] = seen.map { $0[index] } }
        for (index, name) in targets.enumerated() {
            ahead[name] = times.indices.map { values[$0 * targets.count + index] }
        }
        func dates(_ seconds: some Sequence<Int64>) -> [Date] {
            seconds.map { Date(timeIntervalSince1970: Double($0)) }
        }
        return ForecastFile(
            pipeline: request.pipeline,
            version: request.version,
            frequency: forecaster.frequency.description,
            targets: targets,
            pastCovariates: frame.names.count > targets.count ? Array(frame.names.dropFirst(targets.count)) : nil,
            history: .init(times: dates(frame.timestamps[window]), values: history),
            forecast: .init(times: dates(times), values: ahead),
            quantiles: forecaster.intervals.map { $0.forecastFile(values, targets: targets) }
        )
    }
}

extension ForecastIntervals {
    /// The quantiles of one forecast, [horizon x targets], in the form of the contract.
    fileprivate func forecastFile(_ forecast: [Double], targets: [String]) -> [ForecastFile.Quantile] {
        quantiles.enumerated().map { position, probability in
            let values = quantile(position, of: forecast)
            let columns = targets.enumerated().map { target, name in
                (name, stride(from: target, to: values.count, by: targets.count).map { values[$0] })
            }
            return ForecastFile.Quantile(
                probability: probability,
                values: Dictionary(columns) { first, _ in first }
            )
        }
    }
}
