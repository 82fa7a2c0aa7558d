// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@Suite("Results of steps")
struct StepResultTests {
    @Test(
        "a failure fits a termination message and keeps most of its text",
        arguments: ["a", "\n", "\u{0}", "\"", "é", "🙂", "e\u{301}\u{302}"]
    )
    func fits(piece: String) throws {
        for count in [1, 500, 1_000, 4_096, 1_000_000 / piece.utf8.count] {
            var result = StepResult(step: "prepare")
            result.failure = StepFailure(reason: .badData, message: String(repeating: piece, count: count))
            let data = try result.encoded()
            #expect(data.count <= StepResult.maximumBytes)
            let decoded = try #require(StepResult.decode(String(decoding: data, as: UTF8.self)))
            #expect(decoded.failure?.reason == .badData)
            if decoded != result { #expect(data.count > StepResult.maximumBytes - 16) }
        }
    }

    @Test("the largest result of an evaluation fits a termination message")
    func largest() throws {
        let number = -1.234_567_890_123_45e-300
        let metrics = ModelMetrics(
            mae: number,
            mse: number,
            rmse: number,
            r2: number,
            mase: number,
            scaledMae: number,
            scaledMse: number,
            windows: .max,
            mape: number,
            smape: number
        )
        let version = String(repeating: "v", count: 63)
        var model = ModelStatus(
            version: version,
            uri: "models/\(String(repeating: "n", count: 63))/\(String(repeating: "p", count: 52))/\(version)",
            digest: "sha256:" + String(repeating: "0", count: 64),
            kind: "seasonalNaive",
            trainedTime: Sample.time
        )
        model.claimName = String(repeating: "c", count: 253)
        var backtest = Sample.backtest
        backtest.windows = .max
        backtest.strideSteps = .max
        backtest.table = "runs/\(String(repeating: "n", count: 63))/\(String(repeating: "r", count: 63))/backtest.csv"
        backtest.baselines = BaselineStatus.Kind.allCases.map { kind in
            var baseline = BaselineStatus(kind: kind, version: version, metrics: metrics)
            baseline.windowsWon = .max
            baseline.dieboldMariano = DieboldMarianoStatus(statistic: number, pValue: number)
            return baseline
        }
        let window = WindowStatus(from: Sample.time, value: number, incumbent: number, seasonalNaive: number)
        backtest.recent = [WindowStatus](repeating: window, count: BacktestStatus.maximumRecent)
        var result = StepResult(step: "train")
        result.dataset = DatasetStatus(digest: model.digest, rows: .max, from: Sample.time, to: Sample.time)
        result.metrics = metrics.rounded
        result.model = model
        result.backtest = backtest.rounded
        let scored = try result.encoded()
        #expect(scored.count <= StepResult.maximumBytes, "\(scored.count) bytes")
        #expect(StepResult.decode(String(decoding: scored, as: UTF8.self)) == result)
        // A problem takes the place of the incumbent's errors.
        let problem = String(repeating: "\u{1}", count: BaselineStatus.maximumProblem)
        result.backtest?.baselines[0] = BaselineStatus(kind: .incumbent, version: version, problem: problem)
        let refused = try result.encoded()
        #expect(refused.count <= StepResult.maximumBytes, "\(refused.count) bytes")
    }

    @Test("text that is no result is told apart", arguments: ["", "{", "panic", "{}", "[1]"])
    func foreign(text: String) {
        #expect(StepResult.decode(text) == nil)
    }
}
