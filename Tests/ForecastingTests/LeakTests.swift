// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("The future stays out of sight")
struct LeakTests {
    /// Forecasts from a covariate that runs ahead by `lead` rows, as far as its window shows it; else the last value.
    private struct Peeking: ForecastModel {
        let shape: WindowShape
        let lead: Int

        var configuration: ModelConfiguration { .seasonalNaive(seasonLength: 1) }
        var tensors: [NamedTensor] { [] }

        func predict(
            _ windows: Span<Float>,
            future: Span<Float>,
            ends: Span<Int64>,
            batch: Int,
            into output: inout MutableSpan<Float>
        ) {
            for window in 0..<batch {
                for step in 0..<shape.horizon {
                    let row = shape.lookback + step - lead
                    let cell =
                        row < shape.lookback ? row * shape.channels + 1 : (shape.lookback - 1) * shape.channels
                    output[window * shape.horizon + step] = windows[window * shape.inputCount + cell]
                }
            }
        }
    }

    private func walk(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        var value = 20.0
        return (0..<count).map { _ in
            value += Double.random(in: -1...1, using: &random)
            return value
        }
    }

    @Test(
        "a covariate that knows the future helps with the steps that a window shows, and with no other",
        arguments: 0..<8
    )
    func planted(lead: Int) throws {
        var random = SeededRandom(seed: UInt64(lead))
        let target = walk(300, &random)
        let (lookback, horizon) = (12, 6)
        let shape = try WindowShape(lookback: lookback, horizon: horizon, channels: 2, targets: 1)
        func errors(_ covariate: [Double], lead: Int) throws -> [Double] {
            let frame = try TimeSeriesFrame(
                timestamps: target.indices.map { 3_600 * Int64($0) },
                names: ["target", "covariate"],
                columns: [target, covariate]
            )
            let forecaster = try Forecaster(
                model: Peeking(shape: shape, lead: lead),
                scaler: Scaler(kind: .none, fitting: frame, rows: 0..<200),
                columns: frame.names,
                frequency: Frequency("1h")
            )
            let windows = try RollingOrigin(test: 188..<290, lookback: lookback, horizon: horizon)
            let backtest = try Backtest(candidate: forecaster, seasonLength: 1, windows: windows) { _ in forecaster }
            return try backtest.run(on: frame, train: 0..<200).candidate.maeByStep
        }
        let blind = try errors(target.map { _ in 0 }, lead: 0)
        let seeing = try errors(target.indices.map { target[min($0 + lead, 299)] }, lead: lead)
        for step in 0..<horizon { #expect(step < lead ? seeing[step] < 1e-5 : seeing[step] == blind[step]) }
    }

    @Test("what comes behind a window moves neither its forecast nor its errors", arguments: 0..<60)
    func wild(seed: UInt64) throws {
        let random = try RandomPreprocessing(seed: seed, hasGaps: seed % 3 == 0)
        var settings = random.settings
        settings.features = nil
        let frame = random.frame
        let shape = try WindowShape(
            lookback: 8,
            horizon: 5,
            channels: frame.names.count,
            targets: random.targets
        )
        let recipe = ForecasterRecipe(
            configuration: .nlinear(individual: false),
            shape: shape,
            preprocessing: settings,
            frequency: random.frequency
        )
        let history = 8 + settings.warmUp
        let end = random.train.upperBound
        let windows = try RollingOrigin(test: (end - history)..<400, lookback: history, horizon: 5, strideSteps: 7)
        let kept = windows.count / 2
        let first = windows.origin(kept - 1) + windows.horizon
        let planted = try TimeSeriesFrame(
            timestamps: frame.timestamps,
            names: frame.names,
            columns: frame.columns.map { column in column.enumerated().map { $0 < first ? $1 : 1e4 + Double($0 % 3) } }
        )
        func table(_ frame: TimeSeriesFrame) throws -> [[ForecastMetrics]] {
            let candidate = try recipe.fitted(on: Panel(frame), rows: [random.train]).forecaster.common
            let backtest = try Backtest(candidate: candidate, seasonLength: 6, windows: windows) { _ in candidate }
            let report = try backtest.run(on: frame, train: random.train)
            return [report.candidate, report.seasonalNaive].map { $0.table.prefix(kept).map(\.original) }
        }
        #expect(try table(planted) == table(frame))
    }
}
