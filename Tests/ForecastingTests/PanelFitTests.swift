// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Tensor
import TestSupport
import Testing

@testable import Forecasting

@Suite("Models over several series")
struct PanelFitTests {
    private static let kinds: [ModelConfiguration] = [
        .nlinear(individual: false), .nlinear(individual: true), .dlinear(individual: false, kernelSize: 3),
    ]

    private func numbers(_ model: any ForecastModel) -> [Float] {
        model.tensors.flatMap { tensor -> [Float] in
            if case .float32(let values) = tensor.values { values } else { [] }
        }
    }

    /// Least squares over the windows of each series, cut one by one: window, channels, constant.
    private func bruteForce(
        _ parts: [RegressionPart],
        _ shape: WindowShape,
        relativeToLast: Bool,
        step: Int
    ) throws -> [Double] {
        var (rows, truth): ([[Double]], [Double]) = ([], [])
        for part in parts {
            for values in part.columns {
                for start in 0...(values.count - shape.lookback - shape.horizon) {
                    let window = values[start..<(start + shape.lookback)]
                    let base = relativeToLast ? values[start + shape.lookback - 1] : 0
                    let target = start + shape.lookback + step
                    let seen = (relativeToLast ? window.dropLast() : window).map { $0 - base }
                    rows.append(seen + part.future.map { $0[target] } + [1])
                    truth.append(values[target] - base)
                }
            }
        }
        let design = Matrix(rows: rows.count, columns: rows[0].count, elements: rows.flatMap(\.self))
        let sides = LinearAlgebra.multiply(Matrix(rows: 1, columns: truth.count, elements: truth), design)
        return try CholeskyFactor(LinearAlgebra.gram(design)).solve(rows: sides).elements
    }

    @Test("the map of all series is that of least squares over the windows of each", arguments: 0..<20 as Range<UInt64>)
    func oracle(seed: UInt64) throws {
        let random = try RandomPanel(seed: seed, count: 1 + Int(seed % 4))
        let shape = random.shape
        let parts = random.panel.series.map { series in
            RegressionPart(
                columns: Array(series.frame.columns.prefix(shape.targets)),
                future: [series.frame.columns[shape.targets]]
            )
        }
        for relativeToLast in [false, true] {
            let fitted = try WindowRegression(
                parts: parts,
                lookback: shape.lookback,
                horizon: shape.horizon,
                relativeToLast: relativeToLast
            )
            for step in 0..<shape.horizon {
                let wanted = try bruteForce(parts, shape, relativeToLast: relativeToLast, step: step)
                let seen = relativeToLast ? shape.lookback - 1 : shape.lookback
                let weights = (0..<seen).map { fitted.weights[step, $0] }
                let found = weights + [fitted.futureWeights[step, 0], fitted.bias[step]]
                for (value, other) in zip(found, wanted) { #expect(abs(value - other) < 1e-6 * max(1, abs(other))) }
            }
        }
    }

    @Test("a model of two copies of a series is that of the series", arguments: Self.kinds)
    func copies(configuration: ModelConfiguration) throws {
        let random = try RandomPanel(seed: 5, count: 1)
        let series = random.panel.series[0]
        let copies = try Panel(
            groupBy: ["copy"],
            series: ["a", "b"].map { Panel.Series(key: SeriesKey([$0]), frame: series.frame) }
        )
        let recipe = try random.recipe(configuration, .global)
        let one = try recipe.fitted(on: random.single(0), rows: random.train).forecaster
        let both = try recipe.fitted(on: copies, rows: random.train + random.train).forecaster
        #expect(both.keys == [SeriesKey(["a"]), SeriesKey(["b"])] && both.scope == .global)
        for forecaster in both.forecasters {
            #expect(forecaster.preprocessor == one.common.preprocessor)
            for (value, other) in zip(numbers(forecaster.model), numbers(one.common.model)) {
                #expect(abs(value - other) < 1e-5)
            }
        }
    }

    @Test("a model each is to the last bit the model of the series alone", arguments: Self.kinds)
    func local(configuration: ModelConfiguration) throws {
        let random = try RandomPanel(seed: 6, count: 3)
        let recipe = try random.recipe(configuration, .local)
        let events = Mutex<[FitEvent]>([])
        let fitted = try recipe.fitted(on: random.panel, rows: random.train, validation: random.validation) { event in
            events.withLock { $0.append(event) }
        }
        #expect(fitted.forecaster.scope == .local && fitted.training == nil)
        for (place, forecaster) in fitted.forecaster.forecasters.enumerated() {
            let alone = try recipe.fitted(on: random.single(place), rows: [random.train[place]]).forecaster
            #expect(alone.scope == .global && alone.groupBy.isEmpty)
            #expect(forecaster.preprocessor == alone.common.preprocessor)
            #expect(forecaster.model.tensors == alone.common.model.tensors)
        }
        #expect(
            events.withLock { $0 }
                == (1...3).map { .series(label: "store=north, item=item \($0 - 1)", number: $0, of: 3) }
        )
    }

    @Test("each series is scaled by itself, whatever the others are, and none sees its validation rows")
    func ownScale() throws {
        let random = try RandomPanel(seed: 7, count: 3)
        let recipe = try random.recipe(.nlinear(individual: false), .global)
        let fitted = try recipe.fitted(on: random.panel, rows: random.train, validation: random.validation).forecaster
        for (place, forecaster) in fitted.forecasters.enumerated() {
            let alone = try recipe.fitted(on: random.single(place), rows: [random.train[place]]).forecaster.common
            #expect(forecaster.preprocessor == alone.preprocessor)
            #expect(forecaster.model.tensors == fitted.common.model.tensors)
        }
        // Rows behind the train rows of any series change nothing.
        let planted = try random.panel.map { series throws(ForecastingError) in
            let end = series.frame.rowCount * 7 / 10
            return try TimeSeriesFrame(
                timestamps: series.frame.timestamps,
                names: series.frame.names,
                columns: series.frame.columns.map { $0.enumerated().map { $0 < end ? $1 : 1e6 } }
            )
        }
        let again = try recipe.fitted(on: planted, rows: random.train, validation: random.validation).forecaster
        #expect(again.common.model.tensors == fitted.common.model.tensors)
        #expect(zip(again.forecasters, fitted.forecasters).allSatisfy { $0.preprocessor == $1.preprocessor })
    }

    @Test("a level and a scale of one series leave the shared model as it was, and its forecasts follow")
    func affine() throws {
        let random = try RandomPanel(seed: 8, count: 3)
        let recipe = try random.recipe(.nlinear(individual: false), .global)
        let moved = try random.panel.map { series throws(ForecastingError) in
            guard series.key.values[1] == "item 1" else { return series.frame }
            let targets = random.shape.targets
            let columns = series.frame.columns.enumerated().map { place, column in
                place < targets ? column.map { 1_000 + 40 * $0 } : column
            }
            return try TimeSeriesFrame(
                timestamps: series.frame.timestamps,
                names: series.frame.names,
                columns: columns
            )
        }
        let (one, other) = (
            try recipe.fitted(on: random.panel, rows: random.train).forecaster,
            try recipe.fitted(on: moved, rows: random.train).forecaster
        )
        for (value, wanted) in zip(numbers(other.common.model), numbers(one.common.model)) {
            #expect(abs(value - wanted) < 1e-4)
        }
        for (place, series) in random.panel.series.enumerated() {
            let rows = 100..<(100 + random.shape.lookback)
            let known = (0..<random.shape.horizon).map {
                series.frame.columns[random.shape.targets][rows.upperBound + $0]
            }
            let before = try one.forecast(history: series.frame.rowMajor(rows), future: known, series: [place])
            let after = try other.forecast(
                history: moved.series[place].frame.rowMajor(rows),
                future: known,
                series: [place]
            )
            for (value, wanted) in zip(after, before) {
                let expected = place == 1 ? 1_000 + 40 * wanted : wanted
                #expect(abs(value - expected) < 1e-3 * max(1, abs(expected)))
            }
        }
    }

    @Test("what is wrong with one series names it", arguments: PanelScope.allCases)
    func errors(scope: PanelScope) throws {
        let random = try RandomPanel(seed: 9, count: 3)
        let recipe = try random.recipe(.nlinear(individual: false), scope)
        var rows = random.train
        rows[1] = 0..<3
        let short = #expect(throws: ForecastingError.self) { try recipe.fitted(on: random.panel, rows: rows) }
        #expect(
            short?.description.hasPrefix("series store=north, item=item 1: the train part has 3 rows") == true,
            "\(short.debugDescription)"
        )
        let alone = #expect(throws: ForecastingError.self) { try recipe.fitted(on: random.single(1), rows: [0..<3]) }
        #expect(alone?.description.hasPrefix("the train part has 3 rows") == true)
        rows[1] = 0..<0
        let none = #expect(throws: ForecastingError.self) { try recipe.refitted(on: random.panel, rows: rows) }
        #expect(none?.description.hasPrefix("series store=north, item=item 1: ") == true)
    }

    @Test("weights of elsewhere are those of all series, with the preprocessing of each")
    func imported() throws {
        let random = try RandomPanel(seed: 10, count: 2)
        let recipe = try random.recipe(.nlinear(individual: false), .global)
        let fitted = try recipe.fitted(on: random.panel, rows: random.train).forecaster
        let imported = try recipe.imported(fitted.common.model.tensors, on: random.panel, rows: random.train)
        #expect(imported.scope == .global && imported.keys == fitted.keys)
        for (one, other) in zip(imported.forecasters, fitted.forecasters) {
            #expect(one.preprocessor == other.preprocessor && one.model.tensors == other.model.tensors)
        }
    }

    @Test("intervals of a series are those of its own errors, and one with too few forecasts is named")
    func intervals() throws {
        let random = try RandomPanel(seed: 11, count: 3)
        let recipe = try random.recipe(.nlinear(individual: false), .global)
        let fitted = try recipe.fitted(on: random.panel, rows: random.train).forecaster
        let fit = ConformalFit(try IntervalLevels([60]))
        let calibrated = try fit.calibrated(fitted, on: random.panel, validation: random.validation)
        #expect(calibrated.scope == fitted.scope && calibrated.keys == fitted.keys)
        for place in 0..<3 {
            let alone = try fit.calibrated(
                PanelForecaster(fitted.forecasters[place]),
                on: random.single(place),
                validation: [random.validation[place]]
            )
            #expect(calibrated.forecasters[place].intervals == alone.common.intervals)
        }
        var validation = random.validation
        validation[2] = validation[2].prefix(random.shape.lookback + random.shape.horizon)
        let error = #expect(throws: ForecastingError.self) {
            try fit.calibrated(fitted, on: random.panel, validation: validation)
        }
        #expect(
            error?.description.hasPrefix("series store=north, item=item 2: spec.intervals: a level of 60 %") == true
        )
        #expect(throws: ForecastingError.self) {
            try fit.calibrated(fitted, on: random.single(0), validation: [random.validation[0]])
        }
    }

    @Test("of several trainings there is one summary: the most epochs, mean losses, and whether all ended early")
    func summary() throws {
        func training(_ epochs: Int, _ validation: Double?, _ stopped: Bool) -> TrainingSummary {
            TrainingSummary(
                epochs: epochs,
                bestEpoch: epochs - 1,
                trainLoss: Double(epochs),
                validationLoss: validation,
                stoppedEarly: stopped
            )
        }
        #expect(TrainingSummary(of: []) == nil)
        #expect(TrainingSummary(of: [training(3, 0.1, true)]) == training(3, 0.1, true))
        let all = try #require(TrainingSummary(of: [training(3, 0.5, true), training(5, 0.25, false)]))
        #expect(all.epochs == 5 && all.bestEpoch == 4 && all.trainLoss == 4 && !all.stoppedEarly)
        #expect(all.validationLoss == 0.375)
        #expect(TrainingSummary(of: [training(3, 0.5, true), training(5, nil, true)])?.validationLoss == nil)
    }
}
