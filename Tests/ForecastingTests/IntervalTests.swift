// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Forecasting

@Suite("Prediction intervals")
struct IntervalTests {
    private static let start: Int64 = 1_700_000_000

    private func frame(_ columns: [[Double]]) throws -> TimeSeriesFrame {
        try TimeSeriesFrame(
            timestamps: columns[0].indices.map { Self.start + 3_600 * Int64($0) },
            names: columns.indices.map { "c\($0)" },
            columns: columns
        )
    }

    private func naive(_ columns: Int, season: Int, horizon: Int) throws -> Forecaster {
        let shape = try WindowShape(lookback: season, horizon: horizon, channels: columns, targets: columns)
        return try Forecaster(
            model: SeasonalNaive(shape: shape, seasonLength: season),
            scaler: Scaler(kind: .none, fitting: frame([[Double]](repeating: [0, 1], count: columns)), rows: 0..<2),
            columns: (0..<columns).map { "c\($0)" },
            frequency: Frequency("1h")
        )
    }

    // MARK: Quantiles of errors

    @Test("a bound is the first error that enough others do not exceed", arguments: 0..<400)
    func ranks(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let percent = random.pick([50.0, 80, 90, 95, 99])
        let count = IntervalLevels.leastCount(percent) + Int.random(in: 0...60, using: &random)
        // Few different values, so that there are ties.
        let errors = (0..<count).map { _ in Double(Int.random(in: -20...20, using: &random)) }.sorted()
        let levels = try IntervalLevels([percent])
        let bounds = levels.quantiles.map { ConformalFit.quantile($0, ofSorted: errors) }
        // By the definition: of n + 1 errors that are as likely in every order, the new one is beyond the bound in no more
        // than a tail's share of the cases. Whole numbers, so that no rounding decides.
        let tail = Int((Double(count + 1) * (100 - percent)).rounded())
        func isEnough(_ inside: Int) -> Bool { (count + 1 - inside) * 200 <= tail }
        let upper = errors.first { bound in isEnough(errors.count { $0 <= bound }) }
        let lower = errors.last { bound in isEnough(errors.count { $0 >= bound }) }
        #expect(bounds[0] == lower && bounds[2] == upper)
        #expect(bounds[0] <= bounds[1] && bounds[1] <= bounds[2])
    }

    @Test("a level needs as many errors as make its bound one of them", arguments: 0..<60)
    func least(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let percent = random.pick([50.0, 80, 90, 95, 99, 99.9, Double(Int.random(in: 1...99, using: &random))])
        // By brute force, in thousandths of a percent.
        let tail = Int(((100 - percent) * 1_000).rounded())
        let fits = (1...20_000).first { ($0 + 1) * tail >= 200_000 }
        #expect(IntervalLevels.leastCount(percent) == fits, "\(percent)")
    }

    @Test("levels have the quantiles that people write, whatever their order")
    func levels() throws {
        #expect(try IntervalLevels([95, 80]).quantiles == [0.025, 0.1, 0.5, 0.9, 0.975])
        #expect(
            try IntervalLevels([99.9, 50, 90, 68.27]).quantiles.map { "\($0)" } == [
                "0.0005", "0.05", "0.15865", "0.25", "0.5", "0.75", "0.84135", "0.95", "0.9995",
            ]
        )
        for bad in [[], [80, 80], [80, 80.000000001], [0], [100], [.nan], [-5], [50, 60, 70, 80, 90]] {
            #expect(throws: ForecastingError.self, "\(bad)") { try IntervalLevels(bad) }
        }
    }

    /// The errors of a seasonal naive forecast over the origins o = 20 … 41, sorted by numpy:
    ///
    ///     e = numpy.sort([y[o + h] - y[o - 2 + h % 2] for o in range(20, 42)])
    ///
    /// Of these 22, `e[1]`, `numpy.median(e)` and `e[20]` are taken, for ceil(23 · 0.9) is 21.
    private static let expectedOffsets: [Double] = [
        -26, -0.5, 28, -35, 8, 20, -26, 1, 28, -35, 8, 20, -25, 4.5, 27, -27, -9, 32,
    ]

    @Test("each step and target has bounds of its own, from the validation rows alone")
    func byHand() throws {
        let cubes = (0..<60).map { row -> Double in Double(row * row * row % 31) }
        let squares = (0..<60).map { row -> Double in Double((row % 7) * (row % 7)) }
        let columns = [cubes, squares]
        let model = try naive(2, season: 2, horizon: 3)
        let fit = ConformalFit(try IntervalLevels([80]))
        let calibrated = try fit.calibrated(PanelForecaster(model), on: Panel(frame(columns)), validation: [18..<44])
            .common
        let intervals = try #require(calibrated.intervals)
        #expect(intervals.windows == 22)
        #expect(intervals.offsets == Self.expectedOffsets)
        // Two forecasts of [3 steps x 2 targets].
        let forecasts: [Double] = [0, 100, 200, 300, 400, 500, 1_000, 1_100, 1_200, 1_300, 1_400, 1_500]
        let lower: [Double] = [-26, -35, -26, -35, -25, -27]
        #expect(intervals.quantile(0, of: forecasts) == zip(forecasts, lower + lower).map { $0 + $1 })
        // Other test rows change nothing.
        let other = columns.map { $0.enumerated().map { $0 < 44 ? $1 : -1_000 } }
        let again = try fit.calibrated(PanelForecaster(model), on: Panel(frame(other)), validation: [18..<44])
        #expect(again.common.intervals == intervals)
        // The point forecast stays as it was.
        let history = [1.0, 2, 3, 4]
        #expect(try calibrated.forecast(history: history) == model.forecast(history: history))
    }

    // MARK: Coverage

    /// y = 0.7 y' + noise, with noise by a function of a uniform number.
    private func autoregression(_ count: Int, seed: UInt64, noise: (Double) -> Double) -> [Double] {
        var random = SeededRandom(seed: seed)
        var level = 0.0
        return (0..<count).map { _ in
            level = 0.7 * level + noise(Double.random(in: 0.000001..<1, using: &random))
            return level
        }
    }

    private struct Noise: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let value: @Sendable (Double) -> Double

        static let all = [
            Noise(testDescription: "uniform") { $0 - 0.5 },
            Noise(testDescription: "exponential, all on one side") { -log($0) },
            Noise(testDescription: "Cauchy, without a mean") { tan(.pi * ($0 - 0.5)) },
        ]
    }

    @Test("intervals hold as much of the test rows as they say, whatever the noise", arguments: Noise.all)
    private func coverage(noise: Noise) throws {
        let frame = try frame([autoregression(12_000, seed: 7, noise: noise.value)])
        let split = try DataSplit(rows: 12_000, train: 0.5, validation: 0.25, lookback: 4, horizon: 1)
        let recipe = ForecasterRecipe(
            configuration: .nlinear(individual: false),
            shape: try WindowShape(lookback: 4, horizon: 1, channels: 1, targets: 1),
            frequency: try Frequency("1h")
        )
        let fitted = try recipe.fitted(on: Panel(frame), rows: [split.train]).forecaster
        let fit = ConformalFit(try IntervalLevels([50, 80, 95]))
        let candidate = try fit.calibrated(fitted, on: Panel(frame), validation: [split.validation]).common
        let windows = try RollingOrigin(test: split.test, lookback: 4, horizon: 1)
        let backtest = try Backtest(candidate: candidate, seasonLength: 1, windows: windows) { _ in candidate }
        let report = try backtest.run(on: frame, train: split.train)
        #expect(report.candidate.intervals.map(\.level) == [50, 80, 95] && report.seasonalNaive.intervals.isEmpty)
        for score in report.candidate.intervals {
            // One step's errors are as good as independent. Bounds come of 3,000 of them and 3,000 others fall beside them,
            // each a binomial: four standard deviations of both together.
            let share = score.level / 100
            let deviation = 100 * (share * (1 - share) * 2 / 3_000).squareRoot()
            #expect(abs(score.coverage - score.level) < 4 * deviation, "\(score)")
        }
        #expect(report.summary.intervals == report.candidate.intervals)
    }

    @Test("coverage and width are what a count over all windows gives, and those of the candidate in every mode")
    func scores() throws {
        let columns = [0, 1].map { autoregression(400, seed: 3 + $0, noise: { $0 - 0.5 }) }
        let frame = try frame(columns)
        let fit = ConformalFit(try IntervalLevels([60, 90]))
        let model = PanelForecaster(try naive(2, season: 3, horizon: 4))
        let candidate = try fit.calibrated(model, on: Panel(frame), validation: [200..<300]).common
        let intervals = try #require(candidate.intervals)
        let windows = try RollingOrigin(test: 297..<400, lookback: 3, horizon: 4, windows: 20, strideSteps: 5)
        var (inside, width, count) = ([0.0, 0], [0.0, 0], 0.0)
        for window in 0..<windows.count {
            let origin = windows.origin(window)
            let forecast = try candidate.forecast(history: frame.rowMajor((origin - 3)..<origin))
            let quantiles = (0..<5).map { intervals.quantile($0, of: forecast) }
            for (cell, value) in frame.rowMajor(origin..<(origin + 4)).enumerated() {
                for (level, bounds) in [(1, 3), (0, 4)].enumerated() {
                    let (low, high) = (quantiles[bounds.0][cell], quantiles[bounds.1][cell])
                    inside[level] += low <= value && value <= high ? 1 : 0
                    width[level] += high - low
                }
                count += 1
            }
        }
        let refit = try naive(2, season: 3, horizon: 4)
        for mode in Backtest.Mode.allCases {
            let backtest = try Backtest(candidate: candidate, seasonLength: 3, windows: windows, mode: mode) { _ in
                refit
            }
            let found = try backtest.run(on: frame, train: 0..<200).candidate.intervals
            #expect(found.map(\.level) == [60, 90])
            for (level, score) in found.enumerated() {
                #expect(abs(score.coverage - 100 * inside[level] / count) < 1e-9, "\(mode)")
                #expect(abs(score.width - width[level] / count) < 1e-9, "\(mode)")
            }
        }
    }

    // MARK: With preprocessing

    @Test("errors are in original units, of what the metrics measure, whatever is done to the rows")
    func preprocessing() throws {
        var random = SeededRandom(seed: 11)
        let values = (0..<500).map { row -> Double in
            let value = 100 + 30 * sin(Double(row) / 4) + Double.random(in: 0...5, using: &random)
            return row % 37 == 5 ? .nan : value
        }
        let frame = try frame([values])
        var settings = PreprocessorSettings()
        (settings.missing, settings.movingAverage, settings.transform) = (.interpolate, 3, .log)
        settings.difference = Differencing(order: 1, seasonLength: nil)
        let recipe = ForecasterRecipe(
            configuration: .nlinear(individual: false),
            shape: try WindowShape(lookback: 12, horizon: 2, channels: 1, targets: 1),
            preprocessing: settings,
            frequency: try Frequency("1h")
        )
        let model = try recipe.fitted(on: Panel(frame), rows: [0..<300]).forecaster.common
        let context = model.historyShape.lookback
        let fit = ConformalFit(try IntervalLevels([80]))
        let validation = [(300 - context)..<400]
        let calibrated = try fit.calibrated(PanelForecaster(model), on: Panel(frame), validation: validation).common
        let intervals = try #require(calibrated.intervals)
        // Filled by a line between both sides, then averaged: as the metrics take the true values.
        let known = RawRows(frame, 0..<400, targets: 1, frequency: model.frequency)
        let filled = try model.preprocessor.filled(known)[0]
        let errors = try (300..<399).map { origin in
            let history = frame.rowMajor((origin - context)..<origin)
            let forecast = try model.forecast(history: history, ends: [frame.timestamps[origin - 1]])
            return (filled[origin - 2] + filled[origin - 1] + filled[origin]) / 3 - forecast[0]
        }
        #expect(errors.count == intervals.windows)
        let sorted = errors.sorted()
        for (offset, wanted) in zip(intervals.offsets.prefix(3), [sorted[9], sorted[49], sorted[89]]) {
            #expect(abs(offset - wanted) < 1e-9)
        }
    }

    // MARK: Too little to go by

    @Test("too few validation rows, and none, are told with the field, the numbers and what to do")
    func tooFew() throws {
        let fit = ConformalFit(try IntervalLevels([80, 95]))
        func message(_ validation: Range<Int>) -> String {
            do throws(ForecastingError) {
                _ = try fit.windows(validation: validation, historyRows: 10, horizon: 4, targets: 1)
                return "no error"
            } catch { return error.description }
        }
        #expect(message(90..<142) == "no error")
        #expect(
            message(90..<141) == "spec.intervals: a level of 95 % has to be founded on at least 39 forecasts of the "
                + "validation part, and its 41 rows hold 38 of horizon 4; give spec.split more validation rows, or lower "
                + "spec.intervals.levels"
        )
        #expect(
            message(100..<100).hasSuffix(
                "the split has none; give spec.split a validation part, or leave spec.intervals out"
            )
        )
    }

    @Test("of a validation part with more errors than are kept, the windows lie apart and span all of it")
    func manyErrors() throws {
        let fit = ConformalFit(try IntervalLevels([80]))
        let windows = try fit.windows(validation: 0..<100_000, historyRows: 100, horizon: 1_000, targets: 8)
        #expect(windows.count >= 1_000 && windows.count <= 2_000)
        #expect(windows.origin(windows.count - 1) == 99_000 && windows.first < 100 + windows.strideSteps)
        let few = try fit.windows(validation: 0..<1_000_100, historyRows: 100, horizon: 900_000, targets: 90)
        #expect(few.count >= 9 && few.count <= 18)
    }

    // MARK: Artifacts

    @Test("intervals come back from a store to the last bit, and damaged ones are refused")
    func artifacts() throws {
        let plain = try ArtifactStoreTests.artifact()
        #expect(plain.manifest.intervals == nil)
        let text = String(decoding: try plain.manifest.encoded(), as: UTF8.self)
        #expect(!text.contains("\"intervals\""))
        let frame = try ArtifactStoreTests.frame()
        let fit = ConformalFit(try IntervalLevels([80]))
        let forecaster = try fit.calibrated(plain.panelForecaster(), on: Panel(frame), validation: [116..<160])
        let artifact = try Artifact(
            forecaster: forecaster,
            evaluation: nil,
            inputExample: plain.manifest.inputExample,
            origin: plain.manifest.origin
        )
        try ArtifactStoreTests.withRoot { root in
            let store = ArtifactStore(root: root)
            _ = try store.publish(artifact, as: ArtifactStoreTests.address())
            let loaded = try store.load(ArtifactStoreTests.address())
            #expect(loaded == artifact)
            #expect(try loaded.panelForecaster().common.intervals == forecaster.common.intervals)
        }
        for weights in [
            artifact.weights.tensors.filter { $0.name != ForecastIntervals.tensorName },
            artifact.weights.tensors.map { tensor in
                guard tensor.name == ForecastIntervals.tensorName else { return tensor }
                let values = [Double](repeating: .infinity, count: tensor.values.count)
                return NamedTensor(name: tensor.name, shape: tensor.shape, values: .float64(values))
            },
        ] {
            let damaged = Artifact(manifest: artifact.manifest, weights: try SafetensorsFile(tensors: weights))
            #expect(throws: ForecastingError.self) { try damaged.panelForecaster() }
        }
    }
}
