// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import Testing

/// The weights of a run of the authors' PyTorch code, and the settings that they were made with.
struct ParityWeights {
    /// The file of the small model of one column; nil where it is not there.
    static let path: String? = {
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let name = "shared/parity/informer/univariate_12_12_6.safetensors"
            let candidate = folder.appendingPathComponent(name).path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
        }
        return nil
    }()

    private struct Entry: Decodable {
        let dtype: String?
        let shape: [Int]?
        let data_offsets: [Int]?
    }

    /// The state dict under its own names.
    let tensors: [NamedTensor]

    init() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: #require(Self.path)))
        let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONDecoder().decode([String: Entry].self, from: data[8..<(8 + length)])
        tensors = header.sorted { $0.key < $1.key }.compactMap { name, entry in
            guard name.hasPrefix("weights."), let shape = entry.shape, let places = entry.data_offsets else {
                return nil
            }
            let bytes = [UInt8](data[(8 + length + places[0])..<(8 + length + places[1])])
            let values = stride(from: 0, to: bytes.count, by: 4).map { at in
                Float(bitPattern: bytes[at..<(at + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) })
            }
            return NamedTensor(name: String(name.dropFirst(8)), shape: shape, values: .float32(values))
        }
    }
}
