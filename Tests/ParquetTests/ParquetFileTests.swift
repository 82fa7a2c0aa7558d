// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import Parquet

/// Notes what is read.
private final class WatchedInput: ParquetInput {
    let name = "watched.parquet"
    private let bytes: ParquetBytes
    private let ranges = Mutex<[Range<Int64>]>([])

    init(_ bytes: [UInt8]) { self.bytes = ParquetBytes(bytes) }

    /// How many bytes were read since the last call.
    func takeCount() -> Int64 {
        ranges.withLock { ranges in
            defer { ranges = [] }
            return ranges.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        }
    }

    func size() async throws(ParquetError) -> Int64 { try await bytes.size() }

    func read(_ range: Range<Int64>) async throws(ParquetError) -> [UInt8] {
        ranges.withLock { $0.append(range) }
        return try await bytes.read(range)
    }
}

@Suite("Opening Parquet files")
struct ParquetFileTests {
    private static let time = ParquetColumn(name: "time", kind: .timestamp(.milliseconds, isUTC: true))
    private static let value = ParquetColumn(name: "value", kind: .double)
    private static let rows = 1000

    /// Three row groups of a thousand minutes each.
    private static func sample() throws -> [UInt8] {
        let options = ParquetWriter.Options(codec: .uncompressed, encoding: .plain, pageRows: 300)
        var writer = try ParquetWriter(columns: [time, value], options: options)
        var bytes: [UInt8] = []
        for group in 0..<3 {
            let first = group * rows
            bytes += try writer.rowGroup([
                ParquetValues(column: time, storage: .int64((first..<first + rows).map { Int64($0) * 60_000 })),
                ParquetValues(column: value, storage: .doubles((first..<first + rows).map { Double($0) })),
            ])
        }
        return bytes + writer.finish()
    }

    /// The file with another footer.
    private static func changed(_ change: (inout FileMetadata) -> Void) throws -> [UInt8] {
        let file = try sample()
        let length = file.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        let footer = Array(file.dropLast(8).suffix(length))
        var metadata = try footer.withUnsafeBytes { try FileMetadata($0) }
        change(&metadata)
        var bytes = Array(file.dropLast(8 + length))
        let encoded = metadata.encoded()
        bytes += encoded
        bytes.appendLittleEndian(UInt32(encoded.count))
        return bytes + Array("PAR1".utf8)
    }

    private func problem(_ bytes: [UInt8], column: String = "value", rowGroup: Int = 1) async -> String {
        do throws(ParquetError) {
            let file = try await ParquetFile(ParquetBytes(bytes, name: "data.parquet"))
            _ = try await file.read(rowGroup: rowGroup, columns: [column])
            return "none"
        } catch {
            return error.description
        }
    }

    @Test("only the footer, and then the bytes of the wanted columns and row groups, are read")
    func pruning() async throws {
        let bytes = try Self.sample()
        let input = WatchedInput(bytes)
        let file = try await ParquetFile(input)
        #expect(input.takeCount() <= 64 << 10)
        #expect(file.rowCount == 3000)
        #expect(file.createdBy == "almanac")
        let values = try await file.read(rowGroup: 2, columns: ["value"])
        #expect(values.first?.numbers() == (2000..<3000).map { Double($0) })
        let read = input.takeCount()
        #expect((8000..<8400).contains(read))
    }

    @Test("row groups that cannot hold a time are passed over")
    func times() async throws {
        let file = try await ParquetFile(ParquetBytes(try Self.sample()))
        #expect(try file.rowGroups(holding: 0...0, in: "time") == [0])
        #expect(try file.rowGroups(holding: 59_940...60_000, in: "time") == [0, 1])
        #expect(try file.rowGroups(holding: 179_940...Int64.max, in: "time") == [2])
        #expect(try file.rowGroups(holding: 179_941...Int64.max, in: "time") == [])
        // The bounds of other columns are not those of times.
        #expect(try file.rowGroups(holding: 0...0, in: "value") == [0, 1, 2])
        let silent = try Self.changed { metadata in metadata.rowGroups[1].columns[0].statistics = nil }
        let other = try await ParquetFile(ParquetBytes(silent))
        #expect(try other.rowGroups(holding: 0...0, in: "time") == [0, 1])
    }

    @Test("what is no Parquet file is told apart from what is a part of one")
    func strangers() async throws {
        let file = try Self.sample()
        #expect(await problem([]) == "data.parquet is not a Parquet file: it is empty")
        #expect(await problem(Array("a,b\n1,2\n".utf8)) == "data.parquet is not a Parquet file: it has only 8 bytes")
        #expect(
            await problem(Array("time,value\n1,2\n3,4\n".utf8))
                == "data.parquet is not a Parquet file: it does not end with PAR1"
        )
        #expect(
            await problem(file.dropLast(100)) == "data.parquet is not a Parquet file: its end is missing; is it whole?"
        )
        let encrypted = file.dropLast() + Array("E".utf8)
        #expect(await problem(Array(encrypted)) == "data.parquet: an encrypted file cannot be read")
        let absurd = file.dropLast(8) + [0xFF, 0xFF, 0xFF, 0xFF] + Array("PAR1".utf8)
        let reason = "it claims a footer of 4294967295 bytes and has \(file.count) in all"
        #expect(await problem(Array(absurd)) == "data.parquet is not a Parquet file: \(reason)")
    }

    @Test("columns that are not there, or nested, are named with what there is")
    func columns() async throws {
        #expect(
            await problem(try Self.sample(), column: "x")
                == "data.parquet: there is no column 'x'; the columns are 'time', 'value'"
        )
        let path = Reference.folder.appendingPathComponent("nested.parquet").path
        let file = try await ParquetFile(try ParquetDiskFile(path: path))
        #expect(file.columns.map(\.name) == ["id", "value"])
        let error = #expect(throws: ParquetError.self) { try file.column("struct") }
        #expect(
            error?.description
                == "\(path): column 'struct' is nested (a list, a map or a structure); only flat columns can be read"
        )
        #expect(throws: ParquetError.unreadable(file: "/no/such", reason: "No such file or directory")) {
            _ = try ParquetDiskFile(path: "/no/such")
        }
        #expect(throws: ParquetError.unreadable(file: "/tmp", reason: "it is not a regular file")) {
            _ = try ParquetDiskFile(path: "/tmp")
        }
    }

    @Test("a changed byte is found by the page's checksum, and the message says where")
    func checksum() async throws {
        var bytes = try Self.sample()
        let file = try await ParquetFile(ParquetBytes(bytes))
        // In the middle of the second row group's values: its second page.
        let chunk = file.metadata.rowGroups[1].columns[1]
        bytes[Int(chunk.dataPageOffset) + 4000] ^= 1
        #expect(
            await problem(bytes)
                == "data.parquet, row group 1, column 'value', page 1: the file is damaged: its checksum is wrong"
        )
        #expect(await problem(bytes, rowGroup: 0) == "none")
    }

    @Test("a footer that claims the impossible, or what cannot be read, is refused with its place")
    func claims() async throws {
        let place = "data.parquet, row group 1, column 'value'"
        let lz4 = try Self.changed { metadata in metadata.rowGroups[1].columns[1].codec = 7 }
        #expect(await problem(lz4) == "\(place): the codec LZ4 cannot be read")
        let far = try Self.changed { metadata in metadata.rowGroups[1].columns[1].dataPageOffset = .max }
        #expect(
            await problem(far)
                == "\(place): the file is damaged: it claims to lie outside of the file; is a part of the file missing?"
        )
        let many = try Self.changed { metadata in
            metadata.rowCount += 1 << 40
            metadata.rowGroups[1].rowCount += 1 << 40
            metadata.rowGroups[1].columns[1].valueCount += 1 << 40
        }
        #expect(await problem(many) == "\(place): it has \(1000 + (1 << 40)) rows, more than \(64 << 20)")
        let more = try Self.changed { metadata in
            metadata.rowCount += 5
            metadata.rowGroups[1].rowCount += 5
            metadata.rowGroups[1].columns[1].valueCount += 5
        }
        #expect(await problem(more).hasPrefix("\(place), page 4: the file is damaged: "))
        let total = try Self.changed { metadata in metadata.rowCount = 7 }
        #expect(
            await problem(total)
                == "data.parquet: the file is damaged: its row groups have 3000 rows, and it claims 7"
        )
    }
}
