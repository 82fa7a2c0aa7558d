// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore
import Testing
import WorkerTestSupport

@testable import Serving
@testable import Worker

@Suite("Preprocessing and splits in runs")
struct PreprocessingRunTests {
    private let all: [StepTask] = [.prepare, .train, .evaluate, .publish]

    private func run(_ request: StepRequest) async -> StepRunner.Outcome {
        await StepRunner(transport: ScriptedTransport(), now: { Date(timeIntervalSince1970: 1_795_230_060) })
            .run(request)
    }

    /// Rows of every ten minutes with gaps, of which hours are made.
    private func sparseRows() -> [String] {
        (0..<6_000).filter { $0 % 61 != 0 && !(1_200..<1_230).contains($0) }.map { row in
            let time = Date(timeIntervalSince1970: 1_704_067_200 + Double(row) * 600)
            let value = row % 6_000 == 77 ? 9_000 : 100 + 10 * sin(Double.pi * Double(row) / 72)
            return "\(time.formatted(.iso8601)),\(value),\(2 * value),text"
        }
    }

    private func spec(_ spec: inout ForecastPipelineSpec) {
        var preprocess = PreprocessSpec(missing: .seasonal, scaler: .robust)
        preprocess.resample = .mean
        preprocess.outliers = OutlierSpec(clip: .mad, factor: 5)
        preprocess.movingAverage = 6
        preprocess.transform = .boxCox
        preprocess.difference = DifferenceSpec(order: 1, seasonLength: 24)
        spec.preprocess = preprocess
        spec.series.targets = ["value", "other"]
        spec.split = SplitSpec(dates: SplitDatesSpec(validationFrom: "2024-01-28", testFrom: "2024-02-01T00:00:00Z"))
    }

    @Test("a run resamples, fills, cuts off, averages, transforms and differences, and what it publishes is served")
    func everything() async throws {
        let workspace = try Workspace()
        try workspace.write(sparseRows())
        let outcome = await run(workspace.request(all, spec))
        #expect(outcome.result.failure == nil)
        #expect(outcome.result.dataset?.rows == 1_000)
        let metrics = try #require(outcome.result.metrics)
        let naive = try #require(outcome.result.backtest?.baseline(.seasonalNaive)?.metrics)
        // A clean sine: what is left are gaps and the averages around them.
        #expect(metrics.mae < 1 && naive.mae < 1)
        let served = try ServedModel.load(outcome.result.model?.uri ?? "", store: workspace.artifacts, name: nil)
        #expect(served.forecaster.historyShape.lookback == 48 + 5 + 25)
        let file = try workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        let forecast = try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file))
        #expect(forecast.first.history.times.count == served.forecaster.historyShape.lookback)
        let columns = try ["value", "other"].map { try #require(forecast.first.history.values[$0]) }
        let history = columns[0].indices.flatMap { row in columns.map { $0[row] } }
        let expected = try await served.forecast(HistoryBatch(values: history, batch: 1))
        #expect(forecast.first.forecast.values["other"] == (0..<12).map { expected[$0 * 2 + 1] })
    }

    @Test("an Informer reads lags and rolling statistics beside targets and covariates")
    func features() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let request = InformerRunTests.request(workspace) { spec in
            spec.series.pastCovariates = ["other"]
            spec.preprocess = PreprocessSpec(scaler: .minMax)
            spec.preprocess?.lags = [1, 48]
            spec.preprocess?.rolling = [RollingSpec(function: .std, window: 12)]
        }
        let outcome = await run(request)
        #expect(outcome.result.failure == nil)
        let served = try ServedModel.load(outcome.result.model?.uri ?? "", store: workspace.artifacts, name: nil)
        let (history, model) = (served.forecaster.historyShape, served.forecaster.shape)
        #expect(history.lookback == 24 + 48 && history.channels == 2)
        #expect(model.lookback == 24 && model.channels == 2 + 3)
        let example = try workspace.artifacts.load(address(outcome)).manifest.inputExample
        let end = try #require(outcome.result.dataset?.to)
        let forecast = try served.forecaster.forecast(
            history: example.flatMap { $0 },
            ends: [Int64(end.timeIntervalSince1970)]
        )
        let file = try workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        let published = try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file))
        #expect(published.first.forecast.values["value"] == forecast)
    }

    private func address(_ outcome: StepRunner.Outcome) throws -> ArtifactAddress {
        try ArtifactAddress(namespace: "team", pipeline: "traffic", version: outcome.result.model?.version ?? "")
    }

    @Test("each step alone gives what all in one process give")
    func steps() async throws {
        let (one, many) = (try Workspace(), try Workspace())
        for workspace in [one, many] { try workspace.write(sparseRows()) }
        let whole = await run(one.request(all, spec))
        var last: StepRunner.Outcome?
        for task in all { last = await run(many.request([task], spec)) }
        #expect(whole.result.failure == nil && last?.result.failure == nil)
        #expect(last?.result.model?.digest == whole.result.model?.digest)
    }

    struct Refusal: Sendable {
        let reason: Reason
        let words: String
        let change: @Sendable (inout ForecastPipelineSpec) -> Void

        init(_ reason: Reason, _ words: String, _ change: @escaping @Sendable (inout ForecastPipelineSpec) -> Void) {
            (self.reason, self.words, self.change) = (reason, words, change)
        }

        static let all = [
            Refusal(.badData, "preprocess.transform Log") {
                $0.preprocess = PreprocessSpec()
                $0.preprocess?.transform = .log
            },
            Refusal(.invalidSpec, "spec.split.dates.testFrom") {
                $0.split = SplitSpec(dates: SplitDatesSpec(testFrom: "2030-01-01"))
            },
            Refusal(.invalidSpec, "spec.split.dates.validationFrom") {
                $0.split = SplitSpec(dates: SplitDatesSpec(validationFrom: "2001-01-01", testFrom: "2024-02-01"))
            },
            Refusal(.invalidSpec, "spec.split.borders") {
                $0.split = SplitSpec(borders: SplitBordersSpec(train: 800, validation: 100, test: 101))
            },
        ]
    }

    @Test("what the data does not allow is told with the field", arguments: Refusal.all)
    func refused(_ refusal: Refusal) async throws {
        let workspace = try Workspace()
        // `other` is negative throughout.
        try workspace.write(Workspace.rows(1_000))
        let outcome = await run(
            workspace.request([.prepare, .train]) { spec in
                spec.series.targets = ["value", "other"]
                refusal.change(&spec)
            }
        )
        #expect(outcome.result.failure?.reason == refusal.reason)
        #expect(outcome.result.failure?.message.contains(refusal.words) == true)
    }

    @Test("the published split of ETTh1: 12, 4 and 4 months of 30 days, context before validation and test")
    func borders() throws {
        let first = 1_467_331_200 as Int64
        let timestamps = (0..<17_420).map { first + 3_600 * Int64($0) }
        var spec = ForecastPipelineSpec(
            source: SourceSpec(csv: CSVSourceSpec(path: "ETTh1.csv")),
            series: SeriesSpec(timestamp: "date", targets: ["OT"], frequency: "1h"),
            model: ModelSpec(lookback: 336, horizon: 96, nlinear: NLinearSpec())
        )
        spec.split = SplitSpec(borders: SplitBordersSpec(train: 8_640, validation: 2_880, test: 2_880))
        let borders = try spec.dataSplit(timestamps, historyRows: spec.historyRows())
        #expect(borders.train == 0..<8_640)
        #expect(borders.validation == (8_640 - 336)..<11_520)
        #expect(borders.test == (11_520 - 336)..<14_400)
        #expect(spec.validationShare(borders, historyRows: 336) == 0.25)
        // By date, the test part goes on to the end.
        let dates = SplitDatesSpec(validationFrom: "2017-06-26", testFrom: "2017-10-24T02:00:00+02:00")
        spec.split = SplitSpec(dates: dates)
        let byDate = try spec.dataSplit(timestamps, historyRows: spec.historyRows())
        #expect(byDate.train == borders.train && byDate.validation == borders.validation)
        #expect(byDate.test == (11_520 - 336)..<17_420)
        // What looks back makes the context longer.
        spec.preprocess = PreprocessSpec()
        spec.preprocess?.movingAverage = 30
        #expect(try spec.dataSplit(timestamps, historyRows: spec.historyRows()).test.lowerBound == 11_520 - 336 - 29)
    }
}
