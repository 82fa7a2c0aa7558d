// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// The checkpoint of a training, in the run's folder of the store: an attempt that was evicted leaves it to the next. Where
/// each series has a model of its own, each training has a file.
struct RunCheckpoints: FitCheckpoints {
    static let fileName = "checkpoint.safetensors"

    private let store: ArtifactStore
    private let namespace: String
    private let run: String
    private var name = Self.fileName

    init(_ context: StepContext) {
        store = context.store
        namespace = context.request.namespace
        run = context.request.run
    }

    var location: String { "runs/\(namespace)/\(run)/\(name)" }

    func part(_ number: Int) -> any FitCheckpoints { of(number) }

    private func of(_ number: Int) -> RunCheckpoints {
        var part = self
        part.name = "checkpoint-\(number).safetensors"
        return part
    }

    func load() throws(ForecastingError) -> [UInt8]? {
        do throws(ForecastingError) {
            return try store.readRunFile(name, namespace: namespace, run: run)
        } catch {
            if case .artifactNotFound = error { return nil }
            throw error
        }
    }

    func save(_ bytes: [UInt8]) throws(ForecastingError) {
        try store.writeRunFile(name, namespace: namespace, run: run, bytes: bytes)
    }

    /// Removes all checkpoints of a model, once it is published.
    func remove(of model: PanelForecaster) throws(ForecastingError) {
        try remove()
        guard model.scope == .local, model.common.model.configuration.usesValidation else { return }
        for number in model.keys.indices { try of(number).remove() }
    }

    private func remove() throws(ForecastingError) {
        try store.removeRunFile(name, namespace: namespace, run: run)
    }
}
