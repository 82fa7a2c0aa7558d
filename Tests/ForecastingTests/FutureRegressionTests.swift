// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Tensor
import TestSupport
import Testing

@testable import Forecasting

/// Series and what is known ahead of their rows, by chance.
private struct RandomRows {
    let series: [[Double]]
    let future: [[Double]]
    let lookback: Int
    let horizon: Int

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        (lookback, horizon) = (Int.random(in: 1...9, using: &random), Int.random(in: 1...7, using: &random))
        let rows = Int.random(in: 90...140, using: &random)
        let offset = Double.random(in: -50...50, using: &random)
        let future = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            (0..<rows).map { _ in offset + Double.random(in: -1...1, using: &random) }
        }
        series = (0..<Int.random(in: 1...2, using: &random)).map { _ in
            var values = [offset]
            for row in 1..<rows {
                let told = future.reduce(0) { $0 + $1[row] - offset }
                values.append(0.7 * values[row - 1] + told + Double.random(in: -1...1, using: &random) + 0.3 * offset)
            }
            return values
        }
        self.future = future
    }

    /// Least squares by the design matrix itself, one step after the other: window, channels, constant.
    func bruteForce(relativeToLast: Bool, step: Int) throws -> [Double] {
        var (rows, truth): ([[Double]], [Double]) = ([], [])
        for values in series {
            for start in 0...(values.count - lookback - horizon) {
                let window = values[start..<(start + lookback)]
                let base = relativeToLast ? values[start + lookback - 1] : 0
                let target = start + lookback + step
                // The last value less itself is no column.
                let seen = (relativeToLast ? window.dropLast() : window).map { $0 - base }
                rows.append(seen + future.map { $0[target] } + [1])
                truth.append(values[target] - base)
            }
        }
        let width = rows[0].count
        let design = Matrix(rows: rows.count, columns: width, elements: rows.flatMap(\.self))
        let sides = LinearAlgebra.multiply(Matrix(rows: 1, columns: truth.count, elements: truth), design)
        return try CholeskyFactor(LinearAlgebra.gram(design)).solve(rows: sides).elements
    }
}

@Suite("Least squares with what is known of rows to come")
struct FutureRegressionTests {
    @Test("window, channels and constant have the weights of the design matrix's own least squares", arguments: 0..<60)
    func bruteForce(seed: UInt64) throws {
        let random = RandomRows(seed: seed)
        for relativeToLast in [false, true] {
            let fitted = try WindowRegression(
                parts: [RegressionPart(columns: random.series, future: random.future)],
                lookback: random.lookback,
                horizon: random.horizon,
                relativeToLast: relativeToLast
            )
            for step in 0..<random.horizon {
                let wanted = try random.bruteForce(relativeToLast: relativeToLast, step: step)
                let seen = relativeToLast ? random.lookback - 1 : random.lookback
                let weights = (0..<seen).map { fitted.weights[step, $0] }
                let told = random.future.indices.map { fitted.futureWeights[step, $0] }
                for (value, other) in zip(weights + told + [fitted.bias[step]], wanted) {
                    #expect(abs(value - other) < 1e-6 * max(1, abs(other)))
                }
            }
        }
    }

    @Test("channels that the window or other channels tell already change no forecast")
    func collinear() throws {
        let rows = 400
        let wave = (0..<rows).map { sin(2 * Double.pi * Double($0) / 24) }
        let other = (0..<rows).map { cos(2 * Double.pi * Double($0) / 24) }
        let constant = [Double](repeating: 3, count: rows)
        let series = (0..<rows).map { 10 + 4 * wave[$0] - 2 * other[$0] }
        let regression = try WindowRegression(
            parts: [RegressionPart(columns: [series], future: [wave, other, wave, constant])],
            lookback: 30,
            horizon: 6,
            relativeToLast: true
        )
        for step in 0..<6 {
            let start = 200
            let last = series[start + 29]
            var forecast = last + regression.bias[step]
            for row in 0..<30 { forecast += regression.weights[step, row] * (series[start + row] - last) }
            for (channel, values) in [wave, other, wave, constant].enumerated() {
                forecast += regression.futureWeights[step, channel] * values[start + 30 + step]
            }
            #expect(abs(forecast - series[start + 30 + step]) < 1e-6)
            #expect((0..<4).allSatisfy { abs(regression.futureWeights[step, $0]) < 100 })
        }
    }

    @Test("the known effects of a holiday and of the temperature are found", arguments: [false, true])
    func effects(isDLinear: Bool) throws {
        var random = SeededRandom(seed: 3)
        let rows = 1_500
        let holiday = (0..<rows).map { $0 % 37 == 5 ? 1.0 : 0 }
        let temperature = (0..<rows).map { _ in Double.random(in: -1...1, using: &random) }
        // Without memory, so that each step's weights are the effects themselves.
        let series = (0..<rows).map { row in
            100 - 30 * holiday[row] + 8 * temperature[row] + Double.random(in: -0.5...0.5, using: &random)
        }
        let shape = try WindowShape(lookback: 12, horizon: 4, channels: 1, targets: 1, future: 2)
        let segment = TrainingData.Segment(
            columns: [series],
            future: [holiday, temperature],
            timestamps: (0..<rows).map { Int64($0) * 86_400 },
            train: 0..<rows,
            validation: 0..<0
        )
        let data = TrainingData([segment], frequency: try Frequency("1d"))
        let kind: ModelConfiguration =
            isDLinear ? .dlinear(individual: false, kernelSize: 5) : .nlinear(individual: true)
        let model = try kind.fit(data, shape: shape).model
        let tensor = try #require(model.tensors.first { $0.name == "future.weight" })
        guard case .float32(let weights) = tensor.values else {
            Issue.record("not numbers of 32 bits")
            return
        }
        #expect(tensor.shape == [1, 4, 2])
        // What NLinear begins with, the last value, had effects of its own, which are noise to it.
        let allowed: (holiday: Float, temperature: Float) = isDLinear ? (0.3, 0.1) : (3, 0.6)
        for step in 0..<4 {
            #expect(abs(weights[2 * step] + 30) < allowed.holiday)
            #expect(abs(weights[2 * step + 1] - 8) < allowed.temperature)
        }
        let stored = try kind.load(tensors: model.tensors, shape: shape, frequency: Frequency("1d"))
        let window = series[700..<712].map { Float($0) }
        let quiet = try predict(stored, window, [0, 0, 0, 0, 0, 0, 0, 0])
        let feast = try predict(stored, window, [0, 0, 1, 0, 0, 0, 0, 1])
        for (step, wanted) in ([0, -30, 0, 8] as [Float]).enumerated() {
            #expect(abs(feast[step] - quiet[step] - wanted) < allowed.holiday)
        }
        #expect(throws: ForecastingError.self) {
            try kind.load(tensors: model.tensors.dropLast(), shape: shape, frequency: Frequency("1d"))
        }
    }

    private func predict(_ model: any ForecastModel, _ window: [Float], _ future: [Float]) throws -> [Float] {
        var output = [Float](repeating: .nan, count: model.shape.outputCount)
        var span = output.mutableSpan
        model.predict(window.span, future: future.span, ends: [Int64]().span, batch: 1, into: &span)
        return output
    }

    @Test("the naive forecast refuses what it would not use")
    func naive() throws {
        let shape = try WindowShape(lookback: 12, horizon: 4, channels: 1, targets: 1, future: 1)
        #expect(throws: ForecastingError.self) { try SeasonalNaive(shape: shape, seasonLength: 1) }
    }

    @Test("a shape without a future is stored as it was before there was any")
    func shape() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let plain = try WindowShape(lookback: 2, horizon: 1, channels: 1, targets: 1)
        let text = String(decoding: try encoder.encode(plain), as: UTF8.self)
        #expect(text == #"{"channels":1,"horizon":1,"lookback":2,"targets":1}"#)
        let told = try WindowShape(lookback: 2, horizon: 1, channels: 1, targets: 1, future: 3)
        for shape in [plain, told] {
            #expect(try JSONDecoder().decode(WindowShape.self, from: encoder.encode(shape)) == shape)
        }
        #expect(throws: ForecastingError.self) {
            try WindowShape(lookback: 2, horizon: 1, channels: 1, targets: 1, future: -1)
        }
    }
}
