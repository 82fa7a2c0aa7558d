// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import WorkerRuntime

/// Fetches versions from a store, one at a time, on threads of their own.
struct VersionLoader: Sendable {
    /// Where the versions are.
    let place: StorePlace
    /// How many forecasts are computed at a time, at most.
    let calls: Int

    /// Loads a version, verifies it, and lets it forecast from its example.
    ///
    /// - Parameters:
    ///   - uri: Where its artifact lies.
    ///   - name: The name for clients; nil for the pipeline's.
    ///   - version: What clients call the version; nil for what it is called in the store.
    func load(_ uri: String, name: String?, version: String? = nil) async throws -> ServedModel {
        try await place.withStore { store in
            try await LongWork.finish {
                var model = try ServedModel.load(uri, store: store, name: name, calls: calls)
                if let version { model.version = version }
                return model
            }
        }
    }
}
