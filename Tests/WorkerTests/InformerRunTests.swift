// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore
import Synchronization
import Testing

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
        let file = try ArtifactStore(root: workspace.store)
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
        let served = try ServedModel.load(model.uri, store: workspace.store, name: nil, calls: 2)
        let file = try forecast(workspace)
        let columns = try (targets + covariates).map { try #require(file.history.values[$0]) }
        let history = columns[0].indices.flatMap { row in columns.map { $0[row] } }
        let end = Int64(try #require(file.history.times.last).timeIntervalSince1970)
        let batch = HistoryBatch(values: history, batch: 1, ends: [end])
        let values = try await served.forecast(batch)
        let expected = try #require(file.forecast.values["value"])
        for step in 0..<6 {
            #expect(abs(values[step * targets.count] - expected[step]) <= 1e-6 * abs(expected[step]))
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
            store: workspace.store,
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
}
