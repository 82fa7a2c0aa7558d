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
        let ahead = dataset.ahead
        let forecast = try await LongWork.compute { try Self.forecast(request, forecaster, frame, ahead) }
        let train = try spec.dataSplit(frame.timestamps).train
        let season = try spec.seasonLength()
        let profile = try await LongWork.compute {
            try TrainingProfile(of: frame, train: train, for: forecaster, seasonLength: season)
        }
        let example = try forecaster.lastHistory(of: frame)
        let artifact = try Artifact(
            forecaster: PanelForecaster(forecaster),
            evaluation: report,
            profiles: [profile],
            inputExample: example,
            futureExample: forecaster.futureExample(ahead, behind: example),
            origin: context.origin(of: dataset)
        )
        let finished = context
        let status = try await LongWork.finish {
            if let forecast { try finished.writeRunFile(ForecastFile.name, KubeJSON.encoder().encode(forecast)) }
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
            let columns = forecaster.futureColumns.joined(separator: ", ")
            context.report(.publish, "there is no forecast: the source does not hold \(columns) for the rows ahead")
        }
        // Not before: an attempt that follows because of a place that was down takes the training up where it ended.
        try await LongWork.finish { try RunCheckpoints(finished).remove(of: PanelForecaster(forecaster)) }
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

    /// The forecast beyond the data; nil where it needs columns that the source does not hold for these rows, and nobody is
    /// to get it.
    private static func forecast(
        _ request: StepRequest,
        _ forecaster: Forecaster,
        _ frame: TimeSeriesFrame,
        _ ahead: TimeSeriesFrame?
    ) throws -> ForecastFile? {
        let (rows, targets, shape) = (frame.rowCount, forecaster.targets, forecaster.historyShape)
        let window = max(0, rows - shape.lookback)..<rows
        let last = frame.timestamps.last ?? 0
        var future: [Double] = []
        if shape.future > 0 {
            guard let ahead, (try? request.spec.requireKnown(ahead, behind: last)) != nil else { return nil }
            future = (0..<shape.horizon).flatMap { row in ahead.columns.suffix(shape.future).map { $0[row] } }
        }
        let values = try forecaster.forecast(history: frame.rowMajor(window), future: future, ends: [last])
        let seen = try forecaster.lastHistory(of: frame)
        let times = forecaster.frequency.instants(after: last, count: forecaster.historyShape.horizon)
        var history: [String: [Double]] = [:]
        var predicted: [String: [Double]] = [:]
        for (index, name) in frame.names.enumerated() { history[name] = seen.map { $0[index] } }
        for (index, name) in targets.enumerated() {
            predicted[name] = times.indices.map { values[$0 * targets.count + index] }
        }
        func dates(_ seconds: some Sequence<Int64>) -> [Date] {
            seconds.map { Date(timeIntervalSince1970: Double($0)) }
        }
        let (known, past) = (forecaster.futureColumns, frame.names.dropFirst(targets.count).dropLast(shape.future))
        // As in the history, what the file holds has no gaps.
        let complete = try forecaster.completed(ahead: future, history: frame.rowMajor(window), end: last)
        var told: [String: [Double]] = [:]
        for (index, name) in known.enumerated() {
            told[name] = (0..<shape.horizon).map { complete[$0 * known.count + index] }
        }
        return ForecastFile(
            pipeline: request.pipeline,
            version: request.version,
            frequency: forecaster.frequency.description,
            targets: targets,
            pastCovariates: past.isEmpty ? nil : Array(past),
            futureCovariates: known.isEmpty ? nil : known,
            history: .init(times: dates(frame.timestamps[window]), values: history),
            forecast: .init(times: dates(times), values: predicted),
            quantiles: forecaster.intervals.map { $0.forecastFile(values, targets: targets) },
            known: known.isEmpty ? nil : .init(times: dates(times), values: told)
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
