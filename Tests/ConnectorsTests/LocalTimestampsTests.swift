// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import Parquet
import TestSupport
import Testing
import TimeZones

@testable import Connectors

@Suite("Local times of files")
struct LocalTimestampsTests {
    /// 2026-10-25T00:00:00Z, an hour before Amsterdam's clock is put back.
    private static let start: Int64 = 1_792_886_400

    private static func amsterdam(_ step: Int, _ doubt: LocalTimeline.Doubt = .refused) throws -> LocalTimestamps {
        LocalTimestamps(zone: try ZoneDatabase.ofThisMachine.zone("Europe/Amsterdam"), step: step, doubt: doubt)
    }

    /// The text that a clock in Amsterdam shows at instants.
    private static func texts(_ instants: [Int64]) throws -> [String] {
        var clock = LocalClock(try ZoneDatabase.ofThisMachine.zone("Europe/Amsterdam"))
        return instants.map { UTCTime(seconds: Int64(clock.local(at: Int($0)))).description.replacing("Z", with: "") }
    }

    /// Reads files of CSV, `groupBy` by the column of that name.
    private static func read(
        _ files: [String],
        _ localTimes: LocalTimestamps,
        groupBy: [String] = []
    ) async throws -> SeriesRows {
        let folder = FileManager.default.temporaryDirectory.appending(path: "local-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (index, text) in files.enumerated() {
            try Data(text.utf8).write(to: folder.appending(path: "\(100 + index).csv"))
        }
        let source = CSVSource(
            selection: CSVSelection(timestamp: "time", values: ["a"], groupBy: groupBy),
            localTimes: localTimes,
            threads: 2,
            transport: CurlTransport()
        )
        return try await source.read(files.count == 1 ? folder.path + "/100.csv" : folder.path + "/").rows
    }

    private static func csv(_ times: [String]) -> String { "time,a\n" + times.map { "\($0),1\n" }.joined() }

    private static func message(_ read: () async throws -> SeriesRows) async -> String {
        do {
            return "no error, but \(try await read().frame.timestamps)"
        } catch {
            return "\(error)"
        }
    }

    @Test("are instants, over the repeated hour too, wherever a file ends", arguments: [1, 2, 3, 7, 12, 25])
    func files(_ rows: Int) async throws {
        let instants = (-5..<30).map { Self.start + Int64($0) * 600 }
        let texts = try Self.texts(instants)
        let files = stride(from: 0, to: texts.count, by: rows).map {
            Self.csv(Array(texts[$0..<min($0 + rows, texts.count)]))
        }
        let found = try await Self.read(files, Self.amsterdam(600))
        #expect(found.frame.timestamps == instants)
    }

    @Test("are instants in a file of many blocks that several threads read")
    func blocks() async throws {
        let instants = (0..<300_000).map { 1_700_000_000 + Int64($0) * 300 }
        let found = try await Self.read([Self.csv(try Self.texts(instants))], Self.amsterdam(300))
        #expect(found.frame.timestamps == instants)
    }

    @Test("with an offset stay what they are")
    func offsets() async throws {
        let text = Self.csv(["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"])
        let found = try await Self.read([text], Self.amsterdam(3_600))
        #expect(found.frame.timestamps == [Self.start + 1_800, Self.start + 5_400])
    }

    @Test("of several series in one file are told apart by series")
    func series() async throws {
        let instants = (-5..<20).map { Self.start + Int64($0) * 600 }
        let texts = try Self.texts(instants)
        var lines = ["time,store,a"]
        for (row, text) in texts.enumerated() {
            if row < 15 { lines.append("\(text),north,1") }
            if row > 7 { lines.append("\(text),south,1") }
        }
        let found = try await Self.read([lines.joined(separator: "\n")], Self.amsterdam(600), groupBy: ["store"])
        let panel = try Panel(found)
        #expect(panel.series.map(\.frame.timestamps) == [Array(instants[..<15]), Array(instants[8...])])
    }

    @Test("that cannot be told are refused with file, row, time, zone and a way out")
    func refusals() async throws {
        let once = Self.csv(["2026-10-25 01:00", "2026-10-25 02:00", "2026-10-25 03:00"])
        let repeated = await Self.message { try await Self.read([once], Self.amsterdam(3_600)) }
        #expect(
            repeated.hasSuffix(
                "0.csv, column 'time': row 2: the clock of Europe/Amsterdam shows 2026-10-25T02:00:00 twice, because it is put "
                    + "back there, and the rows do not tell which is meant; give such times their offset, or set "
                    + "series.repeatedHour to First"
            ),
            "\(repeated)"
        )
        let first = try await Self.read([once], Self.amsterdam(3_600, .first))
        #expect(first.frame.timestamps == [-3_600, 0, 7_200].map { Self.start + $0 })

        let spring = [Self.csv(["2026-03-29 01:30"]), Self.csv(["2026-03-29 01:45", "2026-03-29 02:00"])]
        let skipped = await Self.message { try await Self.read(spring, Self.amsterdam(900)) }
        #expect(
            skipped.contains(
                "1.csv, column 'time': row 2: the clock of Europe/Amsterdam never shows 2026-03-29T02:00:00"
            )
        )

        let grouped = "time,store,a\n2026-10-25 01:00,north,1\n2026-10-25 02:00,north,1\n2026-10-25 03:00,north,1\n"
        let named = await Self.message { try await Self.read([grouped], Self.amsterdam(3_600), groupBy: ["store"]) }
        #expect(named.contains("row 2: series store=north: the clock of Europe/Amsterdam shows"), "\(named)")
    }

    // MARK: Parquet

    private static func parquet(
        _ kind: ParquetKind,
        _ storage: ParquetValues.Storage,
        times: ClosedRange<Int64>? = nil,
        step: Int = 3_600
    ) async throws -> [Int64] {
        let time = ParquetColumn(name: "t", kind: kind)
        let stamps = ParquetValues(column: time, storage: storage)
        let value = ParquetColumn(name: "a", kind: .double)
        let numbers = ParquetValues(column: value, storage: .doubles(Array(repeating: 1, count: stamps.count)))
        var writer = try ParquetWriter(columns: [time, value])
        let bytes = try writer.rowGroup([stamps, numbers]) + writer.finish()
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).parquet").path
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let source = ParquetSource(
            timestamp: "t",
            localTimes: try amsterdam(step),
            values: ["a"],
            times: times,
            transport: CurlTransport()
        )
        return try await source.read(path).frame.timestamps
    }

    @Test("in Parquet are timestamps that are not adjusted to UTC, dates, and texts without an offset")
    func kinds() async throws {
        let instants = (-2..<5).map { Self.start + Int64($0) * 3_600 }
        let texts = try Self.texts(instants)
        let local = texts.map { text in Int64((try? Date("\(text)Z", strategy: .iso8601).timeIntervalSince1970) ?? 0) }
        let milliseconds = ParquetValues.Storage.int64(local.map { $0 * 1_000 })
        #expect(try await Self.parquet(.timestamp(.milliseconds, isUTC: false), milliseconds) == instants)
        let bytes = ParquetValues.Storage.texts(ParquetTexts(texts.map { Array($0.utf8) }))
        #expect(try await Self.parquet(.string, bytes) == instants)
        let offsets = ParquetValues.Storage.texts(ParquetTexts(texts.map { Array("\($0)Z".utf8) }))
        #expect(try await Self.parquet(.string, offsets) == local)
        #expect(try await Self.parquet(.timestamp(.milliseconds, isUTC: true), milliseconds) == local)
        #expect(try await Self.parquet(.date, .int32([20_750])) == [20_750 * 86_400 - 7_200])
    }

    @Test("in Parquet are cut to a range of instants, though the file knows local times")
    func range() async throws {
        let instants = (-30..<30).map { Self.start + Int64($0) * 3_600 }
        let local = try Self.texts(instants).map { text in
            Int64((try? Date("\(text)Z", strategy: .iso8601).timeIntervalSince1970) ?? 0)
        }
        let seconds = ParquetValues.Storage.int64(local.map { $0 * 1_000 })
        let wanted = Self.start + 3_600...Self.start + 7_200
        let found = try await Self.parquet(.timestamp(.milliseconds, isUTC: false), seconds, times: wanted)
        #expect(found == [Self.start + 3_600, Self.start + 7_200])
        await #expect(throws: ConnectorError.self) {
            let nothing = Self.start + 40 * 3_600...Self.start + 41 * 3_600
            _ = try await Self.parquet(.timestamp(.milliseconds, isUTC: false), seconds, times: nothing)
        }
    }
}
