// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("Metrics")
struct MetricsTests {
    @Test("streamed metrics equal two passes over all errors", arguments: 0..<20)
    func twoPasses(seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let (horizon, targets, windows) = (3, 2, Int.random(in: 1...40, using: &generator))
        let width = horizon * targets
        let offset = [0.0, 1e6][Int(seed % 2)]
        let truth = (0..<(windows * width)).map { _ in offset + Double.random(in: -1...1, using: &generator) }
        let forecasts = truth.map { $0 + Double.random(in: -0.5...0.5, using: &generator) }
        var accumulator = MetricsAccumulator(horizon: horizon, targets: targets)
        var start = 0
        while start < windows {
            let batch = Int.random(in: 1...min(7, windows - start), using: &generator)
            let cells = (start * width)..<((start + batch) * width)
            accumulator.add(forecasts: Array(forecasts[cells]), truth: Array(truth[cells]), batch: batch)
            start += batch
        }
        let (deviations, naive) = ([2.0, 0.5], [0.3, 0.7])
        let metrics = accumulator.metrics(deviations: deviations, naiveErrors: naive)
        let errors = zip(forecasts, truth).enumerated().map { ($1.0 - $1.1) / deviations[$0 % 2] }
        let count = Double(errors.count)
        #expect(abs(metrics.mae - errors.reduce(0) { $0 + abs($1) } / count) < 1e-9)
        #expect(abs(metrics.mse - errors.reduce(0) { $0 + $1 * $1 } / count) < 1e-9)
        #expect(metrics.rmse == metrics.mse.squareRoot())
        var (r2, mase) = (0.0, 0.0)
        for target in 0..<targets {
            let cells = stride(from: target, to: truth.count, by: targets)
            let mean = cells.reduce(0) { $0 + truth[$1] } / Double(windows * horizon)
            let total = cells.reduce(0) { $0 + (truth[$1] - mean) * (truth[$1] - mean) }
            let residual = cells.reduce(0) { $0 + (truth[$1] - forecasts[$1]) * (truth[$1] - forecasts[$1]) }
            r2 += (1 - residual / total) / 2
            let absolute = cells.reduce(0) { $0 + abs(truth[$1] - forecasts[$1]) } / Double(windows * horizon)
            mase += absolute / naive[target] / 2
        }
        #expect(abs(try #require(metrics.r2) - r2) < 1e-6)
        #expect(abs(try #require(metrics.mase) - mase) < 1e-9)
        let relative = zip(forecasts, truth).reduce(0) { $0 + abs(($1.0 - $1.1) / $1.1) } / count
        let symmetric = zip(forecasts, truth).reduce(0) { $0 + 2 * abs($1.0 - $1.1) / (abs($1.0) + abs($1.1)) } / count
        #expect(abs(try #require(metrics.mape) - 100 * relative) <= 1e-9 * 100 * relative)
        #expect(abs(try #require(metrics.smape) - 100 * symmetric) <= 1e-9 * 100 * symmetric)
        var pool = ErrorPool(horizon: horizon, targets: targets)
        pool.add(accumulator, deviations: deviations, naiveErrors: naive)
        let steps = pool.absoluteErrorByStep
        #expect(abs(steps.reduce(0, +) / 3 - metrics.mae) < 1e-12)
    }

    @Test("a true value of zero leaves no MAPE; a forecast that is zero but for rounding is no error of 200 %")
    func zeros() {
        var accumulator = MetricsAccumulator(horizon: 2, targets: 1, negligible: [1e-6])
        accumulator.add(forecasts: [1e-7, 3], truth: [0, 1], batch: 1)
        let metrics = accumulator.metrics(deviations: [1], naiveErrors: [1])
        #expect(metrics.mape == nil && metrics.smape == 50)
    }

    @Test("targets that do not vary have neither R2 nor MASE")
    func constants() {
        var accumulator = MetricsAccumulator(horizon: 2, targets: 1)
        accumulator.add(forecasts: [1, 2], truth: [1, 1], batch: 1)
        let metrics = accumulator.metrics(deviations: [1], naiveErrors: [0])
        #expect(metrics.r2 == nil)
        #expect(metrics.mase == nil)
        #expect(metrics.mae == 0.5)
    }
}
