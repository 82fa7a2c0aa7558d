// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore
import Synchronization
import Testing
import WorkerTestSupport

@testable import Serving
@testable import Worker

@Suite("The step runner")
struct StepRunnerTests {
    private let all: [StepTask] = [.prepare, .train, .evaluate, .publish]
    private let now: @Sendable () -> Date = { Date(timeIntervalSince1970: 1_795_230_060) }

    private func runner(_ transport: ScriptedTransport = ScriptedTransport()) -> StepRunner {
        StepRunner(transport: transport, now: now)
    }

    @Test("a whole run gives a data set, metrics of model and naive forecast, and a model")
    func wholeRun() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(1_000))
        let outcome = await runner().run(workspace.request(all))
        #expect(outcome.exitCode == .success)
        #expect(outcome.result.failure == nil)
        #expect(outcome.result.dataset?.rows == 1_000)
        #expect(outcome.result.dataset?.from == Date(timeIntervalSince1970: 1_704_067_200))
        let metrics = try #require(outcome.result.metrics)
        let naive = try #require(outcome.result.backtest?.baseline(.seasonalNaive)?.metrics)
        #expect(metrics.windows == 200 - 12 + 1)
        #expect(metrics.mae < naive.mae && metrics.mae > 0)
        #expect(abs(metrics.scaledMae * 7.08 - metrics.mae) < 0.05 * metrics.mae)
        let model = try #require(outcome.result.model)
        #expect(model.uri == "models/team/traffic/20261121-030000")
        #expect(model.kind == "nlinear")
        #expect(model.digest.hasPrefix("sha256:"))
        #expect(model.trainedTime == now())
        #expect(try outcome.result.encoded().count <= StepResult.maximumBytes)
    }

    @Test("a Parquet file gives the data set that a CSV file of the same rows gives")
    func parquet() async throws {
        let workspace = try Workspace()
        let rows = Workspace.rows(1_000)
        try workspace.write(rows)
        try workspace.writeParquet(rows)
        let text = await runner().run(workspace.request([.prepare]))
        let parquet = await runner().run(
            workspace.request([.prepare]) { spec in
                spec.source = SourceSpec(parquet: ParquetSourceSpec(path: "data.parquet"))
            }
        )
        #expect(parquet.exitCode == .success)
        #expect(parquet.result.dataset?.rows == 1_000)
        #expect(parquet.result.dataset == text.result.dataset)
    }

    @Test("a window takes the same rows of a Parquet file as of a CSV file, and one beside the data says so")
    func windows() async throws {
        let workspace = try Workspace()
        let rows = Workspace.rows(1_000)
        try workspace.write(rows)
        try workspace.writeParquet(rows)
        func read(_ source: SourceSpec, from first: Double, to last: Double) async -> StepRunner.Outcome {
            let start = Date(timeIntervalSince1970: 1_704_067_200)
            return await runner().run(
                workspace.request([.prepare]) { spec in
                    spec.source = source
                    spec.source.window = DataWindowSpec(from: start + first * 3_600, to: start + last * 3_600)
                }
            )
        }
        let csv = SourceSpec(csv: CSVSourceSpec(path: "data.csv"))
        let parquet = SourceSpec(parquet: ParquetSourceSpec(path: "data.parquet"))
        let (text, packed) = (await read(csv, from: 100, to: 900), await read(parquet, from: 100, to: 900))
        #expect(text.result.dataset?.rows == 800)
        #expect(packed.result.dataset == text.result.dataset)
        for source in [csv, parquet] {
            #expect(await read(source, from: 2_000, to: 3_000).result.failure?.reason == .noData)
        }
    }

    @Test("a Parquet column that is not there is told with those that are, and so is what is no Parquet file")
    func badParquet() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(10))
        try workspace.writeParquet(Workspace.rows(10))
        let missing = await runner().run(
            workspace.request([.prepare]) { spec in
                spec.source = SourceSpec(parquet: ParquetSourceSpec(path: "data.parquet"))
                spec.series.targets = ["volume"]
            }
        )
        #expect(missing.exitCode == .badData)
        #expect(
            missing.result.failure?.message.contains("there is no column 'volume'; the columns are 'time', 'value'")
                == true
        )
        let text = await runner().run(
            workspace.request([.prepare]) { spec in
                spec.source = SourceSpec(parquet: ParquetSourceSpec(path: "data.csv"))
            }
        )
        #expect(text.exitCode == .badData)
        #expect(text.result.failure?.message.contains("data.csv is not a Parquet file") == true)
    }

    @Test("a run that publishes removes what the request does not keep, and a fault in that is no fault of the run")
    func retention() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(1_000))
        var request = workspace.request(all)
        for (run, version) in [("traffic-g0", "20200101-000000"), ("traffic-h0", "20210101-000000")] {
            request.run = run
            request.version = version
            request.createdTime = now() - 1e6
            #expect(await runner().run(request).exitCode == .success)
        }
        request = workspace.request(all)
        request.retention = RetentionRequest(keepVersions: 0, versions: ["20210101-000000"], runs: ["traffic-h0"])
        let outcome = await runner().run(request)
        #expect(outcome.exitCode == .success)
        let store = workspace.artifacts
        let versions = try store.versions(namespace: "team", pipeline: "traffic")
        #expect(versions == ["20210101-000000", "20261121-030000"])
        #expect(try workspace.contents().keys.contains { $0.hasPrefix("runs/team/traffic-g0/") } == false)
        #expect(try workspace.contents().keys.contains("runs/team/traffic-h0/run.json"))
        request.retention?.versions = []
        try FileManager.default.createDirectory(
            atPath: workspace.store + "/models/team/traffic/20210101-000000/odd/folder",
            withIntermediateDirectories: true
        )
        let second = await runner().run(request)
        #expect(second.exitCode == .success && second.result == outcome.result)
    }

    @Test("a run that only prepares data cleans up too")
    func retentionWithoutModel() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(1_000))
        var request = workspace.request(all)
        request.run = "traffic-g0"
        request.version = "20200101-000000"
        request.createdTime = now() - 1e6
        #expect(await runner().run(request).exitCode == .success)
        request = workspace.request([.prepare])
        request.retention = RetentionRequest(keepVersions: 0, versions: [], runs: [])
        #expect(await runner().run(request).exitCode == .success)
        #expect(try workspace.artifacts.versions(namespace: "team", pipeline: "traffic").isEmpty)
    }

    @Test("what is published can be served, and its manifest holds the metrics")
    func published() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(1_000))
        let outcome = await runner().run(workspace.request(all))
        let model = try #require(outcome.result.model)
        let served = try ServedModel.load(model.uri, store: workspace.artifacts, name: nil)
        #expect(served.name == "traffic")
        #expect(served.shape.lookback == 48)
        let address = try ArtifactAddress(namespace: "team", pipeline: "traffic", version: model.version)
        let manifest = try workspace.artifacts.load(address).manifest
        #expect(manifest.evaluation.map { Significant.round($0.original.mae) } == outcome.result.metrics?.mae)
        #expect(manifest.origin.data.digest == outcome.result.dataset?.digest)
        #expect(manifest.inputExample.count == 48)
    }

    @Test("the forecast file holds the last rows and the hours after them, as the served model gives them")
    func forecastFile() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(1_000))
        let outcome = await runner().run(workspace.request(all) { $0.series.targets = ["value", "other"] })
        let file = try workspace.artifacts
            .readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        let forecast = try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file))
        #expect(forecast.targets == ["value", "other"])
        #expect(forecast.first.history.times.count == 48 && forecast.first.forecast.times.count == 12)
        let last = try #require(forecast.first.history.times.last)
        #expect(forecast.first.forecast.times.first == last.addingTimeInterval(3_600))
        let served = try ServedModel.load(outcome.result.model?.uri ?? "", store: workspace.artifacts, name: nil)
        let values = try #require(forecast.first.history.values["value"])
        let others = try #require(forecast.first.history.values["other"])
        let expected = try await served.forecast(
            HistoryBatch(values: zip(values, others).flatMap { [$0, $1] }, batch: 1)
        )
        #expect(forecast.first.forecast.values["other"] == (0..<12).map { expected[$0 * 2 + 1] })
    }

    @Test(
        "each model kind runs through all tasks",
        arguments: [
            ModelSpec(lookback: 48, horizon: 12, seasonalNaive: SeasonalNaiveSpec()),
            ModelSpec(lookback: 48, horizon: 12, nlinear: NLinearSpec(individual: true)),
            ModelSpec(lookback: 48, horizon: 12, dlinear: DLinearSpec()),
        ]
    )
    func kinds(_ model: ModelSpec) async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let outcome = await runner().run(workspace.request(all) { $0.model = model })
        #expect(outcome.result.failure == nil)
        #expect(outcome.result.model?.kind == model.chosenKinds.first)
    }

    @Test("steps in separate processes give the same as one process")
    func separateSteps() async throws {
        let (one, many) = (try Workspace(), try Workspace())
        try one.write(Workspace.rows(600))
        try many.write(Workspace.rows(600))
        let whole = await runner().run(one.request(all))
        var last: StepRunner.Outcome?
        for task in all {
            last = await runner().run(many.request([task]))
            #expect(last?.exitCode == .success, "\(task)")
        }
        #expect(last?.result.model == whole.result.model)
        #expect(try one.contents() == many.contents())
    }

    @Test("running any task again changes nothing, also at a later time", arguments: Workspace.wholeRun)
    func idempotent(_ task: StepTask) async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let first = await runner().run(workspace.request(all))
        let before = try workspace.contents().filter { $0.key != "runs/team/traffic-g1/candidate.json" }
        let later = StepRunner(transport: ScriptedTransport(), now: { Date(timeIntervalSince1970: 1_900_000_000) })
        let again = await later.run(workspace.request([task]))
        #expect(again.exitCode == .success)
        if task == .publish { #expect(again.result.model == first.result.model) }
        let after = try workspace.contents().filter { $0.key != "runs/team/traffic-g1/candidate.json" }
        #expect(after == before)
    }

    @Test("a task that crashed before its last file is done by its next attempt")
    func crashed() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        _ = await runner().run(workspace.request([.prepare, .train, .evaluate]))
        let models = workspace.folder.appendingPathComponent("store/models/team/traffic")
        // What a killed process leaves: a folder that was never renamed.
        let partial = models.appendingPathComponent(".partial-1")
        try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: partial.appendingPathComponent("weights.safetensors"))
        let outcome = await runner().run(workspace.request([.publish]))
        #expect(outcome.exitCode == .success)
        #expect(throws: Never.self) {
            try ServedModel.load(outcome.result.model?.uri ?? "", store: workspace.artifacts, name: nil)
        }
    }

    @Test("training without prepared data says which file is missing")
    func missingDataset() async throws {
        let workspace = try Workspace()
        let outcome = await runner().run(workspace.request([.train]))
        #expect(outcome.result.failure?.reason == .artifactNotFound)
        #expect(outcome.result.failure?.message.contains("runs/team/traffic-g1/dataset.json") == true)
        #expect(outcome.exitCode == .badSpecification)
    }

    @Test("a damaged candidate is not evaluated")
    func damagedCandidate() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        _ = await runner().run(workspace.request([.prepare, .train]))
        let weights = workspace.folder.appendingPathComponent("store/runs/team/traffic-g1/candidate.safetensors")
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: weights)
        let outcome = await runner().run(workspace.request([.evaluate]))
        #expect(outcome.result.failure?.reason == .artifactDigestMismatch)
    }

    @Test("a version that is there with another content is never replaced")
    func versionTaken() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        _ = await runner().run(workspace.request(all))
        let outcome = await runner().run(workspace.request(all) { $0.model.horizon = 6 })
        #expect(outcome.exitCode == .internalError)
        #expect(outcome.result.failure?.message.contains("exists with different content") == true)
    }

    @Test("a schema version that is not known is refused before anything else")
    func unknownSchema() async throws {
        let workspace = try Workspace()
        var request = workspace.request(all)
        request.schemaVersion = 2
        let outcome = await runner().run(request)
        #expect(outcome.exitCode == .badSpecification)
        #expect(outcome.result.failure?.reason == .invalidSpec)
        #expect(outcome.result.failure?.message.contains("schemaVersion 2") == true)
    }

    @Test("a cancelled step asks for another try")
    func cancelled() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let request = workspace.request(all)
        let runner = runner()
        let outcome = await withTaskGroup(of: StepRunner.Outcome.self) { group in
            group.cancelAll()
            group.addTask { await runner.run(request) }
            return await group.next()
        }
        #expect(outcome?.exitCode == .tryAgain)
        #expect(try workspace.contents().isEmpty)
    }

    @Test("progress names the tasks in order, with fractions that never fall")
    func progress() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let events = Mutex<[StepProgress]>([])
        let runner = StepRunner(
            transport: ScriptedTransport(),
            now: now,
            progress: ProgressReporter { event in events.withLock { $0.append(event) } }
        )
        _ = await runner.run(workspace.request(all))
        let seen = events.withLock { $0 }
        let fractions = seen.map(\.fraction)
        #expect(fractions == fractions.sorted() && fractions.last == 1)
        #expect(Set(seen.map(\.task)) == Set(all.map(\.rawValue)))
        #expect(seen.contains { $0.rows == 600 })
    }
}
