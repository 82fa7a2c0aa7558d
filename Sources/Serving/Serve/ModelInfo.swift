// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation

/// What is said of a model, without asking it.
struct ModelInfo: Sendable {
    /// `{"models": [...]}`.
    let list: [UInt8]
    /// `{"name": ..., "ready": true}`.
    let ready: [UInt8]
    /// The metadata of the server.
    let server: [UInt8]
    private let described: Metadata

    /// What the server says of its own version: the one of the API.
    static let serverVersion = "v1alpha1"

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
        var version = ModelInfo.serverVersion
        var extensions = InferenceV2.extensions
    }

    private struct Indexed: Encodable {
        var name: String
        var version: String
        var state: String
        var reason = ""
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
        if shape.future > 0 {
            let sizes = [-1, shape.horizon, shape.future]
            inputs.append(Tensor(name: FutureRows.name, datatype: datatype, shape: sizes))
        }
        for column in model.groups?.groupBy ?? [] {
            inputs.append(Tensor(name: column, datatype: "BYTES", shape: [-1]))
        }
        var outputs = [Tensor(name: InferenceV2.output, datatype: datatype, shape: [-1, shape.horizon, shape.targets])]
        if let quantiles = model.forecaster.intervals?.quantiles {
            let sizes = [-1, shape.horizon, shape.targets, quantiles.count]
            outputs.append(Tensor(name: InferenceV2.quantiles, datatype: datatype, shape: sizes))
        }
        list = Self.encode(Models(models: [model.name]))
        ready = Self.encode(Ready(name: model.name))
        server = Self.encode(Server())
        described = Metadata(
            name: model.name,
            versions: [model.version],
            platform: "almanac_\(model.kind.lowercased())",
            inputs: inputs,
            outputs: outputs
        )
    }

    /// The metadata of the model, which name all versions that there are.
    func metadata(versions: [String]) -> [UInt8] {
        var metadata = described
        metadata.versions = versions
        return Self.encode(metadata)
    }

    /// All versions with their state, as model repositories list them.
    static func index(name: String, versions: [String], isReady: Bool) -> [UInt8] {
        let state = isReady ? "READY" : "UNAVAILABLE"
        return encode(versions.map { Indexed(name: name, version: $0, state: state) })
    }

    private static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and whole numbers always encode.
        return (try? encoder.encode(value)).map(Array.init) ?? Array("{}".utf8)
    }
}
