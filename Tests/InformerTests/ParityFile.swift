// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Forecasting
@testable import Tensor

/// A run of the reference implementation: its configuration, inputs, weights, gradients and results.
///
/// Read by code of its own, so that a fault of our reader of safetensors cannot hide.
struct ParityFile: CustomTestStringConvertible, Sendable {
    struct Entry: Sendable {
        let type: String
        let sizes: [Int]
        let bytes: Data
    }

    let name: String
    let settings: [String: Double]
    let texts: [String: String]
    let entries: [String: Entry]

    var testDescription: String { name }

    /// The folder with the files: ALMANAC_PARITY_DIR, or shared/parity/informer beside a folder above this one.
    static let folder: String? = {
        if let given = ProcessInfo.processInfo.environment["ALMANAC_PARITY_DIR"] { return given }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("shared/parity/informer").path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
        }
        return nil
    }()

    static let all: [ParityFile] = {
        guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            print("Informer parity is skipped: set ALMANAC_PARITY_DIR to the folder with the reference's outputs")
            return []
        }
        return names.filter { $0.hasSuffix(".safetensors") }.sorted().compactMap { try? ParityFile("\(folder)/\($0)") }
    }()

    init(_ path: String) throws {
        name = (path as NSString).lastPathComponent
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let object = try JSONSerialization.jsonObject(with: data[8..<(8 + length)])
        var header = try #require(object as? [String: [String: Any]])
        let metadata = header.removeValue(forKey: "__metadata__")?["config"] as? String ?? ""
        let config = try JSONSerialization.jsonObject(with: Data(metadata.utf8)) as? [String: Any] ?? [:]
        settings = config.compactMapValues { ($0 as? NSNumber)?.doubleValue }
        texts = config.compactMapValues { $0 as? String }
        entries = try header.mapValues { entry in
            let offsets = try #require(entry["data_offsets"] as? [Int])
            return Entry(
                type: entry["dtype"] as? String ?? "",
                sizes: entry["shape"] as? [Int] ?? [],
                bytes: data[(8 + length + offsets[0])..<(8 + length + offsets[1])]
            )
        }
    }

    func floats(_ name: String) throws -> NamedElements {
        let entry = try #require(entries[name], "\(name) is not in \(self.name)")
        try #require(entry.type == "F32")
        let elements = entry.bytes.withUnsafeBytes { raw in
            (0..<(raw.count / 4)).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
        return NamedElements(name: name, sizes: entry.sizes, elements: elements)
    }

    func tensor(_ name: String, _ engine: Engine) throws -> Tensor {
        let found = try floats(name)
        return engine.tensor(found.elements, found.sizes)
    }

    func indices(_ name: String, _ engine: Engine) throws -> Indices {
        let entry = try #require(entries[name], "\(name) is not in \(self.name)")
        try #require(entry.type == "I32")
        let elements = entry.bytes.withUnsafeBytes { raw in
            (0..<(raw.count / 4)).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
        }
        return engine.indices(elements, entry.sizes)
    }

    /// All tensors whose names begin with `prefix`, without it.
    func all(_ prefix: String) throws -> [NamedElements] {
        try entries.keys.filter { $0.hasPrefix(prefix) }.sorted().map { name in
            let found = try floats(name)
            return NamedElements(
                name: String(name.dropFirst(prefix.count)),
                sizes: found.sizes,
                elements: found.elements
            )
        }
    }

    func configuration() throws -> InformerConfiguration {
        func number(_ name: String) throws -> Int { Int(try #require(settings[name], "\(name) is not configured")) }
        var result = InformerConfiguration(
            inputs: try number("enc_in"),
            outputs: try number("c_out"),
            marks: try #require(entries["x_mark_enc"]).sizes[2],
            lookback: try number("seq_len"),
            labelLength: try number("label_len"),
            horizon: try number("pred_len")
        )
        result.decoderInputs = try number("dec_in")
        result.dModel = try number("d_model")
        result.heads = try number("n_heads")
        result.encoderLayers = try number("e_layers")
        result.decoderLayers = try number("d_layers")
        result.feedForward = try number("d_ff")
        result.factor = try number("factor")
        result.dropout = settings["dropout"] ?? 0
        result.distilling = settings["distil"] != 0
        result.mixing = settings["mix"] != 0
        result.attention = texts["attn"] == "full" ? .full : .probSparse
        result.activation = texts["activation"] == "relu" ? .relu : .gelu
        let embeddings: [String: InformerConfiguration.Embedding] = [
            "timeF": .timeFeatures, "fixed": .fixed, "learned": .learned,
        ]
        result.embedding = try #require(embeddings[texts["embed"] ?? "timeF"])
        return result
    }
}
