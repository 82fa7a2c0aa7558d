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

@Suite("Runs that measure prediction intervals")
struct IntervalRunTests {
    private let runner = StepRunner(transport: ScriptedTransport(), now: { Date(timeIntervalSince1970: 1_795_230_060) })
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.write(Workspace.rows(1_000))
    }

    private func forecast() throws -> ForecastFile {
        let file = try workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        return try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file))
    }

    @Test("tell what the intervals held, and leave their bounds in the forecast and in the model")
    func wholeRun() async throws {
        let request = workspace.request(Workspace.wholeRun) { $0.intervals = IntervalsSpec(levels: [95, 50, 80]) }
        let outcome = await runner.run(request)
        #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
        let intervals = try #require(outcome.result.metrics?.intervals)
        #expect(intervals.map(\.level) == [50, 80, 95])
        // The noise is uniform, from -1 to 1: 80 of 100 values lie within a width of 1.6. Bounds come of 100 rows and 200
        // others fall beside them, each a binomial: three standard deviations of both together.
        for (found, width) in zip(intervals, [1.0, 1.6, 1.9]) {
            let share = found.level / 100
            let deviation = 100 * (share * (1 - share) * (1 / 100 + 1 / 200)).squareRoot()
            #expect(abs(found.coverage - found.level) < 3 * deviation, "\(found)")
            #expect(abs(found.width - width) < 0.4, "\(found)")
        }
        #expect(try outcome.result.encoded().count <= StepResult.maximumBytes)
        let file = try forecast()
        let quantiles = try #require(file.first.quantiles)
        #expect(quantiles.map(\.probability) == [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
        let columns = try quantiles.map { try #require($0.values["value"]) }
        for (lower, upper) in zip(columns, columns.dropFirst()) {
            #expect(lower.count == 12 && zip(lower, upper).allSatisfy { $0 <= $1 })
        }
        let uri = try #require(outcome.result.model?.uri)
        let served = try ServedModel.load(uri, store: workspace.artifacts, name: nil)
        let values = try #require(file.first.forecast.values["value"])
        #expect(served.series.quantiles([1], of: values).map(\.values) == [columns[1]])
        let manifest = try workspace.artifacts.load(workspace.artifacts.address(ofURI: uri)).manifest
        #expect(manifest.intervals?.levels == [50, 80, 95] && manifest.intervals?.windows == 100 - 12 + 1)
        #expect(manifest.evaluation?.intervals?.map(\.level) == [50, 80, 95])
    }

    @Test("measure them for every kind of model", arguments: ModelSpec.kinds)
    func kinds(kind: String) async throws {
        let all = Workspace.wholeRun
        let request =
            kind == "informer"
            ? InformerRunTests.request(workspace, all) { $0.intervals = IntervalsSpec(levels: [80]) }
            : workspace.request(all) { spec in
                spec.intervals = IntervalsSpec(levels: [80])
                spec.model = ModelSpec(lookback: 48, horizon: 12)
                switch kind {
                case "seasonalNaive": spec.model.seasonalNaive = SeasonalNaiveSpec()
                case "nlinear": spec.model.nlinear = NLinearSpec()
                default: spec.model.dlinear = DLinearSpec()
                }
            }
        let outcome = await runner.run(request)
        #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
        let found = try #require(outcome.result.metrics?.intervals?.first)
        #expect(found.level == 80 && abs(found.coverage - 80) < 12 && found.width > 0, "\(found)")
        let model = try #require(outcome.result.model)
        #expect(try ServedModel.load(model.uri, store: workspace.artifacts, name: nil).series.intervals != nil)
    }

    @Test("give the same in one step and in several, and a promoted version is counted on the same windows")
    func steps() async throws {
        func change(_ spec: inout ForecastPipelineSpec) { spec.intervals = IntervalsSpec(levels: [80]) }
        let whole = await runner.run(workspace.request(Workspace.wholeRun, change))
        for task in Workspace.wholeRun {
            let outcome = await runner.run(workspace.request([task], change))
            #expect(outcome.exitCode == .success, "\(outcome.result)")
            if task == .evaluate { #expect(outcome.result.metrics == whole.result.metrics) }
            if task == .publish { #expect(outcome.result.model == whole.result.model) }
        }
        let model = try #require(whole.result.model)
        var next = workspace.request(Workspace.wholeRun) { $0.backtest = BacktestSpec(windows: 20, strideSteps: 5) }
        (next.run, next.version) = ("traffic-g2", "20261122-030000")
        next.incumbent = IncumbentReference(version: model.version, uri: model.uri, digest: model.digest)
        let later = await runner.run(next)
        #expect(later.result.metrics?.intervals == nil)
        #expect(later.result.backtest?.baseline(.incumbent)?.metrics?.intervals?.map(\.level) == [80])
    }

    @Test("without spec.intervals nothing is said of them anywhere")
    func none() async throws {
        let outcome = await runner.run(workspace.request(Workspace.wholeRun))
        #expect(!String(decoding: try outcome.result.encoded(), as: UTF8.self).contains("intervals"))
        #expect(try forecast().first.quantiles == nil)
    }

    @Test("too few validation rows end the run when the data is prepared, with the field and the numbers")
    func tooFew() async throws {
        let few = await runner.run(
            workspace.request([.prepare]) { spec in
                spec.intervals = IntervalsSpec(levels: [80, 99])
            }
        )
        #expect(few.exitCode == .badData && few.result.failure?.reason == .badData)
        let message = few.result.failure?.message ?? ""
        #expect(
            message.hasPrefix("spec.intervals: a level of 99 % has to be founded on at least 199 forecasts"),
            "\(message)"
        )
        #expect(message.contains("its 100 rows hold 89 of horizon 12"), "\(message)")
    }

    @Test("files have a column for each quantile behind its target")
    func files() async throws {
        let folder = workspace.folder.appendingPathComponent("out").path
        var request = workspace.request(Workspace.wholeRun) { spec in
            spec.intervals = IntervalsSpec(levels: [80])
            spec.publish = PublishSpec(forecasts: [ForecastSinkSpec(csv: FileSinkSpec(path: folder))])
        }
        request.sinksPath = workspace.folder.path
        let outcome = await runner.run(request)
        #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
        let text = try String(contentsOfFile: "\(folder)/team/traffic/20261121-030000.csv", encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
        #expect(
            lines[0] == [
                "time", "issued", "step", "value", "value_0.1", "value_0.5", "value_0.9", "pipeline", "version",
            ]
        )
        let file = try forecast()
        for (step, line) in lines.dropFirst().enumerated() {
            #expect(line[3] == "\(file.first.forecast.values["value"]?[step] ?? .nan)")
            let found = line[4...6].map { Double($0) }
            let wanted = file.first.quantiles?.map { $0.values["value"]?[step] }
            #expect(found == wanted)
        }
    }
}
