// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Parquet

/// Damaged files of all kinds: each is read or refused, and none ends the process.
@Suite("Damaged Parquet files")
struct ParquetFuzzTests {
    /// Small, so that a claim of more is refused before it could be met.
    private static let limits = ParquetLimits(
        footerBytes: 1 << 20,
        pageBytes: 1 << 20,
        rowGroupRows: 1 << 12,
        textBytes: 1 << 20
    )

    private static func files() throws -> [[UInt8]] {
        try FileManager.default.contentsOfDirectory(at: Reference.folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "parquet" }
            .sorted { $0.path < $1.path }
            .map { Array(try Data(contentsOf: $0)) }
    }

    /// Opens a file and reads some of its columns; returns whether it was refused.
    private static func isRefused(
        _ bytes: [UInt8],
        _ columns: Int,
        _ random: inout SeededRandom
    ) async -> Bool {
        do throws(ParquetError) {
            let file = try await ParquetFile(ParquetBytes(bytes, name: "fuzz"), limits: limits)
            let names = file.columns.map(\.name)
            for _ in 0..<min(columns, names.count) {
                let name = random.pick(names)
                _ = try file.rowGroups(holding: 0...1, in: name)
                for group in file.rowGroups.indices {
                    let values = try await file.read(rowGroup: group, columns: [name])
                    _ = values[0].numbers()
                    _ = values[0].seconds()
                    if values[0].count > 0 { _ = values[0].text(values[0].count - 1) }
                }
            }
            return false
        } catch {
            return !error.description.isEmpty
        }
    }

    private static func mutate(_ file: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = file
        // The footer and the pages' headers are a small part of the file, and most of what can go wrong.
        let footer = bytes.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        let footerStart = max(4, bytes.count - 8 - footer)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let area = random.chance(30) ? footerStart..<bytes.count : 0..<footerStart
            let place = Int.random(in: area, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = random.pick([0, 1, 0x7F, 0x80, 0xFF])
            case 2: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 3:
                for index in place..<min(place + 9, bytes.count) { bytes[index] = 0xFF }
            default:
                let source = Int.random(in: bytes.indices, using: &random)
                for index in 0..<min(16, bytes.count - max(source, place)) {
                    bytes[place + index] = bytes[source + index]
                }
            }
        }
        return bytes
    }

    @Test("thousands of files with changed bytes are read or refused")
    func mutations() async throws {
        let files = try Self.files()
        var random = SeededRandom(seed: 2026)
        var refused = 0
        let cases = 4000
        for _ in 0..<cases {
            let bytes = Self.mutate(random.pick(files), &random)
            if await Self.isRefused(bytes, 8, &random) { refused += 1 }
            #expect(ParquetFuzzing.fuzzFile(bytes))
        }
        #expect(refused > cases / 20)
        #expect(refused < cases)
    }

    @Test("changed pages of every encoding are decoded or refused")
    func pages() async throws {
        var random = SeededRandom(seed: 2027)
        let rows = 150
        let table = RandomTable(rows: rows, using: &random)
        for encoding in ParquetWriter.Options.Encoding.allCases {
            for column in table.values {
                let options = ParquetWriter.Options(codec: .uncompressed, encoding: encoding, pageRows: 60)
                var encoder = ChunkEncoder(column: column.column, options: options)
                _ = try encoder.encode(column, offset: 4)
                for _ in 0..<25 {
                    var bytes = Self.withoutChecksums(encoder.bytes)
                    for _ in 0..<Int.random(in: 1...3, using: &random) {
                        let place = Int.random(in: bytes.indices, using: &random)
                        bytes[place] = random.chance(50) ? random.pick([0, 0x7F, 0x80, 0xFF]) : bytes[place] ^ 4
                    }
                    if random.chance(20) { bytes.removeLast(Int.random(in: 1...bytes.count, using: &random)) }
                    let part = ColumnPart(
                        input: ParquetBytes(bytes),
                        column: column.column,
                        place: ParquetPlace(file: "fuzz"),
                        codec: .uncompressed,
                        range: 0..<Int64(bytes.count),
                        rows: rows,
                        limits: Self.limits
                    )
                    if case .success(let values) = await part.outcome() {
                        #expect(values.count == rows)
                        _ = (0..<rows).map { values.text($0) }
                    }
                }
            }
        }
    }

    /// The same pages with headers that have no checksum, so that changes are not found by it.
    private static func withoutChecksums(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                var reader = ThriftReader(UnsafeRawBufferPointer(rebasing: rest))
                guard var header = try? PageHeader(&reader) else { return }
                header.checksum = nil
                result += header.encoded()
                let start = rest.startIndex + reader.position
                result += rest[start..<start + Int(header.packedBytes)]
                rest = rest[(start + Int(header.packedBytes))...]
            }
        }
        return result
    }

    @Test("every beginning of a file is refused")
    func truncations() async throws {
        var random = SeededRandom(seed: 5)
        for file in try Self.files() {
            for length in stride(from: 0, to: file.count, by: 499) {
                #expect(await Self.isRefused(Array(file.prefix(length)), 1, &random))
            }
        }
    }

    @Test("random bytes between the magic numbers are refused")
    func noise() async {
        var random = SeededRandom(seed: 6)
        for _ in 0..<2000 {
            let length = Int.random(in: 0..<200, using: &random)
            let footer = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let bytes = Array("PAR1".utf8) + footer + [UInt8(length), 0, 0, 0] + Array("PAR1".utf8)
            #expect(await Self.isRefused(bytes, 1, &random))
        }
    }
}
