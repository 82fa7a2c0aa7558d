// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore
import TestSupport
import Testing
import WorkerTestSupport

@testable import Serving
@testable import Worker

@Suite("Runs with what is known of rows to come")
struct FutureRunTests {
    private static let start = 1_704_067_200.0
    private let all: [StepTask] = [.prepare, .train, .evaluate, .publish]

    private func run(_ request: StepRequest) async -> StepRunner.Outcome {
        await StepRunner(transport: ScriptedTransport(), now: { Date(timeIntervalSince1970: 1_795_230_060) })
            .run(request)
    }

    /// Hours of a target that follows a temperature without any pattern, and the temperature of hours to come.
    private func rows(_ count: Int, ahead: Int) -> [String] {
        var random = SeededRandom(seed: 11)
        return (0..<(count + ahead)).map { row in
            let time = Date(timeIntervalSince1970: Self.start + Double(row) * 3_600)
            let temperature = Double.random(in: -1...1, using: &random)
            let day = row / 24
            let value = 100 + 10 * temperature - (day % 9 == 4 ? 40 : 0)
            return "\(time.formatted(.iso8601)),\(row < count ? "\(value)" : ""),\(temperature)"
        }
    }

    private static func known(_ spec: inout ForecastPipelineSpec) {
        spec.series.targets = ["load"]
        spec.series.futureCovariates = ["temp"]
        // NLinear begins with the last value, whatever that row was like.
        spec.model = ModelSpec(lookback: 24, horizon: 6, dlinear: DLinearSpec())
        var preprocess = PreprocessSpec()
        // The same days as in the rows.
        let days = stride(from: 4, to: 60, by: 9).map { Date(timeIntervalSince1970: start + Double($0) * 86_400) }
        preprocess.holidays = HolidaysSpec(dates: days.map { String($0.formatted(.iso8601).prefix(10)) })
        preprocess.calendar = [.dayOfWeek]
        spec.preprocess = preprocess
    }

    private func write(_ workspace: Workspace, _ rows: [String]) throws {
        try workspace.write(rows, header: "time,load,temp")
    }

    @Test("the effects are found, the forecast follows the rows to come, and serving gives the same")
    func wholeRun() async throws {
        let workspace = try Workspace()
        try write(workspace, rows(1_000, ahead: 8))
        let outcome = await run(
            workspace.request(all) {
                Self.known(&$0)
                $0.intervals = IntervalsSpec(levels: [80])
            }
        )
        #expect(outcome.result.failure == nil, "\(outcome.result.failure?.message ?? "")")
        // Rows to come are no rows of the data.
        #expect(outcome.result.dataset?.rows == 1_000)
        let metrics = try #require(outcome.result.metrics)
        let naive = try #require(outcome.result.backtest?.baseline(.seasonalNaive)?.metrics)
        #expect(metrics.mae < 0.1 && naive.mae > 5)
        let file = try workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        let forecast = try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file))
        #expect(forecast.futureCovariates == ["temp"] && forecast.pastCovariates == nil)
        let told = try #require(forecast.first.known?.values["temp"])
        let values = try #require(forecast.first.forecast.values["load"])
        // Intervals were measured on forecasts that were told as much.
        for bound in forecast.first.quantiles ?? [] {
            for (value, other) in zip(bound.values["load"] ?? [], values) { #expect(abs(value - other) < 0.1) }
        }
        #expect(forecast.first.quantiles?.count == 3)
        for (value, temperature) in zip(values, told) { #expect(abs(value - 100 - 10 * temperature) < 1) }
        #expect(forecast.first.known?.times == forecast.first.forecast.times)
        #expect(forecast.first.forecast.times.first == Date(timeIntervalSince1970: Self.start + 1_000 * 3_600))
        let served = try ServedModel.load(outcome.result.model?.uri ?? "", store: workspace.artifacts, name: nil)
        let history = zip(
            try #require(forecast.first.history.values["load"]),
            try #require(forecast.first.history.values["temp"])
        )
        .flatMap { [$0, $1] }
        let end = Int64(try #require(forecast.first.history.times.last).timeIntervalSince1970)
        #expect(end == served.exampleEnd && served.exampleFuture == told.map { [$0] })
        let batch = HistoryBatch(values: history, batch: 1, ends: [end], future: told)
        #expect(try await served.forecast(batch) == values)
    }

    @Test("steps in processes of their own find the rows to come, too")
    func apart() async throws {
        let workspace = try Workspace()
        try write(workspace, rows(1_000, ahead: 6))
        for task in all {
            let outcome = await run(workspace.request([task], Self.known))
            #expect(outcome.result.failure == nil, "\(outcome.result.failure?.message ?? "")")
        }
        #expect(throws: Never.self) {
            try workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        }
    }

    @Test("a source that ends too early ends a run that writes its forecast, with column, row and number")
    func tooShort() async throws {
        let workspace = try Workspace()
        try write(workspace, rows(1_000, ahead: 4))
        let outcome = await run(
            workspace.request(all) {
                Self.known(&$0)
                let sink = FileSinkSpec(path: workspace.folder.appendingPathComponent("out").path)
                $0.publish = PublishSpec(forecasts: [ForecastSinkSpec(csv: sink)])
            }
        )
        #expect(outcome.exitCode == .badData && outcome.result.failure?.reason == .badData)
        let message = outcome.result.failure?.message ?? ""
        let wanted = "column 'temp' is known for 4 of the 6 rows behind 2024-02-11T15:00:00Z"
        #expect(message.contains(wanted), "\(message)")
    }

    @Test("without a place for it the forecast is left out, and the version is registered and served")
    func leftOut() async throws {
        let workspace = try Workspace()
        try write(workspace, rows(1_000, ahead: 0))
        let outcome = await run(workspace.request(all, Self.known))
        #expect(outcome.result.failure == nil, "\(outcome.result.failure?.message ?? "")")
        #expect(throws: ForecastingError.self) {
            try workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        }
        let served = try ServedModel.load(outcome.result.model?.uri ?? "", store: workspace.artifacts, name: nil)
        #expect(served.exampleFuture.count == 6)
    }

    @Test("a row to come that is no step of the grid, or is there twice, is named")
    func faultyRows() async throws {
        let workspace = try Workspace()
        for (last, text) in [
            ("2024-02-11T16:30:00Z,,1", "row 1001: 2024-02-11T16:30:00Z is not a whole number of steps"),
            ("2024-02-11T15:00:00Z,,1", "row 1001: 2024-02-11T15:00:00Z is there twice"),
        ] {
            try write(workspace, rows(1_000, ahead: 0) + [last])
            let outcome = await run(workspace.request([.prepare], Self.known))
            #expect(outcome.exitCode == .badData)
            #expect(outcome.result.failure?.message.contains(text) == true, "\(outcome.result.failure?.message ?? "")")
        }
    }

    @Test("a gap in what is known ahead is filled where the specification says so")
    func gaps() async throws {
        var lines = rows(1_000, ahead: 6)
        lines.remove(at: 1_002)
        let policies: [(PreprocessSpec.MissingPolicy, Bool)] = [
            (.fail, false), (.interpolate, true), (.seasonal, true),
        ]
        for (policy, isFilled) in policies {
            let workspace = try Workspace()
            try write(workspace, lines)
            let outcome = await run(
                workspace.request(all) {
                    Self.known(&$0)
                    $0.preprocess?.missing = policy
                }
            )
            #expect(outcome.result.failure == nil, "\(outcome.result.failure?.message ?? "")")
            let file = try? workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
            #expect((file != nil) == isFilled)
        }
    }

    @Test("with resampling, the bin that is not over counts as to come, and so do those behind it")
    func resampled() async throws {
        let workspace = try Workspace()
        // Half hours; the run is due in the middle of the hour of row 1,000.
        var random = SeededRandom(seed: 3)
        let lines = (0..<2_030).map { row in
            let time = Date(timeIntervalSince1970: Self.start + Double(row) * 1_800)
            let temperature = Double.random(in: -1...1, using: &random)
            return "\(time.formatted(.iso8601)),\(row <= 2_000 ? "\(50 + temperature)" : ""),\(temperature)"
        }
        try write(workspace, lines)
        var request = workspace.request(all) {
            Self.known(&$0)
            $0.preprocess?.resample = .mean
        }
        request.scheduledTime = Date(timeIntervalSince1970: Self.start + 1_000 * 3_600 + 1_900)
        let outcome = await run(request)
        #expect(outcome.result.failure == nil, "\(outcome.result.failure?.message ?? "")")
        #expect(outcome.result.dataset?.rows == 1_000)
    }

    @Test("a window of the source reaches as far beyond its end as the forecast, for what is known ahead")
    func window() throws {
        let workspace = try Workspace()
        var request = workspace.request(all) {
            Self.known(&$0)
            $0.source.window = DataWindowSpec(lookbackPeriod: "30d")
        }
        request.createdTime = Date(timeIntervalSince1970: Self.start + 1_000 * 3_600 + 60)
        let window = try #require(try RunWindow(request))
        let end = Int64(Self.start) + 1_000 * 3_600
        #expect(window.targetsEnd == end && window.range == (end - 30 * 86_400)..<(end + 6 * 3_600))
    }

    @Test("an Informer is told the calendar and what is known ahead, and serves what was measured")
    func informer() async throws {
        let workspace = try Workspace()
        try write(workspace, rows(600, ahead: 6))
        let outcome = await run(
            workspace.request(all) {
                Self.known(&$0)
                $0.model.dlinear = nil
                var informer = InformerSpec()
                (informer.dModel, informer.heads, informer.feedForward) = (16, 2, 32)
                $0.model.informer = informer
                var training = TrainingSpec()
                (training.epochs, training.learningRate, training.schedule) = (6, 0.003, .constant)
                $0.training = training
                $0.preprocess?.lags = [48]
            }
        )
        #expect(outcome.result.failure == nil, "\(outcome.result.failure?.message ?? "")")
        let metrics = try #require(outcome.result.metrics)
        let naive = try #require(outcome.result.backtest?.baseline(.seasonalNaive)?.metrics)
        #expect(metrics.mae < 0.6 * naive.mae, "\(metrics.mae) of \(naive.mae)")
        let file = try workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        let forecast = try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file))
        let served = try ServedModel.load(outcome.result.model?.uri ?? "", store: workspace.artifacts, name: nil)
        let history = zip(
            try #require(forecast.first.history.values["load"]),
            try #require(forecast.first.history.values["temp"])
        )
        .flatMap { [$0, $1] }
        let batch = HistoryBatch(
            values: history,
            batch: 1,
            ends: [Int64(try #require(forecast.first.history.times.last).timeIntervalSince1970)],
            future: try #require(forecast.first.known?.values["temp"])
        )
        #expect(try await served.forecast(batch) == forecast.first.forecast.values["load"])
    }
}
