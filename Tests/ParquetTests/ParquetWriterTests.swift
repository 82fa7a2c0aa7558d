// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Parquet

@Suite("Writing Parquet")
struct ParquetWriterTests {
    private func file(_ tables: [RandomTable], _ options: ParquetWriter.Options) throws -> [UInt8] {
        var writer = try ParquetWriter(columns: tables[0].columns, options: options)
        var bytes: [UInt8] = []
        for table in tables { bytes += try writer.rowGroup(table.values) }
        return bytes + writer.finish()
    }

    private static let options = ParquetCodec.allCases.flatMap { codec in
        ParquetWriter.Options.Encoding.allCases.map {
            ParquetWriter.Options(codec: codec, encoding: $0, pageRows: 90)
        }
    }

    @Test(
        "what is written is read back: all kinds, codecs, encodings and patterns of missing values",
        arguments: options
    )
    func roundTrip(_ options: ParquetWriter.Options) async throws {
        var random = SeededRandom(seed: 11)
        let tables = [0, 1, 300].map { RandomTable(rows: $0, using: &random) }
        let file = try await ParquetFile(ParquetBytes(try file(tables, options)))
        #expect(file.columns == tables[0].columns)
        #expect(file.rowGroups == [0, 1, 300])
        for (group, table) in tables.enumerated() {
            let read = try await file.read(rowGroup: group, columns: table.columns.map(\.name), threads: 2)
            for (values, wanted) in zip(read, table.values) {
                let rows = (0..<wanted.count)
                #expect(rows.map { values.text($0) } == rows.map { wanted.text($0) }, "\(wanted.column.name)")
            }
        }
    }

    @Test("pyarrow reads the same values, and agrees with the checksums and the statistics")
    func pyarrow() async throws {
        guard Reference.python != nil else { return }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parquet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = SeededRandom(seed: 12)
        var paths: [String] = []
        for options in Self.options {
            let tables = [1, 200, 90].map { RandomTable(rows: $0, using: &random) }
            let path = folder.appendingPathComponent("\(options.codec) \(options.encoding).parquet")
            try Data(try file(tables, options)).write(to: path)
            paths.append(path.path)
        }
        let answer = try Reference.script(["read"] + paths)
        let expected = try JSONDecoder().decode([String: [String: Reference.Column]].self, from: answer)
        for path in paths {
            let columns = try #require(expected[path])
            let differences = try await Reference.differences(path, columns, threads: 1)
            #expect(differences.isEmpty, "\(path): \(differences.prefix(3))")
        }
    }

    @Test("values that do not go with their columns are refused")
    func refusals() throws {
        let column = ParquetColumn(name: "a", kind: .double)
        let other = ParquetColumn(name: "b", kind: .integer(bits: 32, isSigned: true))
        #expect(throws: ParquetError.unwritable(reason: "there are no columns")) { _ = try ParquetWriter(columns: []) }
        #expect(throws: ParquetError.unwritable(reason: "two columns have the same name")) {
            _ = try ParquetWriter(columns: [column, column])
        }
        #expect(throws: ParquetError.unwritable(reason: "'t' is timestamp[int96], which is only read")) {
            _ = try ParquetWriter(columns: [ParquetColumn(name: "t", kind: .int96)])
        }
        var writer = try ParquetWriter(columns: [column, other])
        let one = ParquetValues(column: column, storage: .doubles([1]))
        #expect(throws: ParquetError.unwritable(reason: "'b' has not the 1 rows that others have")) {
            _ = try writer.rowGroup([one, ParquetValues(column: other, storage: .int32([1, 2]))])
        }
        #expect(throws: ParquetError.unwritable(reason: "the values of 'b' are not of the type int32")) {
            _ = try writer.rowGroup([one, one])
        }
        #expect(throws: ParquetError.unwritable(reason: "'a' lacks values and is not optional")) {
            _ = try writer.rowGroup([ParquetValues(column: column, storage: .doubles([1]), isPresent: [false]), one])
        }
    }

    @Test("repeated values get a dictionary and steady integers differences, so files are small")
    func size() throws {
        let rows = 100_000
        let time = ParquetColumn(name: "t", kind: .timestamp(.microseconds, isUTC: true))
        let room = ParquetColumn(name: "room", kind: .string)
        var writer = try ParquetWriter(columns: [time, room], options: ParquetWriter.Options(codec: .uncompressed))
        let times = (0..<rows).map { Int64($0) * 600_000_000 }
        let texts = ParquetTexts((0..<rows).map { Array("room \($0 % 4)".utf8) })
        let bytes = try writer.rowGroup([
            ParquetValues(column: time, storage: .int64(times)), ParquetValues(column: room, storage: .texts(texts)),
        ])
        #expect(bytes.count < rows / 2)
    }
}
