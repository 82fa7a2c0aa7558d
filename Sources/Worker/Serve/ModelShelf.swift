// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The models that a process serves: several versions under one name, of which one answers who names none.
///
/// A request takes its model from here once and holds it to its end: a version that is taken off the shelf meanwhile still
/// answers what has begun.
final class ModelShelf: Sendable {
    /// A version with what is said of it.
    struct Entry: Sendable {
        /// The loaded model.
        let model: ServedModel
        /// The texts that describe it.
        let info: ModelInfo

        init(_ model: ServedModel) {
            self.model = model
            info = ModelInfo(model: model)
        }
    }

    private struct State {
        var stable: Entry
        var others: [String: Entry] = [:]
    }

    /// The name for clients.
    let name: String
    private let state: Mutex<State>

    /// A shelf with one version, which answers everything.
    init(_ model: ServedModel) {
        name = model.name
        state = Mutex(State(stable: Entry(model)))
    }

    /// The version that answers requests that name none.
    var stable: Entry { state.withLock(\.stable) }

    /// The versions that there are, the stable one first.
    var versions: [String] {
        state.withLock { [$0.stable.model.version] + $0.others.keys.sorted() }
    }

    /// The model that answers a request.
    ///
    /// - Parameters:
    ///   - name: The model's name in the URL.
    ///   - version: The version in the URL; nil where there is none.
    /// - Throws: `WorkerError.unknownModel`, `unknownVersion`.
    func entry(name: String, version: String? = nil) throws(WorkerError) -> Entry {
        guard name == self.name else { throw .unknownModel(name: name) }
        let found = state.withLock { state in
            version == nil || version == state.stable.model.version ? state.stable : state.others[version ?? ""]
        }
        guard let found else { throw .unknownVersion(name: name, version: version ?? "") }
        return found
    }
}
