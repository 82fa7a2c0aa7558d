// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Synchronization
import TestSupport
import Testing
import WorkerTestSupport

@testable import Connectors
@testable import Forecasting
@testable import Serving
@testable import Worker

@Suite("Runs over several series", .timeLimit(.minutes(2)))
struct GroupRunTests {
    private let workspace: Workspace
    private static let all = Workspace.wholeRun
    private static let runFiles = "runs/team/traffic-g1"

    /// Hourly sales of stores that differ in level and phase; rows of all stores interleave.
    private static func rows(_ stores: KeyValuePairs<String, Int>, from start: [String: Int] = [:]) -> [String] {
        var random = SeededRandom(seed: 5)
        let longest = stores.map(\.value).max() ?? 0
        var rows: [String] = []
        for row in 0..<longest {
            for (place, (store, count)) in stores.enumerated() where row < count {
                let hour = row + (start[store] ?? 0)
                let time = Date(timeIntervalSince1970: 1_704_067_200 + Double(hour) * 3_600)
                let season = sin(2 * Double.pi * Double(hour + 3 * place) / 24)
                let value = pow(10, Double(place)) * (10 + 3 * season + Double.random(in: -0.5...0.5, using: &random))
                let cell = store.contains(",") ? "\"\(store.replacing("\"", with: "\"\""))\"" : store
                rows.append("\(time.formatted(.iso8601)),\(cell),\(value)")
            }
        }
        return rows
    }

    init() throws { workspace = try Workspace() }

    private func write(_ rows: [String]) throws { try workspace.write(rows, header: "time,store,value") }

    private func request(
        _ tasks: [StepTask] = all,
        version: String = "20261121-030000",
        _ change: (inout ForecastPipelineSpec) -> Void = { _ in }
    ) -> StepRequest {
        var request = workspace.request(tasks) { spec in
            spec.series.groupBy = ["store"]
            spec.backtest = BacktestSpec(windows: 4, strideSteps: 12)
            change(&spec)
        }
        request.version = version
        return request
    }

    private func run(
        _ request: StepRequest,
        progress: ProgressReporter = ProgressReporter { _ in }
    ) async -> StepRunner.Outcome {
        var runner = StepRunner(transport: ScriptedTransport())
        runner.progress = progress
        return await runner.run(request)
    }

    private func forecast() throws -> ForecastFile {
        let file = try workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        return try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file))
    }

    private func table(_ name: String) throws -> [[String]] {
        let bytes = try workspace.artifacts.readRunFile(name, namespace: "team", run: "traffic-g1")
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    @Test(
        "prepare, train, score and publish each series, step by step as in one process",
        arguments: ModelScope.allCases
    )
    func wholeRun(scope: ModelScope) async throws {
        try write(Self.rows(["a": 600, "b": 500, "c": 700], from: ["b": 150]))
        let change: (inout ForecastPipelineSpec) -> Void = {
            $0.model.scope = scope
            $0.intervals = IntervalsSpec(levels: [80])
        }
        let outcome = await run(request(Self.all, change))
        #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
        let result = outcome.result
        #expect(result.dataset?.series == 3 && result.dataset?.rows == 1_800 && result.dataset?.skippedSeries == nil)
        #expect(result.metrics?.windows == 12 && result.backtest?.windows == 12)
        let series = try #require(result.backtest?.series)
        #expect(series.count == 3 && series.table == "\(Self.runFiles)/series.csv")
        // In units of the data the store with the highest level would always be the worst.
        #expect(series.worst.map(\.value) == series.worst.map(\.value).sorted(by: >))
        #expect(Set(series.worst.map(\.key)) == ["store=a", "store=b", "store=c"])
        #expect(series.worst.allSatisfy { $0.value < 0.5 })
        let naive = try #require(result.backtest?.baseline(.seasonalNaive)?.metrics)
        #expect(try #require(result.metrics).scaledMae < naive.scaledMae)

        let file = try forecast()
        #expect(file.groupBy == ["store"] && file.series.map(\.key) == [["a"], ["b"], ["c"]])
        for (place, one) in file.series.enumerated() {
            #expect(one.history.times.count == 48 && one.forecast.times.count == 12 && one.quantiles?.count == 3)
            let values = try #require(one.forecast.values["value"])
            let level = pow(10, Double(place)) * 10
            #expect(values.allSatisfy { abs($0 - level) < 0.6 * level }, "\(one.key): \(values)")
            #expect(one.forecast.times.first == one.history.times.last?.addingTimeInterval(3_600))
        }
        #expect(try table("series.csv").count == 1 + 3 * 2)
        #expect(try table("backtest.csv").first?.first == "store")

        let before = try workspace.contents()
        for task in Self.all { #expect(await run(request([task], change)).exitCode == .success) }
        let after = try workspace.contents()
        let changed = before.keys.filter { before[$0] != after[$0] && !$0.hasSuffix("candidate.json") }
        #expect(changed.filter { !$0.hasPrefix("models/") } == [])
    }

    @Test("each series is scaled by itself: what a store is forecast does not change with the units of another")
    func units() async throws {
        let rows = Self.rows(["a": 500, "b": 500])
        try write(rows)
        _ = await run(request { $0.model.scope = .local })
        let before = try forecast()
        try write(
            rows.map { row in
                let cells = row.split(separator: ",")
                return cells[1] == "b" ? "\(cells[0]),b,\((Double(cells[2]) ?? 0) * 1_024)" : row
            }
        )
        _ = await run(request(version: "20261122-030000") { $0.model.scope = .local })
        let after = try forecast()
        #expect(before.series[0] == after.series[0] && before.series[1] != after.series[1])
        #expect(before.version != after.version)
    }

    @Test("a table without groups and the same table with one group give the same model and the same numbers")
    func oneSeries() async throws {
        let rows = Self.rows(["a": 600])
        try write(rows)
        let grouped = await run(request()).result
        let groupedFile = try forecast()
        let plain = await run(request(version: "20261122-030000") { $0.series.groupBy = nil }).result
        let plainFile = try forecast()
        #expect(grouped.metrics == plain.metrics)
        #expect(plain.dataset?.series == nil && plain.backtest?.series == nil && plainFile.groupBy.isEmpty)
        #expect(groupedFile.first.forecast == plainFile.first.forecast)
        #expect(plain.backtest?.recent.count == 4)
    }

    @Test("series that are too short end the run, up to five by name with their rows; or are left out, and it is said")
    func shortSeries() async throws {
        try write(Self.rows(["a": 600, "b": 30, "c": 20, "d": 600]))
        let failed = await run(request())
        #expect(failed.exitCode == .badData && failed.result.failure?.reason == .badData)
        let message = try #require(failed.result.failure?.message)
        #expect(
            message.hasPrefix("2 of 4 series have too few rows: store=b (30 rows), store=c (20 rows); "),
            "\(message)"
        )
        #expect(message.contains("the train part has 21 rows") && message.contains("spec.series.shortSeries to Skip"))

        let said = Shared<[String]>([])
        let outcome = await run(
            request { $0.series.shortSeries = .skip },
            progress: ProgressReporter { event in said.withLock { $0.append(event.message) } }
        )
        #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
        #expect(outcome.result.dataset?.series == 2)
        #expect(outcome.result.dataset?.skippedSeries == SeriesListStatus(["store=b", "store=c"]))
        let messages = said.withLock(\.self)
        #expect(messages.contains("2 series with too few rows left out: store=b; store=c"), "\(messages)")
        #expect(messages.contains("1200 rows of 2 series"))
        #expect(try forecast().series.map(\.key) == [["a"], ["d"]])

        try write(Self.rows(["b": 30, "c": 20]))
        let none = await run(request { $0.series.shortSeries = .skip }).result.failure
        #expect(none?.reason == .badData)
        #expect(none?.message.hasPrefix("2 of 2 series have too few rows") == true, "\(none?.message ?? "")")
        #expect(none?.message.contains("Skip") == false)
    }

    @Test("dates of a split that lie outside of a series make it a short one")
    func dates() async throws {
        try write(Self.rows(["a": 700, "late": 300], from: ["late": 600]))
        let split = SplitSpec(dates: SplitDatesSpec(testFrom: "2024-01-22"))
        let failure = await run(request { $0.split = split }).result.failure
        #expect(failure?.message.contains("store=late (300 rows)") == true, "\(failure?.message ?? "")")
        let outcome = await run(
            request {
                $0.split = split
                $0.series.shortSeries = .skip
            }
        )
        #expect(outcome.result.dataset?.skippedSeries?.first == ["store=late"])
    }

    @Test("a fault of one series names it, with the row counted in that series")
    func faults() async throws {
        var rows = Self.rows(["a": 300, "b": 300])
        rows.append(rows[7])
        try write(rows)
        let failure = await run(request()).result.failure
        #expect(failure?.reason == .badData)
        #expect(failure?.message.hasPrefix("series store=b: row 301: ") == true, "\(failure?.message ?? "")")
    }

    @Test("data checks look at each series and name it")
    func dataChecks() async throws {
        try write(Self.rows(["a": 600, "b": 500]))
        let due = Date(timeIntervalSince1970: 1_704_067_200 + 3_600 * 601)
        func checked(_ checks: DataChecksSpec) async -> StepResult {
            var request = request { $0.dataChecks = checks }
            request.scheduledTime = due
            return await run(request).result
        }
        let stale = await checked(DataChecksSpec(maxAgeSteps: 50))
        #expect(stale.skipped == true && stale.dataChecks?.fresh?.holds == false)
        #expect(stale.dataChecks?.fresh?.message.hasPrefix("series store=b: the last row is of") == true)
        let fresh = await checked(DataChecksSpec(maxAgeSteps: 200))
        let sentence = "the last row of each of 2 series is at most 102 steps of 1h before 2024-01-26T01:00:00Z"
        #expect(fresh.dataChecks?.fresh?.message == sentence)
        #expect(fresh.dataChecks?.valid?.message == "1100 rows of 2 series are within all limits")
        let low = await checked(DataChecksSpec(ranges: [ColumnRangeSpec(column: "value", maximum: 20)]))
        #expect(low.dataChecks?.valid?.message.hasPrefix("series store=b: ") == true)
    }

    @Test("data checks look at the series that are trained on: one that is left out for its length is not judged")
    func checksOfShortSeries() async throws {
        let rows = Self.rows(["a": 600, "short": 30])
        try write(rows)
        func checked(_ policy: ShortSeriesPolicy) async -> StepResult {
            var request = request {
                $0.series.shortSeries = policy
                $0.dataChecks = DataChecksSpec(maxAgeSteps: 50)
                $0.preprocess = PreprocessSpec(missing: .fail)
            }
            request.scheduledTime = Date(timeIntervalSince1970: 1_704_067_200 + 3_600 * 600)
            return await run(request).result
        }
        let left = await checked(.skip)
        #expect(left.failure == nil && left.skipped == nil && left.dataset?.series == 1)
        #expect(left.dataChecks?.fresh?.message.hasPrefix("the last row of each of 1 series is at most 1 step") == true)
        #expect(left.dataChecks?.valid?.message == "600 rows of 1 series are within all limits")
        let judged = await checked(.fail)
        #expect(judged.skipped == true)
        #expect(judged.dataChecks?.fresh?.message.hasPrefix("series store=short: the last row is of") == true)
        // A gap that ends the run hides nothing of the other series.
        try write(rows.filter { !$0.hasPrefix("2024-01-05T00:00:00Z,a,") })
        let faulty = await checked(.skip)
        #expect(faulty.skipped == nil)
        #expect(faulty.failure?.message.hasPrefix("series store=a: ") == true, "\(faulty.failure?.message ?? "")")
        // Where nothing would be left, the checks tell of all, and the run fails.
        try write(Self.rows(["b": 30, "c": 20]))
        let none = await checked(.skip)
        #expect(none.skipped == true && none.dataChecks?.fresh?.holds == false)
    }

    @Test("an incumbent is compared on the series that both know, and those that it lacks are named")
    func incumbent() async throws {
        try write(Self.rows(["a": 600, "b": 600]))
        let first = try #require(await run(request()).result.model)
        try write(Self.rows(["a": 700, "b": 700, "new": 700]))
        var second = request(version: "20261122-030000")
        second.incumbent = IncumbentReference(version: first.version, uri: first.uri, digest: first.digest)
        let result = await run(second).result
        let baseline = try #require(result.backtest?.baseline(.incumbent), "\(result.failure?.message ?? "")")
        #expect(baseline.problem == nil && baseline.metrics?.windows == 8)
        #expect(baseline.missingSeries == SeriesListStatus(["store=new"]))
        // The level of the new store is a hundred times that of the first one, and ten times that of the second one.
        #expect(try #require(baseline.comparedValue) < 0.2 * (try #require(result.metrics).mae))
        try write(Self.rows(["x": 600, "y": 600]))
        second.version = "20261123-030000"
        let strangers = await run(second).result
        #expect(strangers.backtest?.baseline(.incumbent)?.problem?.contains("none of the 2 series") == true)
    }

    @Test("an incumbent may have seen later rows of another series, and none that its own series is scored on")
    func unseen() async throws {
        // Of 700 rows 490 train; series b begins so late that its train rows end behind the first test rows of a.
        let rows = Self.rows(["a": 700, "b": 700], from: ["b": 300])
        try write(rows)
        let first = try #require(await run(request()).result.model)
        var second = request(version: "20261122-030000")
        second.incumbent = IncumbentReference(version: first.version, uri: first.uri, digest: first.digest)
        let result = await run(second).result
        #expect(result.backtest?.baseline(.incumbent)?.problem == nil)
        var early = request(version: "20261123-030000") { $0.split = SplitSpec(train: 0.4, validation: 0) }
        early.incumbent = second.incumbent
        early.spec.backtest = nil
        let seen = await run(early).result.backtest?.baseline(.incumbent)?.problem
        #expect(
            seen?.hasPrefix("series store=a: it cannot be compared: it was fitted on rows up to") == true,
            "\(seen ?? "")"
        )
    }

    @Test("weights from elsewhere are one model: with a model for each series they are refused")
    func imported() async throws {
        try write(Self.rows(["a": 600, "b": 600]))
        var request = request { $0.model.scope = .local }
        request.importedWeights = "/nowhere.safetensors"
        let outcome = await run(request)
        #expect(outcome.exitCode == .badSpecification)
        #expect(outcome.result.failure?.message.hasPrefix("spec.model.scope: is Local") == true)
    }

    @Test("a published version answers for each series what its run forecast for it", arguments: ModelScope.allCases)
    func served(scope: ModelScope) async throws {
        try write(Self.rows(["a": 600, "b, \"B\"": 600]))
        let outcome = await run(
            request {
                $0.model.scope = scope
                $0.intervals = IntervalsSpec(levels: [80])
            }
        )
        let uri = try #require(outcome.result.model?.uri, "\(outcome.result.failure?.message ?? "")")
        let model = try ServedModel.load(uri, store: workspace.artifacts, name: nil)
        let made = try forecast()
        let bodies = PredictBody(series: model.series)
        let asked: [JSONValue] = made.series.reversed().map { one in
            .object([
                "series": .object(["store": .string(one.key[0])]),
                "data": .object(["value": .array((one.history.values["value"] ?? []).map { .double($0) })]),
            ])
        }
        let body: JSONValue = .object(["series": .array(asked), "quantiles": .array([.double(0.9)])])
        let request = try bodies.decode(Array(KubeJSON.encoder().encode(body)))
        #expect(request.history.series == [1, 0])
        let forecasts = try await model.forecast(request.history)
        let answer = try KubeJSON.decoder().decode(
            JSONValue.self,
            from: Data(bodies.encode(forecasts, for: request, model: model.name, version: model.version))
        )
        guard case .array(let found)? = answer["forecasts"] else {
            Issue.record("no forecasts: \(answer)")
            return
        }
        for (one, expected) in zip(found, made.series.reversed()) {
            #expect(one["series"]?["store"]?.string == expected.key[0])
            let columns = [
                ("value", expected.forecast.values["value"]), ("value_0.9", expected.quantiles?[2].values["value"]),
            ]
            for (name, wanted) in columns {
                let numbers = try JSONDecoder()
                    .decode([Double].self, from: JSONEncoder().encode(try #require(one["data"]?[name])))
                for (number, other) in zip(numbers, try #require(wanted)) {
                    #expect(abs(number - other) <= 1e-9 * abs(other), "\(name) of \(expected.key)")
                }
            }
        }
    }

    @Test("forecasts as files: a text column for each grouping column, the series below each other")
    func files() async throws {
        try write(Self.rows(["a": 600, "b, \"B\"": 600]))
        var request = request {
            $0.intervals = IntervalsSpec(levels: [80])
            $0.publish = PublishSpec(forecasts: [
                ForecastSinkSpec(csv: FileSinkSpec(path: "f")), ForecastSinkSpec(parquet: FileSinkSpec(path: "f")),
            ])
        }
        request.sinksPath = workspace.folder.path
        let outcome = await run(request)
        #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
        let file = try forecast()
        let place = workspace.folder.appendingPathComponent("f/team/traffic/20261121-030000").path
        let names = ["value", "value_0.1", "value_0.5", "value_0.9", "step"]
        let selection = CSVSelection(timestamp: "time", values: names, groupBy: ["store"])
        let csv = try await CSVSource(selection: selection, transport: ScriptedTransport()).read("\(place).csv").rows
        let source = ParquetSource(
            timestamp: "time",
            values: names,
            groupBy: ["store"],
            transport: ScriptedTransport()
        )
        for rows in [csv, try await source.read("\(place).parquet")] {
            let panel = try Panel(rows)
            #expect(panel.series.map(\.key.values) == [["a"], ["b, \"B\""]])
            for (read, made) in zip(panel.series, file.series) {
                let frame = try read.frame.selecting(names)
                #expect(frame.timestamps == made.forecast.times.map { Int64($0.timeIntervalSince1970) })
                #expect(frame.columns[0] == made.forecast.values["value"])
                #expect(frame.columns[2] == made.quantiles?[1].values["value"])
                #expect(frame.columns[4] == (1...12).map(Double.init))
            }
        }
    }
}
