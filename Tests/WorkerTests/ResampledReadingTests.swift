// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Parquet
import Synchronization
import TestSupport
import Testing
import TimeZones

@testable import Worker

/// A zone makes the rows wait for each other; times that have their offset are the same with it. So each run here is done
/// twice, once resampled while it is read, and once when all rows are there.
@Suite("Files that are resampled while they are read")
struct ResampledReadingTests {
    private static let start = 1_704_067_200

    /// Rows of about every ten minutes, of three stores between each other, with gaps and missing values.
    private static func rows(_ random: inout SeededRandom) -> [String] {
        (0..<9_000).filter { row in !(2_000..<2_100).contains(row) && !random.chance(5) }.flatMap { row in
            ["north", "south", "west"].filter { _ in random.chance(70) }.map { store in
                let time = Date(
                    timeIntervalSince1970: Double(start + row * 600 + Int.random(in: 0..<500, using: &random))
                )
                let value = random.chance(10) ? "" : "\(Double.random(in: -50...50, using: &random))"
                return "\(time.formatted(.iso8601)),\(store),\(value),\(row % 97)"
            }
        }
        .sorted()
    }

    /// Files of some rows each, which end anywhere.
    private static func write(_ rows: [String], _ workspace: Workspace, _ random: inout SeededRandom) throws {
        let folder = workspace.folder.appending(path: "data")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var start = 0
        while start < rows.count {
            let end = min(rows.count, start + Int.random(in: 1...4_000, using: &random))
            let text = "time,store,value,other\n" + rows[start..<end].map { "\($0)\n" }.joined()
            try Data(text.utf8).write(to: folder.appending(path: "\(100_000 + start).csv"))
            start = end
        }
    }

    /// What a run comes to and what it says.
    private static func prepare(
        _ workspace: Workspace,
        isWaiting: Bool,
        _ change: (inout ForecastPipelineSpec) -> Void
    ) async -> (outcome: StepRunner.Outcome, said: [String]) {
        let said = Mutex<[String]>([])
        var runner = StepRunner(
            transport: ScriptedTransport(),
            progress: ProgressReporter { event in said.withLock { $0.append("\(event.message) \(event.rows ?? -1)") } },
            threads: 2
        )
        runner.zones = .ofThisMachine
        var request = workspace.request([.prepare]) { spec in
            spec.source = SourceSpec(csv: CSVSourceSpec(path: "data/"))
            spec.series.targets = ["value", "other"]
            spec.preprocess = PreprocessSpec(missing: .seasonal)
            change(&spec)
            if isWaiting { spec.series.timeZone = "Etc/UTC" }
        }
        // In the middle of a bin.
        request.createdTime = Date(timeIntervalSince1970: Double(start + 8_000 * 600 + 1_000))
        return (await runner.run(request), said.withLock { $0 })
    }

    private static func expectSame(
        _ workspace: Workspace,
        _ change: (inout ForecastPipelineSpec) -> Void
    ) async -> StepRunner.Outcome {
        let (now, later) = (
            await prepare(workspace, isWaiting: false, change), await prepare(workspace, isWaiting: true, change)
        )
        #expect(now.outcome == later.outcome)
        #expect(now.said == later.said)
        return now.outcome
    }

    @Test(
        "give the data, checks and messages of rows that are resampled afterwards",
        arguments: PreprocessSpec.ResampleMethod.allCases,
        [nil, DataWindowSpec(lookbackPeriod: "30d")]
    )
    func same(_ method: PreprocessSpec.ResampleMethod, _ window: DataWindowSpec?) async throws {
        var random = SeededRandom(seed: 91)
        let workspace = try Workspace()
        try Self.write(Self.rows(&random), workspace, &random)
        for groupBy in [nil, ["store"]] {
            for frequency in ["1h", "20min", "3h"] {
                let outcome = await Self.expectSame(workspace) { spec in
                    spec.source.window = window
                    spec.series.groupBy = groupBy
                    spec.series.frequency = frequency
                    spec.preprocess?.resample = method
                    spec.dataChecks = DataChecksSpec(policy: .train, maxAgeSteps: 2, maxGapSteps: 3)
                }
                #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
                #expect(outcome.result.dataset?.series == groupBy.map { _ in 3 })
                // The gap lies before the window.
                #expect(window != nil || outcome.result.dataChecks?.valid?.holds == false)
            }
        }
    }

    @Test("begin a bin with the first row of the window, not with that of the bin")
    func edge() async throws {
        var random = SeededRandom(seed: 92)
        let workspace = try Workspace()
        try Self.write(Self.rows(&random), workspace, &random)
        let outcome = await Self.expectSame(workspace) { spec in
            spec.source.window = DataWindowSpec(
                from: Date(timeIntervalSince1970: Double(Self.start + 3_600 * 100 + 1_800))
            )
            spec.preprocess?.resample = .mean
        }
        #expect(outcome.result.dataset?.from == Date(timeIntervalSince1970: Double(Self.start + 3_600 * 100)))
    }

    @Test("end with the same words where rows cannot be used, or none is within the window")
    func problems() async throws {
        var random = SeededRandom(seed: 93)
        let rows = Self.rows(&random)
        func message(_ rows: [String], _ window: DataWindowSpec? = nil, groupBy: [String]? = nil) async throws -> String
        {
            let workspace = try Workspace()
            try Self.write(rows, workspace, &random)
            let outcome = await Self.expectSame(workspace) { spec in
                spec.source.window = window
                spec.series.groupBy = groupBy
                spec.preprocess?.resample = .sum
            }
            // Folders have names of their own.
            return (outcome.result.failure?.message ?? "").replacing(workspace.folder.path, with: "")
        }
        var unsorted = rows
        unsorted.swapAt(7_000, 12_000)
        #expect(try await message(unsorted).contains("sort the rows by time"))
        #expect(try await message(unsorted, groupBy: ["store"]).contains("series store="))
        let early = DataWindowSpec(from: Date(timeIntervalSince1970: 0), to: Date(timeIntervalSince1970: 1_000))
        #expect(
            try await message(rows, early)
                == "data/ has no data for this: no row lies from 1970-01-01T00:00:00Z to before "
                + "1970-01-01T00:16:40Z"
        )
        // What is wrong with the source is told first, though it stands behind.
        unsorted[15_000] = unsorted[15_000].replacing(",", with: ",x,")
        #expect(try await message(unsorted).contains("fields where there are 4 columns"))
    }

    @Test("may be Parquet, whose infinite values are told with their row")
    func parquet() async throws {
        let workspace = try Workspace()
        func write(_ change: (inout [Double]) -> Void) throws {
            let time = ParquetColumn(name: "time", kind: .timestamp(.milliseconds, isUTC: true))
            let columns = ["value", "other"].map { ParquetColumn(name: $0, kind: .double) }
            var writer = try ParquetWriter(columns: [time] + columns)
            var values = (0..<6_000).map { Double($0 % 101) }
            change(&values)
            var bytes: [UInt8] = []
            for rows in stride(from: 0, to: 6_000, by: 700).map({ $0..<min($0 + 700, 6_000) }) {
                let times = rows.map { Int64(Self.start + $0 * 600) * 1_000 }
                bytes += try writer.rowGroup(
                    [ParquetValues(column: time, storage: .int64(times))]
                        + columns.map { ParquetValues(column: $0, storage: .doubles(Array(values[rows]))) }
                )
            }
            try Data(bytes + writer.finish()).write(to: workspace.folder.appending(path: "data.parquet"))
        }
        let change: (inout ForecastPipelineSpec) -> Void = { spec in
            spec.source = SourceSpec(parquet: ParquetSourceSpec(path: "data.parquet"))
            spec.source.window = DataWindowSpec(from: Date(timeIntervalSince1970: Double(Self.start + 600 * 1_000)))
            spec.preprocess?.resample = .max
        }
        try write { _ in }
        #expect(await Self.expectSame(workspace, change).result.dataset?.rows == 834)
        try write { $0[5_000] = .infinity }
        let message = await Self.expectSame(workspace, change).result.failure?.message ?? ""
        #expect(message.contains("row 4001 (") && message.contains("column 'value' is infinite"), "\(message)")
        let none = await Self.expectSame(workspace) { spec in
            change(&spec)
            let first = Date(timeIntervalSince1970: Double(Self.start + 600 * 1_000 + 1))
            spec.source.window = DataWindowSpec(from: first, to: first.addingTimeInterval(1))
        }
        #expect(none.result.failure?.reason == .noData)
    }
}
