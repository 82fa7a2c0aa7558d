// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import WorkerRuntime

/// A loaded model and the names that clients use for it.
struct ServedModel: Sendable {
    /// The model's name in URLs.
    var name: String
    /// Its version.
    var version: String
    /// Kind of the model, for instance `NLinear`.
    let kind: String
    /// The model with its preprocessing; of several series, that of the first, for what all of them have in common.
    let forecaster: Forecaster
    /// The series that requests choose from; nil where there is but one.
    let groups: ServedGroups?
    /// A history of the first series to try it with, from its artifact; no rows where there is none.
    var exampleRows: [[Double]] = []
    /// The columns that must be known ahead in the rows behind the example; no rows where there are none.
    var exampleFuture: [[Double]] = []
    /// The time of the example's last row in seconds since 1970: by default, the beginning of 2026.
    var exampleEnd: Int64 = 1_767_225_600

    /// Computes the forecasts of several requests together; nil for each by itself.
    var batcher: MicroBatcher?

    /// What takes its forecasts, to be compared with what comes true; nil for nothing.
    var memory: ForecastMemory?

    /// Beyond this many multiplications a batch is computed on a thread of its own: about a millisecond of work.
    private static let inlineWork = 4_000_000
    /// So many are computed between two looks at whether anybody still waits: about ten milliseconds.
    private static let pieceWork = 40_000_000

    /// A model of one or several series, without an example.
    init(name: String, version: String, kind: String, panel: PanelForecaster) {
        (self.name, self.version, self.kind) = (name, version, kind)
        (forecaster, groups) = (panel.common, ServedGroups(panel))
    }

    /// The forecasters of all series.
    var panel: PanelForecaster { groups?.panel ?? PanelForecaster(forecaster) }

    /// What goes in and what comes out, in original units.
    var shape: WindowShape { forecaster.historyShape }
    /// The bodies of KServe's V1 protocol for this model.
    var v1: InferenceV1 {
        InferenceV1(
            shape: shape,
            needsTimes: forecaster.usesTimes,
            takesGaps: forecaster.fillsGaps,
            futureColumns: forecaster.futureColumns,
            groups: groups
        )
    }
    /// The bodies of the Open Inference Protocol v2 for this model.
    var v2: InferenceV2 {
        InferenceV2(
            shape: shape,
            needsTimes: forecaster.usesTimes,
            takesGaps: forecaster.fillsGaps,
            intervals: forecaster.intervals,
            futureColumns: forecaster.futureColumns,
            groups: groups
        )
    }

    /// What readers and writers of tables need to know.
    var series: ServedSeries {
        ServedSeries(
            shape: shape,
            columns: forecaster.columns,
            frequency: forecaster.frequency,
            usesTimes: forecaster.usesTimes,
            takesGaps: forecaster.fillsGaps,
            intervals: forecaster.intervals,
            groups: groups
        )
    }

    /// A history to try the model with.
    var example: HistoryExample { HistoryExample(exampleRows, future: exampleFuture, end: exampleEnd, of: series) }

    /// Forecasts a batch, [batch x horizon x targets] in original units.
    ///
    /// - Parameter admission: Where and until when it may wait; nil for as long as it likes.
    /// - Throws: `ServingError.queueFull`, `timedOut`; what a forecast throws.
    func forecast(_ history: HistoryBatch, _ admission: ForecastAdmission? = nil) async throws -> [Double] {
        let forecasts = try await batched(history, admission)
        memory?.note(history, forecasts, of: self)
        return forecasts
    }

    private func batched(_ history: HistoryBatch, _ admission: ForecastAdmission?) async throws -> [Double] {
        guard let batcher else { return try await admitted(history, admission) }
        return try await batcher.forecast(history) { try await admitted($0, admission) }
    }

    private func admitted(_ history: HistoryBatch, _ admission: ForecastAdmission?) async throws -> [Double] {
        guard let admission else { return try await compute(history, nil) }
        return try await admission.gate.pass(admission.budget) { try await compute(history, admission.budget) }
    }

    private func compute(_ history: HistoryBatch, _ budget: ForecastBudget?) async throws -> [Double] {
        let work = history.batch.multipliedReportingOverflow(by: forecaster.model.work)
        if !work.overflow, work.partialValue <= Self.inlineWork {
            return try forecastNow(history)
        }
        let most = max(1, Self.pieceWork / max(1, forecaster.model.work))
        var forecasts: [Double] = []
        forecasts.reserveCapacity(history.batch * shape.outputCount)
        for start in stride(from: 0, to: history.batch, by: most) {
            try budget?.check()
            let piece = history.piece(start..<min(start + most, history.batch), of: shape)
            forecasts += try await LongWork.compute { try forecastNow(piece) }
        }
        return forecasts
    }

    private func forecastNow(_ history: HistoryBatch) throws(ForecastingError) -> [Double] {
        let (values, future, ends) = (history.values, history.future, history.ends)
        guard let panel = groups?.panel else {
            return try forecaster.forecast(history: values, future: future, ends: ends, batch: history.batch)
        }
        return try panel.forecast(
            history: values,
            future: future,
            ends: ends,
            series: history.series,
            batch: history.batch
        )
    }

    /// Loads a model with all digests verified, and lets it forecast from the example in its artifact: what is loaded and
    /// cannot forecast must not count as ready.
    ///
    /// - Parameters:
    ///   - uri: `models/<namespace>/<pipeline>/<version>`, below the store's root; with the bucket before it where the
    ///     store is one.
    ///   - name: The name for clients; nil for the pipeline's.
    ///   - calls: How many forecasts are computed at a time.
    /// - Throws: `ServingError.forecastNotFinite`; what `ArtifactStore.address`, `load` and a forecast throw.
    static func load(_ uri: String, store: ArtifactStore, name: String?, calls: Int = 1) throws -> ServedModel {
        let address = try store.address(ofURI: uri)
        let artifact = try store.load(address)
        var model = ServedModel(
            name: name ?? address.pipeline,
            version: address.version,
            kind: artifact.manifest.model.configuration.kind,
            panel: try artifact.panelForecaster(calls: calls)
        )
        model.exampleRows = artifact.manifest.inputExample
        model.exampleFuture = artifact.manifest.futureExample ?? []
        if let end = try? HistoryEnd.seconds(artifact.manifest.origin.data.to, "data") { model.exampleEnd = end }
        let forecast = try model.forecaster.forecast(
            history: model.exampleRows.flatMap(\.self),
            future: model.exampleFuture.flatMap(\.self),
            ends: model.forecaster.usesTimes ? [model.exampleEnd] : []
        )
        guard forecast.allSatisfy(\.isFinite) else { throw ServingError.forecastNotFinite }
        return model
    }
}
