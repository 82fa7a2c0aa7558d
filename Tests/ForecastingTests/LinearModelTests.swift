// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor
import TestSupport
import Testing

@testable import Forecasting

@Suite("Linear models")
struct LinearModelTests {
    static func walk(_ count: Int, _ generator: inout SeededRandom) -> [Double] {
        var level = 0.0
        return (0..<count).map { _ in
            level = 0.8 * level + Double.random(in: -1...1, using: &generator)
            return level
        }
    }

    /// Normal equations over explicit windows with a column of ones, by Gaussian elimination: [features + 1] a target step.
    static func bruteForce(
        _ series: [[Double]],
        lookback: Int,
        horizon: Int,
        features: ([Double]) -> [Double],
        target: ([Double], Double) -> Double
    ) -> [[Double]] {
        var rows: [[Double]] = []
        var targets: [[Double]] = []
        for column in series {
            for start in 0...(column.count - lookback - horizon) {
                let window = Array(column[start..<(start + lookback)])
                rows.append(features(window) + [1])
                targets.append((0..<horizon).map { target(window, column[start + lookback + $0]) })
            }
        }
        let width = rows[0].count
        return (0..<horizon).map { step in
            var system = (0..<width).map { i in
                (0..<width).map { j in rows.reduce(0) { $0 + $1[i] * $1[j] } }
                    + [zip(rows, targets).reduce(0) { $0 + $1.0[i] * $1.1[step] }]
            }
            for pivot in 0..<width {
                let best = (pivot..<width).max { abs(system[$0][pivot]) < abs(system[$1][pivot]) } ?? pivot
                system.swapAt(pivot, best)
                for row in 0..<width where row != pivot {
                    let factor = system[row][pivot] / system[pivot][pivot]
                    for column in pivot...width { system[row][column] -= factor * system[pivot][column] }
                }
            }
            return (0..<width).map { system[$0][width] / system[$0][$0] }
        }
    }

    @Test("the closed form equals normal equations over explicit windows", arguments: 0..<12)
    func closedForm(seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let lookback = Int.random(in: 2...6, using: &generator)
        let horizon = Int.random(in: 1...4, using: &generator)
        let offset = [0.0, 1e4][Int(seed % 2)]
        let series = (0..<2).map { _ in Self.walk(80, &generator).map { $0 + offset } }
        let plain = try WindowRegression(
            parts: [RegressionPart(columns: series)],
            lookback: lookback,
            horizon: horizon,
            relativeToLast: false
        )
        let relative = try WindowRegression(
            parts: [RegressionPart(columns: series)],
            lookback: lookback,
            horizon: horizon,
            relativeToLast: true
        )
        // The oracle squares the offset, so it works on the values without it; only the bias depends on it.
        let centred = series.map { $0.map { $0 - offset } }
        let expected = Self.bruteForce(
            centred,
            lookback: lookback,
            horizon: horizon,
            features: { $0 },
            target: { $1 }
        )
        let expectedRelative = Self.bruteForce(
            centred,
            lookback: lookback,
            horizon: horizon,
            features: { window in window.dropLast().map { $0 - window[lookback - 1] } },
            target: { $1 - $0[lookback - 1] }
        )
        for step in 0..<horizon {
            for row in 0..<lookback {
                #expect(abs(plain.weights[step, row] - expected[step][row]) < 1e-7)
                let other = row < lookback - 1 ? expectedRelative[step][row] : 0
                #expect(abs(relative.weights[step, row] - other) < 1e-7)
            }
            let sum = expected[step].dropLast().reduce(0, +)
            #expect(abs(plain.bias[step] - (expected[step][lookback] + offset * (1 - sum))) < 1e-3)
            #expect(abs(relative.bias[step] - expectedRelative[step][lookback - 1]) < 1e-7)
        }
    }

    @Test("DLinear's pair gives the fitted map again, and both models survive storing")
    func storing() throws {
        var generator = SeededRandom(seed: 7)
        let series = (0..<3).map { _ in Self.walk(200, &generator) }
        let shape = try WindowShape(lookback: 30, horizon: 5, channels: 4, targets: 3)
        let window = (0..<(2 * shape.inputCount)).map { _ in Float.random(in: -1...1, using: &generator) }
        for configuration in [
            ModelConfiguration.dlinear(individual: false, kernelSize: 25), .dlinear(individual: true, kernelSize: 41),
            .nlinear(individual: false), .nlinear(individual: true), .seasonalNaive(seasonLength: 7),
        ] {
            let model = try configuration.fit(series: series, shape: shape)
            let stored = try configuration.load(tensors: model.tensors, shape: shape, frequency: Frequency("1h"))
            #expect(Self.predict(model, window, 2) == Self.predict(stored, window, 2))
            for target in 0..<3 {
                let values = (0..<30).map { Double(window[$0 * 4 + target]) }
                let expected = try Self.expected(configuration, series, target, values)
                for step in 0..<5 {
                    #expect(abs(Double(Self.predict(model, window, 2)[step * 3 + target]) - expected[step]) < 1e-4)
                }
            }
        }
    }

    static func predict(_ model: any ForecastModel, _ windows: [Float], _ batch: Int) -> [Float] {
        var output = [Float](repeating: .nan, count: batch * model.shape.outputCount)
        var span = output.mutableSpan
        model.predict(windows.span, future: [Float]().span, ends: [Int64]().span, batch: batch, into: &span)
        return output
    }

    static func expected(
        _ configuration: ModelConfiguration,
        _ series: [[Double]],
        _ target: Int,
        _ window: [Double]
    ) throws -> [Double] {
        let individual: Bool
        let isRelative: Bool
        switch configuration {
        case .seasonalNaive(let season): return (0..<5).map { window[30 - season + $0] }
        case .nlinear(let own): (individual, isRelative) = (own, true)
        case .dlinear(let own, _): (individual, isRelative) = (own, false)
        case .informer: return []
        }
        let regression = try WindowRegression(
            parts: [RegressionPart(columns: individual ? [series[target]] : series)],
            lookback: 30,
            horizon: 5,
            relativeToLast: isRelative
        )
        let base = isRelative ? window[29] : 0
        return (0..<5).map { step in
            base + regression.bias[step]
                + (0..<30).reduce(0) { $0 + regression.weights[step, $1] * (window[$1] - base) }
        }
    }

    @Test("series without information, exact lines and exact seasons are forecast as they go on")
    func degenerate() throws {
        let shape = try WindowShape(lookback: 12, horizon: 6, channels: 1, targets: 1)
        let patterns: [(Int) -> Double] = [{ _ in 5.1 }, { Double($0) * 0.5 }, { Double($0 % 6) }]
        for pattern in patterns {
            let series = [(0..<120).map(pattern)]
            for configuration in [
                ModelConfiguration.nlinear(individual: false), .dlinear(individual: false, kernelSize: 5),
            ] {
                let model = try configuration.fit(series: series, shape: shape)
                let forecast = Self.predict(model, (108..<120).map { Float(pattern($0)) }, 1)
                for step in 0..<6 { #expect(abs(Double(forecast[step]) - pattern(120 + step)) < 1e-2) }
            }
        }
    }
}
