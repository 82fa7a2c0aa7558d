// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Tensor

/// What a training goes on from after an interruption: one safetensors file.
///
/// The best epoch's parameters lie there under the reference's names, so the file can also be imported as a model; all
/// else has names that begin with `resume.`.
struct InformerCheckpoint {
    private static let stateKey = "almanac.state"
    private static let fingerprintKey = "almanac.fingerprint"
    private static let own = "resume."

    let fingerprint: String
    let state: InformerCourse.State
    let best: [NamedTensor]
    /// The parameters after the last epoch.
    let present: [[Float]]
    let optimizer: Adam.State

    init(
        fingerprint: String,
        state: InformerCourse.State,
        best: [NamedTensor],
        present: [[Float]],
        optimizer: Adam.State
    ) {
        self.fingerprint = fingerprint
        self.state = state
        self.best = best
        self.present = present
        self.optimizer = optimizer
    }

    /// A digest of all that decides how a training goes.
    static func fingerprint(
        _ configuration: InformerConfiguration,
        _ training: InformerTraining,
        _ windows: InformerWindows,
        starts: [[Int]],
        threads: Int
    ) throws(ForecastingError) -> String {
        struct Facts: Encodable {
            let configuration: InformerConfiguration
            let training: InformerTraining
            let windows: String
            let starts: [[Int]]
            let threads: Int
        }
        let facts = Facts(
            configuration: configuration,
            training: training,
            windows: try windows.digest(),
            starts: starts,
            threads: threads
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let bytes = try? encoder.encode(facts) else {
            throw .invalidShape(reason: "a hyperparameter is not finite")
        }
        return try SHA256Hasher.digest(of: Array(bytes))
    }

    // MARK: File

    /// The file's bytes.
    func encoded() throws(ForecastingError) -> [UInt8] {
        func flat(_ name: String, _ elements: [Float]) -> NamedTensor {
            NamedTensor(name: Self.own + name, shape: [elements.count], values: .float32(elements))
        }
        let tensors =
            best + present.enumerated().map { flat("present.\($0)", $1) } + [
                flat("adam.first", optimizer.firstMoments), flat("adam.second", optimizer.secondMoments),
                NamedTensor(name: Self.own + "adam.steps", shape: [1], values: .int64([Int64(optimizer.steps)])),
            ]
        guard let state = try? JSONEncoder().encode(state) else {
            throw .invalidSafetensors(reason: "the state of the training cannot be written")
        }
        let metadata = [
            Self.stateKey: String(decoding: state, as: UTF8.self), Self.fingerprintKey: fingerprint,
        ]
        return try SafetensorsFile(tensors: tensors, metadata: metadata).encoded()
    }

    /// Reads a file that this very training has left.
    /// - Throws: `ForecastingError.invalidSafetensors` for a damaged file, or one of another training.
    init(decoding bytes: [UInt8], fingerprint: String) throws(ForecastingError) {
        let file = try SafetensorsFile(decoding: bytes)
        guard file.metadata[Self.fingerprintKey] == fingerprint else {
            throw .invalidSafetensors(reason: "it is of other data, settings or number of threads")
        }
        guard let text = file.metadata[Self.stateKey],
            let state = try? JSONDecoder().decode(InformerCourse.State.self, from: Data(text.utf8))
        else { throw .invalidSafetensors(reason: "it holds no state of a training") }
        let byName = Dictionary(file.tensors.map { ($0.name, $0.values) }) { first, _ in first }
        func floats(_ name: String) -> [Float]? {
            if case .float32(let elements)? = byName[Self.own + name] { elements } else { nil }
        }
        guard let first = floats("adam.first"), let second = floats("adam.second"), first.count == second.count,
            case .int64(let steps)? = byName[Self.own + "adam.steps"], steps.count == 1
        else { throw .invalidSafetensors(reason: "it holds no state of the optimiser") }
        self.fingerprint = fingerprint
        self.state = state
        best = file.tensors.filter { !$0.name.hasPrefix(Self.own) }
        present = (0..<file.tensors.count).lazy.map { floats("present.\($0)") }.prefix { $0 != nil }.compactMap { $0 }
        optimizer = Adam.State(steps: Int(steps[0]), firstMoments: first, secondMoments: second)
    }

    /// Throws unless all tensors have the sizes of these.
    func requireFit(_ snapshot: [[Float]], best: [NamedTensor]) throws(ForecastingError) {
        let sizes = Dictionary(best.map { ($0.name, $0.shape) }) { first, _ in first }
        guard present.map(\.count) == snapshot.map(\.count), optimizer.firstMoments.count == snapshot.first?.count,
            self.best.count == best.count, self.best.allSatisfy({ sizes[$0.name] == $0.shape })
        else { throw .invalidSafetensors(reason: "its tensors have other shapes than the model's") }
    }
}
