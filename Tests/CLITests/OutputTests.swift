// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import CLI

@Suite("What is printed")
struct OutputTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func pipeline() throws -> ForecastPipeline {
        var pipeline = try PipelineFile.pipeline(in: PipelineFileTests.good, path: "p.yaml")
        pipeline.metadata.creationTimestamp = now.addingTimeInterval(-90_000)
        pipeline.spec.gate = GateSpec(threshold: 2)
        var status = ForecastPipelineStatus()
        status.conditions = [Condition(ConditionType.ready, .yes, reason: "GatePassed", message: "fine")]
        status.metrics = ModelMetrics(
            mae: 1.25,
            mse: 2.5,
            rmse: 1.58,
            r2: nil,
            mase: nil,
            scaledMae: 1,
            scaledMse: 1,
            windows: 9
        )
        status.gate = pipeline.spec.gate?.decide(metrics: try #require(status.metrics), backtest: nil)
        status.model = ModelStatus(version: "20261121-034500", uri: "u", digest: "d", kind: "nlinear")
        status.lastRun = LastRunStatus(name: "demo-g1", trigger: .specChange, startTime: now.addingTimeInterval(-130))
        pipeline.status = status
        return pipeline
    }

    @Test("is the table of kubectl get fpipe")
    func table() throws {
        var fresh = try PipelineFile.pipeline(in: PipelineFileTests.good, path: "p.yaml")
        fresh.metadata.name = "new"
        let text = PipelineTable.text([try Self.pipeline(), fresh], now: Self.now)
        let expected = """
            NAME   READY   REASON       MODEL     VERSION           MAE    MSE   GATE     THRESHOLD   LAST-RUN   NEXT-RUN   AGE
            demo   True    GatePassed   nlinear   20261121-034500   1.25   2.5   Passed   2           2m10s                 25h
            new

            """
        #expect(text == expected)
    }

    @Test(
        "counts ages as kubectl does",
        arguments: [(5, "5s"), (119, "119s"), (150, "2m30s"), (1_200, "20m"), (14_400, "4h"), (200_000, "2d7h")]
    )
    func ages(seconds: Double, expected: String) {
        #expect(Age.text(seconds) == expected)
    }

    @Test("of a process is cut into lines wherever its bytes are cut")
    func lines() {
        var buffer = LineBuffer()
        var found: [String] = []
        for byte in Array("one\n\ntwö\nend".utf8) { found += buffer.append(Data([byte])) }
        found += buffer.finish()
        #expect(found == ["one", "twö", "end"])
    }

    @Test("by a service is checked: its status, its length and its values")
    func predictions() throws {
        let times = [Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 60)]
        let file = ForecastFile(
            pipeline: "demo",
            version: "v",
            frequency: "1min",
            targets: ["a"],
            series: [
                .init(
                    history: .init(times: times, values: ["a": [1, 2]]),
                    forecast: .init(times: times, values: ["a": [3, 4]])
                )
            ]
        )
        let prediction = Prediction(forecast: file, series: file.first)
        let body = String(decoding: try prediction.body(), as: UTF8.self)
        #expect(body == #"{"instances":[{"end":"1970-01-01T00:01:00Z","history":[1,2]}]}"#)
        func check(_ text: String, status: Int = 200) throws -> [Double] {
            try prediction.check(status: status, body: Data(text.utf8))
        }
        #expect(try check(#"{"predictions":[[3,4]]}"#) == [3, 4])
        #expect(throws: CLIError.self) { try check(#"{"predictions":[[3]]}"#) }
        #expect(throws: CLIError.self) { try check(#"{"predictions":[[3,5]]}"#) }
        #expect(throws: CLIError.self) { try check(#"{"error":"no"}"#, status: 503) }
        #expect(throws: CLIError.self) { try check("") }
        var told = file
        told.futureCovariates = ["b"]
        told.series[0].history.values["b"] = [5, 6]
        told.series[0].known = .init(times: times, values: ["b": [7, 8]])
        let known = String(decoding: try Prediction(forecast: told, series: told.first).body(), as: UTF8.self)
        let wanted = #"{"end":"1970-01-01T00:01:00Z","future":[[7],[8]],"history":[[1,5],[2,6]]}"#
        #expect(known == #"{"instances":[\#(wanted)]}"#)
    }

    @Test("is progress only where the line is a worker's")
    func progress() {
        let line = #"{"fraction":0.5,"message":"reading x","rows":17520,"task":"Prepare"}"#
        #expect(WorkerProgress.decode(line)?.text == "reading x, 17,520 rows")
        #expect(WorkerProgress.decode(#"{"level":"info"}"#) == nil)
        #expect(WorkerProgress.decode("plain") == nil)
    }
}
