// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore
import Synchronization
import Testing
import WorkerRuntime
import WorkerTestSupport

@testable import Serving
@testable import Worker

/// Small Informers through all tasks of a run.
@Suite("Informer, from the request to the served forecast")
struct InformerRunTests {
    private static let all: [StepTask] = [.prepare, .train, .evaluate, .publish]
    private let now: @Sendable () -> Date = { Date(timeIntervalSince1970: 1_795_230_060) }

    /// A request for a model that trains in a second.
    static func request(
        _ workspace: Workspace,
        _ tasks: [StepTask] = all,
        _ change: (inout ForecastPipelineSpec) -> Void = { _ in }
    ) -> StepRequest {
        workspace.request(tasks) { spec in
            var informer = InformerSpec()
            (informer.dModel, informer.heads, informer.feedForward) = (16, 2, 32)
            (informer.encoderLayers, informer.labelLength) = (2, 12)
            spec.model = ModelSpec(lookback: 24, horizon: 6, informer: informer)
            var training = TrainingSpec()
            (training.epochs, training.learningRate) = (3, 0.003)
            spec.training = training
            change(&spec)
        }
    }

    private func runner(_ progress: ProgressReporter = ProgressReporter { _ in }, threads: Int = 2) -> StepRunner {
        StepRunner(transport: ScriptedTransport(), now: now, progress: progress, threads: threads)
    }

    private func forecast(_ workspace: Workspace) throws -> ForecastFile {
        let file = try workspace.artifacts
            .readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        return try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file))
    }

    @Test(
        "one column, several, and several for one are trained, scored and served as they were measured",
        arguments: [(["value"], []), (["value", "other"], []), (["value"], ["other"])]
    )
    func wholeRun(_ targets: [String], _ covariates: [String]) async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let outcome = await runner()
            .run(
                Self.request(workspace) {
                    $0.series.targets = targets
                    $0.series.pastCovariates = covariates.isEmpty ? nil : covariates
                }
            )
        #expect(outcome.result.failure == nil)
        let model = try #require(outcome.result.model)
        #expect(model.kind == "informer")
        #expect(outcome.result.metrics.map { $0.mae < 20 } == true)
        let training = try #require(outcome.result.training)
        #expect(training.epochs == 3 && (1...3).contains(training.bestEpoch) && !training.stoppedEarly)
        let served = try ServedModel.load(model.uri, store: workspace.artifacts, name: nil, calls: 2)
        let file = try forecast(workspace)
        let columns = try (targets + covariates).map { try #require(file.first.history.values[$0]) }
        let history = columns[0].indices.flatMap { row in columns.map { $0[row] } }
        let end = Int64(try #require(file.first.history.times.last).timeIntervalSince1970)
        let batch = HistoryBatch(values: history, batch: 1, ends: [end])
        let values = try await served.forecast(batch)
        let expected = try #require(file.first.forecast.values["value"])
        for step in 0..<6 {
            #expect(values[step * targets.count] == expected[step])
        }
        // Another hour of the day is another forecast, and the same request always has the same answer.
        #expect(try await served.forecast(batch) == values)
        let shifted = HistoryBatch(values: history, batch: 1, ends: [end + 11 * 3_600])
        #expect(try await served.forecast(shifted) != values)
        await #expect(throws: ForecastingError.self) {
            try await served.forecast(HistoryBatch(values: history, batch: 1))
        }
    }

    @Test("many requests at a time get the answers that they get one by one")
    func concurrent() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let outcome = await runner().run(Self.request(workspace))
        let served = try ServedModel.load(
            try #require(outcome.result.model).uri,
            store: workspace.artifacts,
            name: nil,
            calls: 2
        )
        let batches = (0..<16).map { index in
            let values = (0..<24).map { row in Double(100 + row * (index + 3) % 11) }
            return HistoryBatch(
                values: values,
                batch: 1,
                ends: [1_704_067_200 + Int64(index) * 3_600]
            )
        }
        var single: [[Double]] = []
        for batch in batches { single.append(try await served.forecast(batch)) }
        let forecaster = served.forecaster
        let together = try await withThrowingTaskGroup(of: (index: Int, values: [Double]).self) { group in
            for (index, batch) in batches.enumerated() {
                group.addTask {
                    let values = try await LongWork.compute {
                        try forecaster.forecast(history: batch.values, ends: batch.ends)
                    }
                    return (index, values)
                }
            }
            var found: [Int: [Double]] = [:]
            for try await answer in group { found[answer.index] = answer.values }
            return found
        }
        #expect(batches.indices.allSatisfy { together[$0] == single[$0] })
    }

    @Test("steps in separate processes, and a second time, give the same model")
    func repeatable() async throws {
        let (one, many) = (try Workspace(), try Workspace())
        try one.write(Workspace.rows(600))
        try many.write(Workspace.rows(600))
        let whole = await runner().run(Self.request(one))
        var last: StepRunner.Outcome?
        for task in Self.all { last = await runner().run(Self.request(many, [task])) }
        #expect(last?.result.model == whole.result.model)
        #expect(try one.contents() == many.contents())
        let again = await runner().run(Self.request(one, [.train, .evaluate, .publish]))
        #expect(again.result.model == whole.result.model)
    }

    @Test("the version before it is compared with it, and refits hold rows back to stop early")
    func incumbentAndRefits() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let first = try #require(await runner().run(Self.request(workspace)).result.model)
        var request = Self.request(workspace) {
            $0.backtest = BacktestSpec(windows: 2)
            $0.backtest?.mode = .expanding
            $0.training?.seed = 2
        }
        request.run = "traffic-g2"
        request.version = "20261122-030000"
        request.incumbent = IncumbentReference(version: first.version, uri: first.uri, digest: first.digest)
        let outcome = await runner().run(request)
        #expect(outcome.result.failure == nil)
        #expect(outcome.result.backtest?.baseline(.incumbent)?.metrics != nil)
        #expect(outcome.result.model?.digest != first.digest)
    }

    @Test("a training that gets no better stops early and says so; epochs and losses are in the progress")
    func stopsEarly() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let events = Mutex<[StepProgress]>([])
        let reporter = ProgressReporter { event in events.withLock { $0.append(event) } }
        let outcome = await runner(reporter)
            .run(
                Self.request(workspace) {
                    $0.training?.epochs = 60
                    $0.training?.patience = 1
                    $0.training?.learningRate = 0.02
                    $0.training?.schedule = .constant
                }
            )
        let training = try #require(outcome.result.training)
        #expect(training.stoppedEarly && training.epochs < 60 && training.bestEpoch == training.epochs - 1)
        let seen = events.withLock { $0 }
        #expect(seen.map(\.fraction) == seen.map(\.fraction).sorted())
        let epochs = seen.filter { $0.message.hasPrefix("epoch") }
        #expect(epochs.compactMap(\.epoch) == Array(1...training.epochs))
        #expect(epochs.allSatisfy { $0.epochs == 60 && $0.loss != nil })
        #expect(seen.contains { $0.message.hasPrefix("stopped early after epoch") })
    }

    @Test(
        "a worker that is killed while it trains is followed by one that ends with the same model",
        .enabled(if: WorkerProcess.program != nil, "almanac-worker is not built beside the tests"),
        .timeLimit(.minutes(2))
    )
    func killed() async throws {
        let (whole, broken) = (try Workspace(), try Workspace())
        func run(_ workspace: Workspace, _ tasks: [StepTask]) throws -> (process: WorkerProcess, result: String) {
            let request = Self.request(workspace, tasks) {
                $0.training?.epochs = 40
                $0.training?.patience = 40
                $0.training?.schedule = .constant
            }
            let (file, result) = ("\(workspace.folder.path)/request.json", "\(workspace.folder.path)/result.json")
            try KubeJSON.encoder().encode(request).write(to: URL(fileURLWithPath: file))
            return (try WorkerProcess(["run", "--request", file, "--result", result]), result)
        }
        for workspace in [whole, broken] {
            try workspace.write(Workspace.rows(600))
            #expect(try await run(workspace, [.prepare]).process.exitCode() == 0)
        }
        #expect(try await run(whole, [.train]).process.exitCode() == 0)
        let checkpoint = "\(broken.store)/runs/team/traffic-g1/\(RunCheckpoints.fileName)"
        let first = try run(broken, [.train]).process
        while !FileManager.default.fileExists(atPath: checkpoint) { try await Task.sleep(for: .milliseconds(2)) }
        first.kill()
        #expect(try await first.exitCode() == -1)
        #expect(try !broken.contents().keys.contains("runs/team/traffic-g1/candidate.json"))
        #expect(try await run(broken, [.train]).process.exitCode() == 0)
        let name = "runs/team/traffic-g1/candidate.safetensors"
        #expect(try broken.contents()[name] == whole.contents()[name])
    }

    @Test("what an Informer cannot be trained on is told before or while it trains, with the exit code of its kind")
    func badInput() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        typealias Change = (inout ForecastPipelineSpec) -> Void
        let cases: [(change: Change, reason: Reason, code: WorkerExitCode, says: String)] = [
            ({ $0.model.informer?.heads = 3 }, .invalidSpec, .badSpecification, "spec.model.informer.dModel: is 16"),
            ({ $0.model.lookback = 500 }, .badData, .badData, "lookback 500 + horizon 6 need at least 506"),
            ({ $0.training?.batchSize = 1_000 }, .badData, .badData, "for a batch of 1000 windows"),
        ]
        for (change, reason, code, says) in cases {
            let outcome = await runner().run(Self.request(workspace, Self.all, change))
            #expect(outcome.result.failure?.reason == reason && outcome.exitCode == code)
            #expect(outcome.result.failure?.message.contains(says) == true, "\(outcome.result.failure?.message ?? "")")
        }
        // Squares of numbers beyond 1e19 are no 32-bit numbers any more.
        try workspace.write(
            (0..<600).map { "\(Date(timeIntervalSince1970: Double($0) * 3_600).formatted(.iso8601)),\($0 % 24)e25,0," }
        )
        let diverged = await runner()
            .run(Self.request(workspace) { $0.preprocess = PreprocessSpec(scaler: PreprocessSpec.ScalerKind.none) })
        #expect(diverged.exitCode == .badSpecification)
        #expect(diverged.result.failure?.reason == .trainingDiverged)
        #expect(diverged.result.failure?.message.contains("epoch 1, at learning rate 0.003") == true)
    }

    @Test("an artifact that is cut off, changed, or of another shape is not served")
    func damagedArtifact() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let uri = try #require(await runner().run(Self.request(workspace)).result.model).uri
        let (weights, manifest) = (
            "\(workspace.store)/\(uri)/weights.safetensors", "\(workspace.store)/\(uri)/manifest.json"
        )
        func load() throws -> ServedModel { try ServedModel.load(uri, store: workspace.artifacts, name: nil) }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: weights))
        var changed = bytes
        changed[bytes.count - 2] ^= 64
        for damaged in [bytes.dropLast(100), changed] {
            try damaged.write(to: URL(fileURLWithPath: weights))
            let error = #expect(throws: ForecastingError.self) { try load() }
            guard case .artifactDigestMismatch = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        try bytes.write(to: URL(fileURLWithPath: weights))
        let text = try String(contentsOfFile: manifest, encoding: .utf8)
        for (old, new) in [
            ("\"dModel\" : 16", "\"dModel\" : 32"), ("\"dModel\" : 16", "\"dModel\" : 16384"),
            ("\"heads\" : 2", "\"heads\" : 3"), ("\"marks\" : 4", "\"marks\" : 5"),
        ] {
            #expect(text.contains(old))
            try text.replacing(old, with: new).write(toFile: manifest, atomically: true, encoding: .utf8)
            #expect(throws: ForecastingError.self, "\(new)") { try load() }
        }
    }
}
