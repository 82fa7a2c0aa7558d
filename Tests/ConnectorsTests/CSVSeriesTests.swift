// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import TestSupport
import Testing

@testable import Connectors

@Suite("CSV of several series")
struct CSVSeriesTests {
    private static let text = """
        time,store,load,item
        0,north,1,12
        0,"south",2, 012\t
        60,north,3,"a ""quoted"", item"
        \r
        60,"north ",,12
        120, Köln 😀,5,NA

        """

    private static func input(_ groupBy: [String]) -> CSVInput {
        CSVInput(
            selection: CSVSelection(
                timestamp: "time",
                timestampFormat: .unixSeconds,
                values: ["load"],
                groupBy: groupBy
            )
        )
    }

    /// The text of each row's key.
    private static func keys(_ labels: SeriesRows.Labels?) -> [String] {
        labels.map { labels in labels.codes.map { labels.keys[Int($0)].description } } ?? []
    }

    private static func failure(_ text: String, _ groupBy: [String] = ["store"], threads: Int = 1) -> String? {
        #expect(throws: ConnectorError.self) {
            try read(Array(text.utf8), input(groupBy), threads: threads, blockSize: 64)
        }?.description
    }

    @Test("a cell's text is the key, whatever it looks like, without the quotes and spaces around it")
    func texts() throws {
        let bytes = Array(Self.text.utf8)
        let one = try read(bytes, Self.input(["store"]))
        #expect(Self.keys(one.labels) == ["north", "south", "north", "north", "Köln 😀"])
        #expect(one.labels?.keys.count == 3 && one.labels?.groupBy == ["store"])
        #expect(one.columns[0].values.map { $0.isNaN ? -1 : $0 } == [1, 2, 3, -1, 5])
        let both = try read(bytes, Self.input(["item", "store"])).labels
        #expect(
            Self.keys(both) == [
                "12, north", "012, south", "a \"quoted\", item, north", "12, north", "NA, Köln 😀",
            ]
        )
        #expect(both?.keys.count == 4)
        #expect(try read(bytes, Self.input([])).labels == nil)
    }

    @Test("rows and their labels become the series of a panel")
    func panel() throws {
        let rows = try read(Array(Self.text.utf8), Self.input(["store"])).rows()
        let panel = try Panel(rows)
        #expect(panel.series.map(\.key.description) == ["Köln 😀", "north", "south"])
        #expect(panel.series[1].frame.timestamps == [0, 60, 60])
    }

    @Test("a text that cannot name a series is told with its line and its column")
    func problems() {
        let head = "time,load,store\n0,1,a\n"
        let empty = "line 3, column 'store': it is empty, and a grouping column needs a text in each row"
        for cell in ["", "  ", "\"\"", "\" \""] { #expect(Self.failure(head + "60,2,\(cell)\n") == empty) }
        let long = String(repeating: "x", count: 257)
        #expect(Self.failure(head + "60,2,\(long)")?.contains("it is longer than 256 bytes") == true)
        #expect(throws: Never.self) { try read(Array((head + "60,2,\(long.dropLast())").utf8), Self.input(["store"])) }
        #expect(
            Self.failure(head + "60,2,\"a\nb\"") == "line 3, column 'store': it has control characters, which no "
                + "name of a series may have: 'a\\nb'"
        )
        let bytes = Array((head + "60,2,").utf8) + [0xC3, 0x28, 0x0A]
        let error = #expect(throws: ConnectorError.self) { try read(bytes, Self.input(["store"])) }
        #expect(error?.description.hasPrefix("line 3, column 'store': it is not UTF-8") == true)
        let missing = Self.failure(head, ["shop"])
        #expect(missing == "line 1: there is no column 'shop'; the columns are 'time', 'load', 'store'")
        for groupBy in [["time"], ["load"], ["store", "store"]] {
            #expect(Self.failure(head, groupBy)?.hasPrefix("groupBy: column ") == true)
        }
    }

    @Test("more series than a panel holds are told with the line at which they are too many", arguments: 1...3)
    func tooMany(threads: Int) {
        // Each twice, and every other line of a series that was there before.
        let lines = (0..<2 * Panel.mostSeries + 10).map { "\($0 * 60),1,s\($0 % 2 == 0 ? 0 : $0 / 2)" }
        let text = "time,load,store\n" + lines.joined(separator: "\n") + "\nnonsense"
        let problem = Self.failure(text, threads: threads)
        #expect(
            problem == "line 20003, column 'store': there are more than 10000 series by 'store'; does each of "
                + "series.groupBy tell series apart, and not rows?"
        )
        let ids = (0...Panel.mostSeries).map { "0,1,a,b\($0)" }
        let both = Self.failure("time,load,a,b\n" + ids.joined(separator: "\n"), ["a", "b"], threads: threads)
        #expect(both?.hasPrefix("line 10002, column 'b': there are more than 10000 series by 'a', 'b'; ") == true)
    }

    @Test("columns that only together make too many series are told at the line of the first one", arguments: 1...3)
    func tooManyTogether(threads: Int) {
        var random = SeededRandom(seed: 65)
        var (text, line, seen, full) = ("time,a,load,b,c,note\n", 2, Set<[Int]>(), 0)
        while seen.count < Panel.mostSeries + 50 {
            if line % 7 == 0 {
                text += "\n"
                line += 1
            }
            let key = [40, 30, 20].map { Int.random(in: 0..<$0, using: &random) }
            let isNew = seen.insert(key).inserted
            if isNew, seen.count == Panel.mostSeries + 1 { full = line }
            // A quoted line break makes a record of two lines that is not read in one pass.
            let spare = line % 11 == 0 ? "\"x\n\"" : "x"
            text += "0,a\(key[0]),1,b\(key[1]),c\(key[2]),\(spare)\n"
            line += line % 11 == 0 ? 2 : 1
        }
        let problem = Self.failure(text + "nonsense", ["c", "a", "b"], threads: threads)
        #expect(
            problem == "line \(full): there are more than 10000 series by 'c', 'a', 'b'; does each of series.groupBy "
                + "tell series apart, and not rows?"
        )
        #expect(Self.failure(text + "nonsense", ["a", "b"], threads: threads)?.contains("the row has 1 field") == true)
    }

    @Test("many rows on several threads have the labels that one thread reads")
    func threads() throws {
        var random = SeededRandom(seed: 62)
        let names = (0..<300).map { $0 % 7 == 0 ? "\"store \"\"\($0)\"\"\"" : $0 % 5 == 0 ? "\"st,\($0)\"" : "s\($0)" }
        let rows = (0..<4_000).map { row -> (String, [Int]) in
            let (store, item) = (Int.random(in: 0..<300, using: &random), Int.random(in: 0..<9, using: &random))
            return ("\(item),\(row * 60),\(names[store]),\(row).5", [store, item])
        }
        let bytes = Array(("item,time,store,load\n" + rows.map(\.0).joined(separator: "\n")).utf8)
        let one = try read(bytes, Self.input(["store", "item"]))
        // The same key where stores and items are the same, and only there.
        var codes: [[Int]: Int32] = [:]
        for (row, code) in zip(rows, one.labels?.codes ?? []) {
            #expect(codes[row.1] == nil || codes[row.1] == code)
            codes[row.1] = code
        }
        #expect(Set(codes.values).count == codes.count && one.labels?.codes.count == rows.count)
        for (threads, blockSize) in [(1, 100), (2, 1_000), (3, 4_096), (4, 17), (4, 50_000)] {
            let cuts = stride(from: 0, to: bytes.count, by: 10_007).map(\.self)
            let table = try read(
                bytes,
                Self.input(["store", "item"]),
                cuts: cuts,
                threads: threads,
                blockSize: blockSize
            )
            #expect(table.labels == one.labels)
        }
    }

    @Test("mutated files never trap, and their outcome does not depend on cuts, blocks and threads")
    func mutations() {
        var random = SeededRandom(seed: 63)
        let alphabet = Array("\",\r\n\t 019.eE-ns".utf8) + [0xC3, 0xB6, 0xFF, 0x00]
        let input = Self.input(["item", "store"])
        func outcome(_ bytes: [UInt8], _ cuts: [Int] = [], _ threads: Int = 1, _ blockSize: Int = 1 << 20) -> String {
            do {
                return "\(try read(bytes, input, cuts: cuts, threads: threads, blockSize: blockSize))"
            } catch {
                return "\(error)"
            }
        }
        for _ in 0..<15_000 {
            let bytes = random.mutated(Self.text, with: alphabet)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let (threads, size) = (Int.random(in: 1...4, using: &random), Int.random(in: 1...100, using: &random))
            let (whole, pieces) = (outcome(bytes), outcome(bytes, [cut], threads, size))
            if whole != pieces {
                Issue.record("cut \(cut), \(threads) threads, blocks of \(size) of \(bytes): \(whole) / \(pieces)")
            }
        }
    }

    // MARK: Files

    @Test("several files are one table, and a series may go on in the next one")
    func files() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("series-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let texts = [
            "time,store,load\n2026-01-01,b,1\n2026-01-01,a,2\n", "load,time,store\n3,2026-01-02,c\n4,2026-01-02,a\n",
            "time,store,load\n2026-01-03,b,5\n",
        ]
        for (number, text) in texts.enumerated() {
            try Data(text.utf8).write(to: folder.appendingPathComponent("\(number).csv"))
        }
        let source = CSVSource(
            selection: CSVSelection(timestamp: "time", values: ["load"], groupBy: ["store"]),
            transport: CurlTransport()
        )
        let rows = try await source.read(folder.path + "/").rows
        #expect(Self.keys(rows.labels) == ["b", "a", "c", "a", "b"])
        #expect(rows.labels?.keys.count == 3 && rows.frame.columns == [[1, 2, 3, 4, 5]])
        try Data("time,load\n2026-01-04,6\n".utf8).write(to: folder.appendingPathComponent("3.csv"))
        let error = await #expect(throws: ConnectorError.self) { _ = try await source.read(folder.path + "/") }
        #expect(
            error?.description.hasSuffix(
                "no column 'store'; the columns are 'time', 'load', unlike in "
                    + folder.appendingPathComponent("0.csv").path
            ) == true,
            "\(error?.description ?? "")"
        )
        let parts = (0...1).map { part in
            SeriesRows.Labels(groupBy: ["id"], keys: (0..<6_000).map { SeriesKey(["\(part)-\($0)"]) }, codes: [0])
        }
        var joined = SeriesLabelParts()
        try joined.append(parts[0])
        try joined.append(parts[0])
        let full = #expect(throws: ConnectorError.self) { try joined.append(parts[1]) }
        #expect(full?.description.hasPrefix("there are more than 10000 series by 'id'") == true)
    }
}
