// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import Testing
import WorkerTestSupport

@testable import Worker

@Suite("The evaluation of a model beside the one that is served")
struct EvaluateTaskTests {
    private let runner = StepRunner(transport: ScriptedTransport(), now: { Date(timeIntervalSince1970: 1_795_230_060) })

    private func reference(_ model: ModelStatus) -> IncumbentReference {
        IncumbentReference(version: model.version, uri: model.uri, digest: model.digest)
    }

    /// Makes a first version from the first rows, then evaluates another run on more rows beside it.
    private func evaluate(
        beside change: (inout IncumbentReference) -> Void = { _ in },
        first: (inout ForecastPipelineSpec) -> Void = { _ in },
        second: (inout ForecastPipelineSpec) -> Void = { _ in },
        in workspace: Workspace
    ) async throws -> StepResult {
        try workspace.write(Workspace.rows(800))
        let made = await runner.run(workspace.request(Workspace.wholeRun, first))
        #expect(made.exitCode == .success, "\(made.result)")
        var incumbent = reference(try #require(made.result.model))
        change(&incumbent)
        try workspace.write(Workspace.rows(1_000))
        var request = workspace.request(Workspace.wholeRun, second)
        request.run = "traffic-g2"
        request.version = "20261122-030000"
        request.incumbent = incumbent
        let outcome = await runner.run(request)
        #expect(outcome.exitCode == .success, "\(outcome.result)")
        return outcome.result
    }

    @Test("scores candidate, incumbent and naive forecast on the same windows, and keeps each window's errors")
    func baselines() async throws {
        let workspace = try Workspace()
        let result = try await evaluate(in: workspace)
        let backtest = try #require(result.backtest)
        #expect(backtest.windows == 189 && backtest.strideSteps == 1 && backtest.mode == .fixed)
        #expect(backtest.to == result.dataset?.to)
        let incumbent = try #require(backtest.baseline(.incumbent))
        let naive = try #require(backtest.baseline(.seasonalNaive))
        #expect(incumbent.version == "20261121-030000" && incumbent.problem == nil)
        // Both know the same series, so they differ by little; the naive forecast is far behind.
        let (mae, before) = (try #require(result.metrics).mae, try #require(incumbent.metrics).mae)
        #expect(abs(mae - before) < 0.1 * mae)
        let naiveError = try #require(naive.metrics).mae
        let test = try #require(naive.dieboldMariano)
        #expect(mae < naiveError && naive.windowsWon ?? 0 > 150 && test.pValue < 0.01 && test.statistic < 0)
        #expect(backtest.recent.count == 10 && backtest.recent.last?.incumbent != nil)
        let table = try String(contentsOfFile: "\(workspace.store)/\(backtest.table)", encoding: .utf8)
        #expect(table.split(separator: "\n").count == 1 + 3 * 189)
        #expect(try result.encoded().count <= StepResult.maximumBytes)
    }

    @Test("windows, stride and mode are those of the specification", arguments: BacktestSpec.Mode.allCases)
    func modes(mode: BacktestSpec.Mode) async throws {
        let workspace = try Workspace()
        let result = try await evaluate(
            second: { $0.backtest = BacktestSpec(windows: 6, strideSteps: 24, mode: mode) },
            in: workspace
        )
        let backtest = try #require(result.backtest)
        #expect(backtest.windows == 6 && backtest.strideSteps == 24 && backtest.mode == mode)
        #expect(backtest.recent.count == 6 && result.metrics?.windows == 6)
        let first = try #require(backtest.recent.first).from
        #expect(first == backtest.to.addingTimeInterval(-3_600 * (5 * 24 + 11)))
    }

    @Test("says why an incumbent cannot be compared, and the run goes on")
    func incomparable() async throws {
        func problem(
            _ change: (inout IncumbentReference) -> Void = { _ in },
            first: (inout ForecastPipelineSpec) -> Void = { _ in },
            second: (inout ForecastPipelineSpec) -> Void = { _ in }
        ) async throws -> String {
            let result = try await evaluate(beside: change, first: first, second: second, in: Workspace())
            let incumbent = try #require(result.backtest?.baseline(.incumbent))
            #expect(incumbent.metrics == nil && result.model != nil)
            return try #require(incumbent.problem)
        }
        #expect(try await problem({ $0.uri = "models/team/traffic/gone" }).contains("no artifact"))
        #expect(try await problem({ $0.digest = "sha256:00" }).contains("has digest"))
        #expect(try await problem(first: { $0.model.horizon = 6 }).contains("6 rows instead of 12"))
        #expect(try await problem(first: { $0.series.targets = ["other"] }).contains("other instead of value"))
        // 70 % of 800 rows, and a test part that begins after 40 % of 1,000.
        let seen = try await problem(second: { $0.split = SplitSpec(train: 0.4, validation: 0) })
        #expect(seen.contains("it was fitted on rows up to"))
    }

    @Test("more windows than the test part holds fail before anything is trained, with all numbers")
    func tooMany() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let outcome = await runner.run(
            workspace.request([.prepare]) { $0.backtest = BacktestSpec(windows: 10, strideSteps: 24) }
        )
        #expect(outcome.exitCode == .badData)
        #expect(outcome.result.failure?.message.contains("120 rows hold 5 of horizon 12") == true)
    }

    @Test("a version is not compared with itself")
    func itself() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        var request = workspace.request(Workspace.wholeRun)
        let first = await runner.run(request)
        request.incumbent = reference(try #require(first.result.model))
        let again = await runner.run(request)
        #expect(again.result == first.result)
    }
}
