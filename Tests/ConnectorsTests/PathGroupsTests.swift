// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import TestServers
import TestSupport
import Testing

@testable import Connectors

@Suite("Grouping columns in the names of folders")
struct PathGroupsTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("folders-\(UUID().uuidString)")

    private func write(_ text: String, _ path: String) throws {
        let file = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func csv(_ groupBy: [String]) async throws -> [String] {
        let source = CSVSource(
            selection: CSVSelection(timestamp: "time", values: ["load"], groupBy: groupBy),
            transport: CurlTransport()
        )
        return Self.rows(try await source.read(folder.path + "/").rows)
    }

    /// The key and the first value of each row.
    private static func rows(_ rows: SeriesRows) -> [String] {
        guard let labels = rows.labels else { return [] }
        return zip(labels.codes, rows.frame.columns[0]).map { "\(labels.keys[Int($0)].label(labels.groupBy)): \($1)" }
    }

    @Test("a folder gives its text to all rows below it, beside the columns of the file")
    func texts() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("time,item,load\n2026-01-01,12,1\n2026-01-01,7,2\n", "store=north/part-0.csv")
        try write("time,item,load\n2026-01-02,12,3\n", "store=north/part-1.csv")
        try write("time,load,item\n2026-01-01,4,12\n", "store=K%C3%B6ln%20%2F%20%3D/part-0.csv")
        let expected = [
            "item=12, store=Köln / =: 4.0", "item=12, store=north: 1.0", "item=7, store=north: 2.0",
            "item=12, store=north: 3.0",
        ]
        #expect(try await csv(["item", "store"]) == expected)
        #expect(try await csv(["store"]).map { $0.prefix(8) } == ["store=Kö", "store=no", "store=no", "store=no"])
        #expect(try await csv([]) == [])
        let missing = await #expect(throws: ConnectorError.self) { _ = try await csv(["shop"]) }
        #expect(missing?.description.contains("no column 'shop'; the columns are 'time', 'load', 'item'") == true)
    }

    @Test("a folder wins over a column of its name, and one further below over one above")
    func order() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("time,store,load\n2026-01-01,south,1\n", "store=a/x=1/store=b/part.csv")
        #expect(try await csv(["store"]) == ["store=b: 1.0"])
        #expect(try await csv(["x", "store"]) == ["x=1, store=b: 1.0"])
    }

    @Test(
        "a folder without a text, or with one that cannot name a series, is refused",
        arguments: [
            ("store=", "it is empty, and a grouping column needs a text in each row"),
            ("store=__HIVE_DEFAULT_PARTITION__", "it stands for a missing value"),
            ("store=a%0Ab", "it has control characters"),
            ("store=%FF", "it is empty"),
        ]
    )
    func problems(name: String, problem: String) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("time,load\n2026-01-01,1\n", "\(name)/part.csv")
        let error = await #expect(throws: ConnectorError.self) { _ = try await csv(["store"]) }
        let place = "\(folder.path)/\(name)/part.csv: the folder '\(name)' cannot name a series: "
        #expect(error?.description.hasPrefix(place + problem) == true, "\(error?.description ?? "")")
        #expect(try await csv([]) == [])
    }

    @Test("texts of any bytes in folders never trap")
    func noise() {
        var random = SeededRandom(seed: 67)
        let alphabet = Array("store=%/2CF\u{E9}\u{1F600}_. ")
        for _ in 0..<20_000 {
            let path = String((0..<Int.random(in: 0...30, using: &random)).map { _ in random.pick(alphabet) })
            guard let groups = try? PathGroups(path, groupBy: ["store", "s"], source: "x") else { continue }
            #expect(groups.inFile.count + groups.texts.compactMap(\.self).count == 2)
        }
    }

    @Test(
        "a data set that pyarrow partitions is read as pyarrow reads it",
        .enabled(if: PythonTools.python != nil, "no pandas")
    )
    func pyarrow() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = """
            import json, sys
            import pyarrow as pa, pyarrow.parquet as pq
            stores = ["north", "Köln / =", "1", "ü%20"]
            n = 400
            table = pa.table({
                "time": pa.array([i // 8 * 3600 for i in range(n)], pa.timestamp("s", "UTC")),
                "load": pa.array([i / 4 for i in range(n)]),
                "store": pa.array([stores[i % 4] for i in range(n)]),
                "year": pa.array([2025 + i % 2 for i in range(n)]),
                "item": pa.array([i // 4 % 2 for i in range(n)], pa.int32()),
            })
            pq.write_to_dataset(table, sys.argv[1], partition_cols=["store", "year"])
            rows = zip(*(table[c].to_pylist() for c in ("item", "store", "year", "load")))
            print(json.dumps(sorted(f"item={i}, store={s}, year={y}: {l}" for i, s, y, l in rows)))
            """
        let expected = try JSONDecoder().decode([String].self, from: PythonTools.run(script, [folder.path]))
        func source(_ groupBy: [String], _ times: ClosedRange<Int64>? = nil) -> ParquetSource {
            ParquetSource(
                timestamp: "time",
                values: ["load"],
                groupBy: groupBy,
                times: times,
                transport: CurlTransport()
            )
        }
        let rows = try await source(["item", "store", "year"]).read(folder.path + "/")
        #expect(Self.rows(rows).sorted() == expected.sorted())
        #expect(try Panel(rows).series.count == 8)
        let window = try await source(["store"], 0...3_600).read(folder.path + "/")
        #expect(window.frame.rowCount == 16 && window.labels?.keys.count == 4)
    }
}
