// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation

/// The answers that never change while a model is served.
struct ModelInfo: Sendable {
    /// `{"models": [...]}`.
    let list: [UInt8]
    /// `{"name": ..., "ready": true}`.
    let ready: [UInt8]
    /// The metadata of the server.
    let server: [UInt8]
    /// The metadata of the model.
    let metadata: [UInt8]

    private struct Tensor: Encodable {
        var name: String
        var datatype: String
        var shape: [Int]
    }

    private struct Models: Encodable { var models: [String] }

    private struct Ready: Encodable {
        var name: String
        var ready = true
    }

    private struct Server: Encodable {
        var name = "almanac"
        var version = "v1alpha1"
        var extensions: [String] = []
    }

    private struct Metadata: Encodable {
        var name: String
        var versions: [String]
        var platform: String
        var inputs: [Tensor]
        var outputs: [Tensor]
    }

    init(model: ServedModel) {
        let shape = model.shape
        let datatype = InferenceV2.Datatype.fp64.rawValue
        // -1 stands for a size that each request chooses.
        var inputs = [Tensor(name: InferenceV2.input, datatype: datatype, shape: [-1, shape.lookback, shape.channels])]
        if model.forecaster.usesTimes { inputs.append(Tensor(name: HistoryEnd.name, datatype: "INT64", shape: [-1])) }
        list = Self.encode(Models(models: [model.name]))
        ready = Self.encode(Ready(name: model.name))
        server = Self.encode(Server())
        metadata = Self.encode(
            Metadata(
                name: model.name,
                versions: [model.version],
                platform: "almanac_\(model.kind.lowercased())",
                inputs: inputs,
                outputs: [
                    Tensor(name: InferenceV2.output, datatype: datatype, shape: [-1, shape.horizon, shape.targets])
                ]
            )
        )
    }

    private static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and whole numbers always encode.
        return (try? encoder.encode(value)).map(Array.init) ?? Array("{}".utf8)
    }
}
