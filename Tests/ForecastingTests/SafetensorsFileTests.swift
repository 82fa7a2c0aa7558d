// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("Safetensors")
struct SafetensorsFileTests {
    static func sample() throws -> SafetensorsFile {
        try SafetensorsFile(
            tensors: [
                NamedTensor(name: "weight", shape: [2, 3], values: .float32([1, -2, 3.5, 0, .pi, 1e-30])),
                NamedTensor(name: "time", shape: [2], values: .int64([.min, 1_700_000_000])),
                NamedTensor(name: "empty", shape: [0, 4], values: .float64([])),
                NamedTensor(name: "scalar", shape: [], values: .float64([0.1])),
            ],
            metadata: ["frequency": "1h", "né": "\"quoted\""]
        )
    }

    static func file(_ header: String, data: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
            + Array(header.utf8) + [UInt8](repeating: 0, count: data)
    }

    @Test("what is written is read back, and the same tensors give the same bytes")
    func roundTrip() throws {
        let sample = try Self.sample()
        let bytes = try sample.encoded()
        #expect(try SafetensorsFile(decoding: bytes) == sample)
        #expect(try Self.sample().encoded() == bytes)
    }

    @Test("the smallest file of the format is read")
    func knownBytes() throws {
        let bytes = Self.file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: 4)
        let expected = NamedTensor(name: "a", shape: [1], values: .float32([0]))
        #expect(try SafetensorsFile(decoding: bytes).tensors == [expected])
    }

    @Test(
        "headers that lie are refused",
        arguments: [
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
            #"{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[1e99],"data_offsets":[0,4]}}"#,
            #"{"__metadata__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
            #"{"a":"b"}"#, "[]", "", "{",
        ]
    )
    func lies(header: String) {
        #expect(throws: ForecastingError.self) { try SafetensorsFile(decoding: Self.file(header, data: 4)) }
    }

    @Test("mutated, cut and random bytes give an error or a valid file, never a trap")
    func fuzz() throws {
        var generator = SeededRandom(seed: 42)
        let bytes = try Self.sample().encoded()
        for length in 0..<bytes.count {
            #expect(throws: ForecastingError.self) { try SafetensorsFile(decoding: Array(bytes[..<length])) }
        }
        var accepted = 0
        for _ in 0..<4_000 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                mutated[Int.random(in: 0..<mutated.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { mutated.removeLast(Int.random(in: 0...8, using: &generator)) }
            if let file = try? SafetensorsFile(decoding: mutated) {
                accepted += 1
                #expect(try SafetensorsFile(decoding: file.encoded()).metadata == file.metadata)
            }
        }
        #expect(accepted > 0)
        for _ in 0..<1_000 {
            let noise = (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? SafetensorsFile(decoding: noise)
        }
    }

    @Test("SHA-256 gives the digests of FIPS 180-2")
    func digests() throws {
        #expect(
            try SHA256Hasher.digest(of: Array("abc".utf8))
                == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(
            try SHA256Hasher.digest(of: [])
                == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
    }
}
