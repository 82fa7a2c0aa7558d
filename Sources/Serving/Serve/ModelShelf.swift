// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import HTTPTypes
import Synchronization

/// The models that a process serves: several versions under one name, of which one answers who names none.
///
/// A request takes its model from here once and holds it to its end: a version that is taken off the shelf meanwhile still
/// answers what has begun, and its memory goes with the last such request.
final class ModelShelf: Sendable {
    /// A version with what is said of it. Requests share one and copy none of it: a copy would count references to each of
    /// a model's parts, in memory that all processors write to.
    final class Entry: Sendable {
        /// The loaded model.
        let model: ServedModel
        /// The texts that describe it.
        let info: ModelInfo
        /// What it has answered since the configuration was taken up.
        let traffic = VersionTraffic()

        init(_ model: ServedModel) {
            self.model = model
            info = ModelInfo(model: model)
        }
    }

    private let state = Mutex(ShelfState())

    /// An empty shelf.
    init() {}

    /// A shelf with one version, which answers everything.
    convenience init(_ model: ServedModel) {
        self.init()
        serve(model)
    }

    /// Lets one version answer everything from now on.
    func serve(_ model: ServedModel) {
        let version = ServingConfiguration.Version(version: model.version, uri: "")
        state.withLock { state in
            state.propose(ServingConfiguration(revision: model.version, name: model.name, stable: version))
            state.put(model, as: version)
        }
    }

    /// The name for clients; empty before the first configuration.
    var name: String { state.withLock(\.name) }

    /// Whether anything can be answered.
    var isServing: Bool { state.withLock { $0.served != nil } }

    /// The version that answers requests that name none, but for a canary's share.
    var stable: Entry {
        get throws(ServingError) {
            let (name, found) = state.withLock { ($0.name, $0.served?.stable) }
            guard let found else { throw .notLoaded(name: name) }
            return found
        }
    }

    /// The models that there are, the stable one first.
    var models: [ServedModel] {
        state.withLock { state in
            guard let served = state.served else { return [] }
            let stable = served.stable.model
            let others = served.entries.values.map(\.model).filter { $0.version != stable.version }
            return [stable] + others.sorted { $0.version < $1.version }
        }
    }

    /// Where the stable version lies; nil before there is one.
    var stableURI: String? { state.withLock { $0.served?.configuration.stable.uri } }

    /// A version that is served; nil for any other.
    func model(_ version: String) -> ServedModel? { state.withLock { $0.served?.entries[version]?.model } }

    /// The canary for the stable version, and the stable version for the canary; nil where there is no such pair.
    func counterpart(of version: String) -> ServedModel? {
        state.withLock { state in
            guard let served = state.served, let canary = served.canary else { return nil }
            if version == served.stable.model.version { return canary.model }
            return version == canary.model.version ? served.stable.model : nil
        }
    }

    /// Their versions.
    var versions: [String] { models.map(\.version) }

    /// The model that answers a request.
    ///
    /// - Parameters:
    ///   - name: The model's name in the URL.
    ///   - version: The version in the URL; nil where there is none.
    ///   - splitBy: The headers of a request of which a canary gets its share, one of which may keep a client with one
    ///     version; nil for one that the stable version answers in any case.
    /// - Throws: `ServingError.unknownModel`, `unknownVersion`, `notLoaded`.
    func entry(name: String, version: String? = nil, splitBy headers: HTTPFields? = nil) throws(ServingError) -> Entry {
        try state.withLock { state in state.entry(name: name, version: version, splitBy: headers) }.get()
    }

    /// What the process says of itself; `isReady` is whether it wants requests at all.
    func report(isReady: Bool) -> ServingReport { state.withLock { $0.report(isReady: isReady) } }

    /// Changes what is wanted, or says what became of it.
    func update<Value: Sendable>(_ body: (inout sending ShelfState) -> sending Value) -> Value {
        state.withLock(body)
    }
}
