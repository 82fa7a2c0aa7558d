// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// The parameters of an Informer that other software has trained: the state dict of the authors' PyTorch code.
///
/// Names are those of its modules, for instance `encoder.attn_layers.0.attention.query_projection.weight`. A prefix
/// `module.` (DataParallel) is taken off. Passed over is what follows from the settings: position tables and batch norms'
/// counters; and what our own files hold beside parameters: what to go on from, and the bounds of intervals.
struct InformerStateDict {
    private static let derived = [".position_embedding.pe", ".num_batches_tracked"]
    private static let prefix = "module."
    private static let resume = "resume."

    /// The parameters, all of them and no others, as 32-bit numbers.
    let tensors: [NamedTensor]

    /// Takes what is needed from a file's tensors.
    /// - Throws: `ForecastingError`: `incompatibleWeights` with every tensor that is missing, unexpected or of another
    ///   shape, `invalidShape`.
    init(_ stored: [NamedTensor], for configuration: InformerConfiguration) throws(ForecastingError) {
        try configuration.validate()
        let expected: [NamedTensor]
        do throws(TensorError) {
            expected = InformerNetwork(configuration, engine: try Engine(), trainable: false).stored
        } catch {
            throw .fitFailed(model: "Informer", reason: error.description)
        }
        var found: [String: NamedTensor] = [:]
        for tensor in stored {
            let name = tensor.name.hasPrefix(Self.prefix) ? String(tensor.name.dropFirst(7)) : tensor.name
            let isDerived = Self.derived.contains { name.hasSuffix($0) }
            let isOurs = name.hasPrefix(Self.resume) || name == ForecastIntervals.tensorName
            if !isDerived, !isOurs { found[name] = tensor }
        }
        var faults = WeightFaults()
        var result: [NamedTensor] = []
        for wanted in expected {
            guard let tensor = found.removeValue(forKey: wanted.name) else {
                faults.missing.append(wanted.name)
                continue
            }
            guard tensor.shape == wanted.shape, let values = tensor.values.float32 else {
                faults.shapes.append("\(wanted.name) \(tensor.shape) in place of \(wanted.shape)")
                continue
            }
            guard values.allSatisfy(\.isFinite) else {
                faults.notFinite.append(wanted.name)
                continue
            }
            result.append(NamedTensor(name: wanted.name, shape: wanted.shape, values: .float32(values)))
        }
        faults.unexpected = found.keys.sorted()
        guard faults.isEmpty else { throw .incompatibleWeights(faults) }
        tensors = result
    }
}

/// Why tensors are not those of a model.
package struct WeightFaults: Hashable, Sendable, CustomStringConvertible {
    /// Names that the model has and the file has not.
    package var missing: [String] = []
    /// Names that the file has and the model has not.
    package var unexpected: [String] = []
    /// Names with both shapes.
    package var shapes: [String] = []
    /// Names of tensors that hold NaN or infinite numbers.
    package var notFinite: [String] = []

    /// How many names of a kind a message holds.
    private static let mostNames = 5

    var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && shapes.isEmpty && notFinite.isEmpty }

    package var description: String {
        let kinds = [
            ("missing", missing), ("unexpected", unexpected), ("of another shape", shapes), ("not finite", notFinite),
        ]
        return kinds.filter { !$0.1.isEmpty }.map { kind, names in
            let more = names.count > Self.mostNames ? " and \(names.count - Self.mostNames) more" : ""
            return "\(kind): \(names.prefix(Self.mostNames).joined(separator: ", "))\(more)"
        }.joined(separator: "; ")
    }
}

extension NamedTensor.Values {
    /// The elements as 32-bit numbers; nil for whole numbers.
    fileprivate var float32: [Float]? {
        switch self {
        case .float32(let values): values
        case .float64(let values): values.map { Float($0) }
        case .int64: nil
        }
    }
}
