// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// A loaded model and the names that clients use for it.
struct ServedModel: Sendable {
    /// The model's name in URLs.
    let name: String
    /// Its version.
    let version: String
    /// Kind of the model, for instance `NLinear`.
    let kind: String
    /// The model with its preprocessing.
    let forecaster: Forecaster
    /// A history to try it with, from its artifact; no rows where there is none.
    var exampleRows: [[Double]] = []
    /// The time of the example's last row in seconds since 1970: by default, the beginning of 2026.
    var exampleEnd: Int64 = 1_767_225_600

    /// Beyond this many multiplications a batch is computed on a thread of its own: about a millisecond of work.
    private static let inlineWork = 4_000_000

    /// What goes in and what comes out, in original units.
    var shape: WindowShape { forecaster.historyShape }
    /// The bodies of KServe's V1 protocol for this model.
    var v1: InferenceV1 { InferenceV1(shape: shape, needsTimes: forecaster.usesTimes) }
    /// The bodies of the Open Inference Protocol v2 for this model.
    var v2: InferenceV2 { InferenceV2(shape: shape, needsTimes: forecaster.usesTimes) }

    /// What readers and writers of tables need to know.
    var series: ServedSeries {
        ServedSeries(
            shape: shape,
            columns: forecaster.columns,
            frequency: forecaster.frequency,
            usesTimes: forecaster.usesTimes
        )
    }

    /// A history to try the model with.
    var example: HistoryExample { HistoryExample(exampleRows, end: exampleEnd, of: series) }

    /// Forecasts a batch, [batch x horizon x targets] in original units.
    func forecast(_ history: HistoryBatch) async throws -> [Double] {
        let work = history.batch.multipliedReportingOverflow(by: forecaster.model.work)
        if !work.overflow, work.partialValue <= Self.inlineWork {
            return try forecaster.forecast(history: history.values, ends: history.ends, batch: history.batch)
        }
        return try await LongWork.compute {
            try forecaster.forecast(history: history.values, ends: history.ends, batch: history.batch)
        }
    }

    /// Loads a model with all digests verified.
    ///
    /// - Parameters:
    ///   - uri: `models/<namespace>/<pipeline>/<version>`, below the store's root; with the bucket before it where the
    ///     store is one.
    ///   - name: The name for clients; nil for the pipeline's.
    ///   - calls: How many forecasts are computed at a time.
    /// - Throws: `WorkerError.invalidModelPath`, and what `ArtifactStore.load` throws.
    static func load(_ uri: String, store: ArtifactStore, name: String?, calls: Int = 1) throws -> ServedModel {
        let address = try store.address(ofURI: uri)
        let artifact = try store.load(address)
        var model = ServedModel(
            name: name ?? address.pipeline,
            version: address.version,
            kind: artifact.manifest.model.configuration.kind,
            forecaster: try artifact.forecaster(calls: calls),
            exampleRows: artifact.manifest.inputExample
        )
        if let end = try? HistoryEnd.seconds(artifact.manifest.origin.data.to, "data") { model.exampleEnd = end }
        return model
    }
}

extension ArtifactStore {
    /// The address of a version by what a status says of where it lies.
    /// - Throws: `WorkerError.invalidModelPath`, also for a version of another store; `ForecastingError.invalidName`.
    func address(ofURI uri: String) throws -> ArtifactAddress {
        guard let path = path(ofURI: uri) else { throw WorkerError.invalidModelPath(uri) }
        return try ArtifactAddress(modelPath: path)
    }
}

extension ArtifactAddress {
    /// The address of a path `models/<namespace>/<pipeline>/<version>`, below the store's root.
    /// - Throws: `WorkerError.invalidModelPath`, `ForecastingError.invalidName`.
    init(modelPath path: String) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "models" else { throw WorkerError.invalidModelPath(path) }
        try self.init(namespace: parts[1], pipeline: parts[2], version: parts[3])
    }
}
