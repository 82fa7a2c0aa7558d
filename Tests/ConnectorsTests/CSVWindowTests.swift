// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import Synchronization
import TestSupport
import Testing
import TimeZones

@testable import Connectors

@Suite("CSV of which some times are wanted")
struct CSVWindowTests {
    /// Rows of a time, two groups and two numbers, not all in the order of time.
    private static func text(rows: Int, _ random: inout SeededRandom) -> [UInt8] {
        let lines = (0..<rows).map { row in
            let time = random.chance(10) ? Int.random(in: 0..<rows, using: &random) : row
            let (store, item) = (random.pick(["n", "\"s\"", "w"]), Int.random(in: 0..<4, using: &random))
            return "\(time),\(store),\(item),\(random.pick(["1", "-2.5", "", "NA", "\"7\"", "0.125"])),\(row)\n"
                + (random.chance(5) ? "\n" : "")
        }
        return Array(("time,store,item,a,b\n" + lines.joined()).utf8)
    }

    private static func selection(_ groupBy: [String]) -> CSVSelection {
        CSVSelection(timestamp: "time", timestampFormat: .unixSeconds, values: ["b", "a"], groupBy: groupBy)
    }

    /// A row as text, NaN as any other number.
    private static func rows(_ tables: [CSVTable]) -> [String] {
        tables.flatMap { table in
            (0..<table.rowCount).map { row in
                let key = table.labels.map { $0.keys[Int($0.codes[row])].description } ?? ""
                return "\(table.timestamps?[row] ?? 0) \(key) \(table.columns.map { $0.values[row].bitPattern })"
            }
        }
    }

    @Test(
        "has the rows at these times, whatever the blocks, threads and pieces",
        arguments: [[], ["store"], ["store", "item"]]
    )
    func rows(groupBy: [String]) throws {
        var random = SeededRandom(seed: 81)
        for _ in 0..<60 {
            let count = Int.random(in: 1...400, using: &random)
            let bytes = Self.text(rows: count, &random)
            let all = try read(bytes, CSVInput(selection: Self.selection(groupBy)))
            let times = try #require(all.timestamps)
            let first = Int64.random(in: -5...Int64(count), using: &random)
            let wanted = first...first + Int64.random(in: 0...Int64(count), using: &random)
            var reader = try CSVReader(
                options: CSVOptions(),
                selection: Self.selection(groupBy),
                wanted: wanted,
                threads: Int.random(in: 1...3, using: &random),
                blockSize: random.pick([1, 30, 500, 1 << 20])
            )
            var tables: [CSVTable] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...2_000, using: &random))
                let piece = Array(bytes[start..<end])
                try piece.span.withUnsafeBytes { buffer throws(ConnectorError) in try reader.feed(buffer) }
                start = end
                if random.chance(30) { tables.append(reader.takeRows()) }
            }
            tables.append(try reader.finish())
            let kept = times.indices.filter { wanted.contains(times[$0]) }
            let rows = Self.rows([all])
            #expect(Self.rows(tables) == kept.map { rows[$0] })
            let last = try #require(tables.last).kept
            #expect(last.total == count && last.count == kept.count && kept.indices.map(last.row) == kept)
        }
    }

    @Test("is refused for what is wrong in any of its rows, and told from one without rows")
    func problems() throws {
        func problem(_ text: String) -> String? {
            #expect(throws: ConnectorError.self) {
                var reader = try CSVReader(
                    options: CSVOptions(),
                    selection: CSVSelection(timestamp: "t", timestampFormat: .unixSeconds, values: ["a"]),
                    wanted: 5...6
                )
                try Array(text.utf8).span.withUnsafeBytes { bytes throws(ConnectorError) in try reader.feed(bytes) }
                _ = try reader.finish()
            }?.description
        }
        #expect(problem("t,a\n5,1\n9,x\n") == "line 3, column 'a': not a number: 'x'")
        #expect(problem("t,a\n") == "there is a header, but no row of data")
        #expect(problem("") == "the source is empty")
    }

    @Test("is wrong where it would be wrong without a window, and else has its rows, whatever bytes it holds")
    func mutations() throws {
        var random = SeededRandom(seed: 82)
        let alphabet = Array("\",\r\n\t 019.eE-ns".utf8) + [0xC3, 0xB6, 0xFF, 0x00]
        let text = String(decoding: Self.text(rows: 6, &random), as: UTF8.self)
        func outcome(_ bytes: [UInt8], _ wanted: ClosedRange<Int64>?) -> Result<CSVTable, ConnectorError> {
            Result { () throws(ConnectorError) in
                let selection = Self.selection(["store"])
                var reader = try CSVReader(options: CSVOptions(), selection: selection, wanted: wanted, blockSize: 40)
                try bytes.span.withUnsafeBytes { buffer throws(ConnectorError) in try reader.feed(buffer) }
                return try reader.finish()
            }
        }
        var read = 0
        for _ in 0..<10_000 {
            let bytes = random.mutated(text, with: alphabet)
            switch (outcome(bytes, nil), outcome(bytes, 1...3)) {
            case (.success(let all), .success(let some)):
                let times = all.timestamps ?? []
                let rows = Self.rows([all])
                #expect(Self.rows([some]) == times.indices.filter { 1...3 ~= times[$0] }.map { rows[$0] })
                read += 1
            case (.failure(let one), .failure(let other)): #expect(one == other)
            case (let all, let some): Issue.record("\(bytes): \(all), \(some)")
            }
        }
        #expect(read > 800)
    }

    // MARK: Files

    /// Files in a folder of their own, which goes when the work is done.
    private static func withFiles<Value>(
        _ texts: [String],
        _ work: (_ folder: String) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "window-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (index, text) in texts.enumerated() {
            try Data(text.utf8).write(to: folder.appending(path: "\(100 + index).csv"))
        }
        return try await work(folder.path + "/")
    }

    private static func source(
        _ times: ClosedRange<Int64>?,
        _ localTimes: LocalTimestamps? = nil,
        groupBy: [String] = [],
        sink: RowSink? = nil
    ) -> CSVSource {
        CSVSource(
            selection: CSVSelection(timestamp: "time", values: ["a"], groupBy: groupBy),
            localTimes: localTimes,
            times: times,
            sink: sink,
            threads: 2,
            transport: CurlTransport()
        )
    }

    @Test("may be several files, of which one has no such row, and tells how many rows were read")
    func files() async throws {
        let texts = [
            "time,a\n1970-01-01T00:00:00Z,1\n1970-01-01T00:00:02Z,2\n", "time,a\n1970-01-01T00:00:09Z,3\n",
            "a,time\n4,1970-01-01T00:00:03Z\n",
        ]
        try await Self.withFiles(texts) { folder in
            let reading = try await Self.source(2...3).read(folder)
            #expect(reading.frame.timestamps == [2, 3] && reading.frame.columns == [[2, 4]])
            #expect(reading.facts.rows == 4)
            let none = try await Self.source(100...200).read(folder)
            #expect(none.frame.rowCount == 0 && none.frame.names == ["a"] && none.facts.rows == 4)
        }
    }

    @Test("goes to a sink in the order of the source, with the texts of folders, and is not returned")
    func sink() async throws {
        let (rows, folder) = (
            400_000, FileManager.default.temporaryDirectory.appending(path: "sink-\(UUID().uuidString)")
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        for (place, store) in ["n", "s"].enumerated() {
            let files = folder.appending(path: "store=\(store)")
            try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
            let lines = (place * rows..<(place + 1) * rows).map { "\($0),\($0 % 3),\($0 / 2),0.5" }
            try Data(("time,item,a,b\n" + lines.joined(separator: "\n")).utf8).write(to: files.appending(path: "1.csv"))
        }
        let taken = Mutex<[SeriesRows]>([])
        let source = CSVSource(
            selection: CSVSelection(
                timestamp: "time",
                timestampFormat: .unixSeconds,
                values: ["a", "b"],
                groupBy: ["item", "store"]
            ),
            times: 1_000...Int64(2 * rows - 5),
            sink: { piece in taken.withLock { $0.append(piece) } },
            transport: CurlTransport()
        )
        let reading = try await source.read(folder.path + "/")
        let pieces = taken.withLock { $0 }
        #expect(reading.rows.frame.rowCount == 0 && reading.facts.rows == 2 * rows)
        #expect(pieces.count(where: { $0.frame.rowCount > 0 }) > 2)
        #expect(pieces.flatMap(\.frame.timestamps) == Array(1_000...Int64(2 * rows - 5)))
        for piece in pieces {
            let labels = try #require(piece.labels)
            for row in stride(from: 0, to: piece.frame.rowCount, by: 997) {
                let time = Int(piece.frame.timestamps[row])
                #expect(labels.keys[Int(labels.codes[row])] == SeriesKey(["\(time % 3)", time < rows ? "n" : "s"]))
                #expect(piece.frame.columns[0][row] == Double(time / 2))
            }
        }
    }

    // MARK: Local times

    private static func amsterdam() throws -> LocalTimestamps {
        LocalTimestamps(zone: try ZoneDatabase.ofThisMachine.zone("Europe/Amsterdam"), step: 3_600)
    }

    /// What a clock in Amsterdam shows.
    private static func text(_ instant: Int64) throws -> String {
        var clock = LocalClock(try ZoneDatabase.ofThisMachine.zone("Europe/Amsterdam"))
        return UTCTime(seconds: Int64(clock.local(at: Int(instant)))).description.replacing("Z", with: "")
    }

    @Test(
        "in local times has the rows that it would have if all were kept, wherever it begins and ends",
        arguments: [1_774_746_000, 1_792_890_000],
        [0, -6, 6, -120, 120, -220, 220]
    )
    func clockChange(_ change: Int64, gapHours: Int64) async throws {
        var random = SeededRandom(seed: UInt64(change))
        // Without the hour before an autumn's change, or that behind it, only the rows on the other side tell which it is.
        let gap = change + 3_600 * min(gapHours, 0)..<change + 3_600 * max(gapHours, 0)
        let instants = stride(from: change - 240 * 3_600, to: change + 240 * 3_600, by: 1_800)
            .filter { !gap.contains($0) }
        var lines: [[String]] = [["time,store,a"], ["time,store,a"]]
        for (row, instant) in instants.enumerated() {
            let text = try Self.text(instant)
            lines[row * 2 / instants.count].append("\(text),n,\(row)")
            if row % 2 == 0 { lines[row * 2 / instants.count].append("\(text),s,\(row)") }
        }
        let localTimes = try Self.amsterdam()
        try await Self.withFiles(lines.map { $0.joined(separator: "\n") }) { folder in
            let all = try await Self.source(nil, localTimes, groupBy: ["store"]).read(folder).rows
            #expect(all.labels?.codes.count == all.frame.rowCount && Set(all.frame.timestamps) == Set(instants))
            for edge in stride(from: change - 3 * 3_600, through: change + 3 * 3_600, by: 1_800) {
                let length = Int64.random(in: 0...6 * 3_600, using: &random)
                for times in [edge...edge + length, edge - length...edge, edge - 200 * 3_600...edge] {
                    let found = try await Self.source(times, localTimes, groupBy: ["store"]).read(folder).rows
                    let expected = all.within(times)
                    #expect(found.frame.timestamps == expected.frame.timestamps, "\(times)")
                    #expect(found.frame.columns == expected.frame.columns && found.labels == expected.labels)
                }
            }
        }
    }

    @Test("in local times counts rows in messages as the file does")
    func rowNumbers() async throws {
        let texts = [
            "2026-01-01T00:00", "2026-10-25T01:00", "2026-10-25T02:00", "2026-10-25T03:00", "2027-01-01T00:00",
        ]
        let files = [texts[..<1], texts[...]].map { rows in
            "time,a\n" + rows.map { "\($0),1\n" }.joined()
        }
        let localTimes = try Self.amsterdam()
        try await Self.withFiles(files) { folder in
            let times = 1_792_882_800...Int64(1_792_900_000)
            let error = await #expect(throws: ConnectorError.self) {
                _ = try await Self.source(times, localTimes).read(folder)
            }
            #expect(
                error?.description.contains("101.csv, column 'time': row 3: the clock of Europe/Amsterdam shows")
                    == true,
                "\(error?.description ?? "")"
            )
            // Far from the window nothing is asked of such times.
            let far = try await Self.source(1_798_675_200...1_798_761_600, localTimes).read(folder)
            #expect(far.frame.timestamps == [1_798_758_000])
        }
    }
}
