// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("The bytes of several arrays as one file")
struct SegmentedBytesTests {
    /// Some arrays of all types, empty ones too, and their bytes one behind the other.
    private static func sample(_ random: inout SeededRandom) -> (file: SegmentedBytes, bytes: [UInt8]) {
        var file = SegmentedBytes()
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let words = (0..<Int.random(in: 0...9, using: &random)).map { _ in random.next() }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: file.append(.float64(words.map { Double(bitPattern: $0) }))
            case 1: file.append(.int64(words.map { Int64(bitPattern: $0) }))
            case 2:
                file.append(.float32(words.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }))
                bytes += words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
                continue
            default:
                file.append(words.map { UInt8(truncatingIfNeeded: $0) })
                bytes += words.map { UInt8(truncatingIfNeeded: $0) }
                continue
            }
            bytes += words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        }
        return (file, bytes)
    }

    @Test("has the bytes of every range, all of them in order, and their digest", arguments: 0..<50)
    func ranges(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let (file, bytes) = Self.sample(&random)
        #expect(file.count == bytes.count && file.joined == bytes)
        var handedOver: [UInt8] = []
        file.forEach { piece in piece.withUnsafeBytes { handedOver += $0 } }
        #expect(handedOver == bytes)
        #expect(try file.digest() == SHA256Hasher.digest(of: bytes))
        for first in 0...bytes.count {
            let end = Int.random(in: first...bytes.count, using: &random)
            #expect(file[first..<end] == Array(bytes[first..<end]))
        }
    }

    @Test("a digest is that of the whole file, however much of it was read before", arguments: [0, 1, 8, 2_500_000])
    func digesting(read count: Int) throws {
        let bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let file = try DigestingReader(MemoryReader(bytes))
        #expect(try file.bytes(count) == Array(bytes.prefix(count)))
        #expect(try file.digest() == SHA256Hasher.digest(of: bytes))
    }

    /// Fails once in the middle of a call, of whose bytes some are lost, and would then go on.
    private final class Interrupted: ArtifactReader {
        private let base = MemoryReader([UInt8](repeating: 1, count: 100))
        private var hasFailed = false
        static let failure = ForecastingError.storeUnreachable(reason: "the connection broke")

        var size: Int { base.size }

        func read(into buffer: UnsafeMutableRawBufferPointer) throws(ForecastingError) {
            guard !hasFailed else { return try base.read(into: buffer) }
            hasFailed = true
            try base.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(5)))
            throw Self.failure
        }
    }

    @Test("a file whose reading broke off has no digest: it is not said to be damaged, but what broke off")
    func interrupted() throws {
        let file = try DigestingReader(Interrupted())
        #expect(throws: Interrupted.failure) { try file.bytes(10) }
        #expect(throws: Interrupted.failure) { try file.digest() }
    }

    @Test("a file that ends too early is an error and no zeros")
    func short() throws {
        let file = MemoryReader([1, 2, 3, 4, 5, 6, 7, 8, 9])
        #expect(try file.elements(1) as [UInt64] == [0x0807_0605_0403_0201])
        #expect(throws: ForecastingError.self) { try file.elements(1) as [Double] }
    }
}
