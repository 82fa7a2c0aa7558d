// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import Parquet
import TestServers
import TestSupport
import Testing

@testable import Connectors

@Suite("Parquet of several series")
struct ParquetSeriesTests {
    private static let time = ParquetColumn(name: "time", kind: .timestamp(.milliseconds, isUTC: true))
    private static let load = ParquetColumn(name: "load", kind: .double)

    /// A folder that goes with the test.
    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("series-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Writes hours and numbers from 0 on beside a column.
    private static func write(
        _ kind: ParquetKind,
        _ storage: ParquetValues.Storage,
        isPresent: [Bool]? = nil,
        rowGroup: Int = 3,
        to file: URL
    ) throws {
        let store = ParquetColumn(name: "store", kind: kind, isOptional: isPresent != nil)
        let stores = ParquetValues(column: store, storage: storage, isPresent: isPresent)
        let times = ParquetValues(
            column: time,
            storage: .int64((0..<Int64(stores.count)).map { $0 * 3_600_000 })
        )
        let loads = ParquetValues(column: load, storage: .doubles((0..<stores.count).map(Double.init)))
        var writer = try ParquetWriter(columns: [store, time, load])
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: stores.count, by: rowGroup) {
            let rows = start..<min(start + rowGroup, stores.count)
            bytes += try writer.rowGroup([stores, times, loads].map { $0.rows(rows) })
        }
        try Data(bytes + writer.finish()).write(to: file)
    }

    private static func texts(_ texts: [String]) -> ParquetValues.Storage {
        .texts(ParquetTexts(texts.map { Array($0.utf8) }))
    }

    private static func source(_ groupBy: [String] = ["store"], times: ClosedRange<Int64>? = nil) -> ParquetSource {
        ParquetSource(timestamp: "time", values: ["load"], groupBy: groupBy, times: times, transport: CurlTransport())
    }

    /// The text of each row's key.
    private static func keys(_ rows: SeriesRows) -> [String] {
        rows.labels.map { labels in labels.codes.map { labels.keys[Int($0)].description } } ?? []
    }

    @Test("texts, whole numbers of any size and booleans are the keys, over row groups and files")
    func kinds() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let cases: [(ParquetKind, ParquetValues.Storage, [String])] = [
            (.string, Self.texts(["b", " a", "b", "Köln 😀", " a"]), ["b", " a", "b", "Köln 😀", " a"]),
            (.bytes, Self.texts(["b", "a", "b", "b", "c"]), ["b", "a", "b", "b", "c"]),
            (.integer(bits: 32, isSigned: true), .int32([1, -1, 1, 0, -1]), ["1", "-1", "1", "0", "-1"]),
            (.integer(bits: 32, isSigned: false), .int32([1, -1, 1]), ["1", "4294967295", "1"]),
            (
                .integer(bits: 64, isSigned: true), .int64([.min, 7, .min]),
                ["-9223372036854775808", "7", "-9223372036854775808"]
            ),
            (.integer(bits: 64, isSigned: false), .int64([-1, 7, 7]), ["18446744073709551615", "7", "7"]),
            (.boolean, .booleans([true, false, false, true]), ["true", "false", "false", "true"]),
        ]
        for (number, (kind, storage, expected)) in cases.enumerated() {
            let place = folder.appendingPathComponent("\(number)")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for part in 0..<2 { try Self.write(kind, storage, to: place.appendingPathComponent("\(part).parquet")) }
            let rows = try await Self.source().read(place.path + "/")
            #expect(Self.keys(rows) == expected + expected)
            #expect(rows.labels?.keys.count == Set(expected).count)
            #expect(rows.frame.columns[0].prefix(expected.count).elementsEqual((0..<expected.count).map(Double.init)))
        }
    }

    @Test("rows outside of the window are dropped with their labels, whatever is in them")
    func window() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("a.parquet")
        let storage = Self.texts(["", "a", "b", "c", "b", "a", ""])
        try Self.write(.string, storage, isPresent: [false, true, true, true, true, true, true], to: file)
        let rows = try await Self.source(times: 3_600...18_000).read(file.path)
        #expect(Self.keys(rows) == ["a", "b", "c", "b", "a"] && rows.frame.columns == [[1, 2, 3, 4, 5]])
        func problem(_ times: ClosedRange<Int64>) async -> String? {
            await #expect(throws: ConnectorError.self) { _ = try await Self.source(times: times).read(file.path) }?
                .description
        }
        let place = "\(file.path), column 'store': "
        let missing = "row 1: the value is missing, and a grouping column needs one in each row"
        #expect(await problem(0...3_600) == place + missing)
        let empty = "row 7: it is empty, and a grouping column needs a text in each row"
        #expect(await problem(18_000...21_600) == place + empty)
    }

    @Test(
        "a column that cannot tell series apart is named with its type, and one that is missing with those that there are"
    )
    func problems() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("a.parquet")
        try Self.write(.float, .floats([1, 2]), to: file)
        func problem(_ source: ParquetSource) async -> String? {
            await #expect(throws: ConnectorError.self) { _ = try await source.read(folder.path + "/") }?.description
        }
        let type = await problem(Self.source())
        let kinds = "has the type float; series are told apart by text, whole numbers or booleans"
        #expect(type == "\(file.path), column 'store': \(kinds)")
        let missing = await problem(Self.source(["shop"]))
        #expect(missing?.contains("there is no column 'shop'; the columns are 'store', 'time', 'load'") == true)
        #expect(await problem(Self.source(["load"])) == "groupBy: column 'load' is named twice")
        try Self.write(.string, Self.texts(["1", "2"]), to: file)
        let other = folder.appendingPathComponent("b.parquet")
        try Self.write(.integer(bits: 32, isSigned: true), .int32([1, 2]), to: other)
        let mixed = "has the type int32, and in \(file.path) it has the type string"
        #expect(await problem(Self.source()) == "\(other.path), column 'store': \(mixed)")
        let many = (0...Int64(Panel.mostSeries)).map { $0 }
        try Self.write(.integer(bits: 64, isSigned: true), .int64(many), to: file)
        try FileManager.default.removeItem(at: other)
        let full =
            "row 10001: there are more than 10000 series by 'store'; does each of series.groupBy tell series apart"
        #expect(await problem(Self.source())?.contains(full) == true)
    }

    @Test(
        "texts that are too many, or make too many series with their folders, are told with the row of the first one",
        arguments: [3, 1_000, 50_000]
    )
    func tooMany(rowGroup: Int) async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ texts: Int, _ name: String) throws {
            let place = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            // The first one is there twice.
            let storage = Self.texts(([0] + (0..<texts)).map { "s\($0)" })
            try Self.write(.string, storage, rowGroup: rowGroup, to: place.appendingPathComponent("x.parquet"))
        }
        func problem(_ groupBy: [String]) async -> String? {
            await #expect(throws: ConnectorError.self) { _ = try await Self.source(groupBy).read(folder.path + "/") }?
                .description
        }
        try write(6_000, "half=1")
        try write(Panel.mostSeries + 2_000, "half=2")
        let place = "\(folder.path)/half=2/x.parquet"
        let both = await problem(["half", "store"])
        #expect(both?.hasPrefix("\(place): row 4002: there are more than 10000 series by 'half', 'store'") == true)
        let one = await problem(["store"])
        let hint = "row 10002: there are more than 10000 series by 'store'"
        #expect(one?.hasPrefix("\(place), column 'store': \(hint)") == true, "\(one ?? "")")
    }

    @Test(
        "files of pyarrow, with and without dictionaries, are read as pandas reads them",
        .enabled(if: PythonTools.python != nil, "no pandas")
    )
    func pyarrow() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = """
            import json, sys, random
            import pyarrow as pa, pyarrow.parquet as pq
            random.seed(7)
            stores = [f"store {i} " + "ü" * (i % 5) for i in range(700)]
            n = 20_000
            table = pa.table({
                "time": pa.array(range(n), pa.timestamp("s", "UTC")),
                "load": pa.array([i / 4 for i in range(n)]),
                "store": pa.array([random.choice(stores) for _ in range(n)]),
                "item": pa.array([random.randrange(-3, 4) for _ in range(n)], pa.int16()),
                "open": pa.array([random.random() < 0.5 for _ in range(n)]),
            })
            table = table.append_column("shop", table["store"].dictionary_encode())
            for name, options in {
                "dictionary": {}, "plain": {"use_dictionary": False}, "small": {"dictionary_pagesize_limit": 2000},
                "delta": {"use_dictionary": False, "column_encoding": {"store": "DELTA_BYTE_ARRAY"}},
                "pages": {"data_page_version": "2.0", "compression": "zstd", "row_group_size": 3000},
            }.items():
                pq.write_table(table, f"{sys.argv[1]}/{name}.parquet", **options)
            rows = zip(*(table[c].to_pylist() for c in ("store", "item", "open", "shop")))
            print(json.dumps([f"{s}, {i}, {str(o).lower()}, {p}" for s, i, o, p in rows]))
            """
        let expected = try JSONDecoder().decode([String].self, from: PythonTools.run(script, [folder.path]))
        for name in ["dictionary", "plain", "small", "delta", "pages"] {
            let rows = try await Self.source(["store", "item", "open", "shop"]).read("\(folder.path)/\(name).parquet")
            #expect(Self.keys(rows) == expected, "\(name)")
            #expect(rows.frame.columns[0] == (0..<20_000).map { Double($0) / 4 })
        }
    }
}
