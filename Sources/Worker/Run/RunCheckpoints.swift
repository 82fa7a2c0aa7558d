// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// The checkpoint of a training, in the run's folder of the store: an attempt that was evicted leaves it to the next.
struct RunCheckpoints: FitCheckpoints {
    static let fileName = "checkpoint.safetensors"

    private let store: ArtifactStore
    private let namespace: String
    private let run: String

    init(_ context: StepContext) {
        store = context.store
        namespace = context.request.namespace
        run = context.request.run
    }

    var location: String { "runs/\(namespace)/\(run)/\(Self.fileName)" }

    func load() throws(ForecastingError) -> [UInt8]? {
        do throws(ForecastingError) {
            return try store.readRunFile(Self.fileName, namespace: namespace, run: run)
        } catch {
            if case .artifactNotFound = error { return nil }
            throw error
        }
    }

    func save(_ bytes: [UInt8]) throws(ForecastingError) {
        try store.writeRunFile(Self.fileName, namespace: namespace, run: run, bytes: bytes)
    }

    /// Removes the checkpoint, once the model is published.
    func remove() throws(ForecastingError) {
        try store.removeRunFile(Self.fileName, namespace: namespace, run: run)
    }
}
