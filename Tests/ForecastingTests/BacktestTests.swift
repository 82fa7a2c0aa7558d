// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TestSupport
import Testing

@testable import Forecasting

@Suite("Backtests")
struct BacktestTests {
    private func frame(_ columns: [[Double]]) throws -> TimeSeriesFrame {
        try TimeSeriesFrame(
            timestamps: columns[0].indices.map { 1_700_000_000 + 3_600 * Int64($0) },
            names: columns.indices.map { "c\($0)" },
            columns: columns
        )
    }

    private func naive(
        _ season: Int,
        lookback: Int = 8,
        horizon: Int = 4,
        frequency: String = "1h"
    ) throws -> Forecaster {
        let shape = try WindowShape(lookback: lookback, horizon: horizon, channels: 1, targets: 1)
        return try Forecaster(
            model: SeasonalNaive(shape: shape, seasonLength: season),
            scaler: Scaler(kind: .none, fitting: frame([[0, 1]]), rows: 0..<2),
            columns: ["c0"],
            frequency: Frequency(frequency)
        )
    }

    @Test("windows lie at the end of the test part, as many as fit or as are asked for", arguments: 0..<300)
    func windows(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let lookback = Int.random(in: 1...20, using: &random)
        let horizon = Int.random(in: 1...20, using: &random)
        let start = Int.random(in: 0...50, using: &random)
        let test = start..<(start + lookback + Int.random(in: 0...80, using: &random))
        let stride = Int.random(in: 1...12, using: &random)
        let asked = random.chance(50) ? Int.random(in: 1...12, using: &random) : nil
        // By brute force: all origins from the last one backwards.
        let last = test.upperBound - horizon
        let all = Swift.stride(from: last, through: test.lowerBound + lookback, by: -stride).reversed()
        let made = Result { () throws(ForecastingError) -> RollingOrigin in
            try RollingOrigin(test: test, lookback: lookback, horizon: horizon, windows: asked, strideSteps: stride)
        }
        guard !all.isEmpty, all.count >= asked ?? 0 else {
            #expect(throws: ForecastingError.self) { try made.get() }
            return
        }
        let windows = try made.get()
        #expect((0..<windows.count).map(windows.origin) == Array(all.suffix(asked ?? all.count)))
        let first = windows.origin(0)
        #expect(windows.overlap == (0..<40).filter { $0 * stride < horizon && first + $0 * stride >= 0 }.count)
    }

    @Test("fits are made on the rows before each window, and on no other")
    func fits() throws {
        let frame = try frame([(0..<60).map { Double($0 % 7) }])
        let candidate = try naive(7)
        let windows = try RollingOrigin(test: 32..<60, lookback: 8, horizon: 4, windows: 3, strideSteps: 6)
        for (mode, expected) in [
            (Backtest.Mode.fixed, []), (.expanding, [0..<44, 0..<50, 0..<56]), (.sliding, [14..<44, 20..<50, 26..<56]),
        ] {
            let seen = Shared<[Range<Int>]>([])
            let backtest = try Backtest(candidate: candidate, seasonLength: 7, windows: windows, mode: mode) { rows in
                seen.withLock { $0.append(rows) }
                return candidate
            }
            let report = try backtest.run(on: frame, train: 0..<30)
            #expect(seen.withLock { $0 } == expected)
            #expect(report.candidate.original.mae == 0 && report.candidate.table.map(\.origin) == [44, 50, 56])
        }
    }

    @Test("a model that was fitted where nothing was missing is compared where something is")
    func gaps() throws {
        let values = (0..<60).map { $0 % 11 == 5 ? Double.nan : Double($0 % 7) + 1 }
        let frame = try frame([values])
        let whole = try self.frame([(0..<60).map { Double($0 % 7) + 1 }])
        func forecaster(_ missing: MissingPolicy, _ frame: TimeSeriesFrame) throws -> Forecaster {
            var settings = PreprocessorSettings(scaler: .none)
            settings.missing = missing
            let frequency = try Frequency("1h")
            let shape = try WindowShape(lookback: 8, horizon: 4, channels: 1, targets: 1)
            return try Forecaster(
                model: SeasonalNaive(shape: shape, seasonLength: 7),
                preprocessor: Preprocessor(settings, fitting: RawRows(frame, 0..<30, targets: 1, frequency: frequency)),
                columns: ["c0"],
                frequency: frequency
            )
        }
        let candidate = try forecaster(.interpolate, frame)
        let windows = try RollingOrigin(test: 32..<60, lookback: 8, horizon: 4)
        let backtest = try Backtest(
            candidate: candidate,
            incumbent: forecaster(.fail, whole),
            seasonLength: 7,
            windows: windows
        ) { _ in candidate }
        let report = try backtest.run(on: frame, train: 0..<30)
        #expect(report.incumbent?.original == report.candidate.original)
        #expect(report.candidate.original.mae.isFinite)
    }

    @Test("versions whose forecasts are of other averages or bins are not compared")
    func meanings() throws {
        func forecaster(_ change: (inout PreprocessorSettings) -> Void) throws -> Forecaster {
            var settings = PreprocessorSettings(scaler: .none)
            change(&settings)
            let frequency = try Frequency("1h")
            let rows = RawRows(try frame([(0..<60).map { Double($0 % 7) }]), 0..<30, targets: 1, frequency: frequency)
            let shape = try WindowShape(lookback: 8, horizon: 4, channels: 1, targets: 1)
            return try Forecaster(
                model: SeasonalNaive(shape: shape, seasonLength: 7),
                preprocessor: Preprocessor(settings, fitting: rows),
                columns: ["c0"],
                frequency: frequency
            )
        }
        let candidate = try forecaster { $0.movingAverage = 3 }
        let windows = try RollingOrigin(test: 30..<60, lookback: 10, horizon: 4)
        func problem(_ other: Forecaster) -> String? {
            do throws(ForecastingError) {
                try Backtest.requireSameForecast(other, as: candidate, windows)
                return nil
            } catch { return error.description }
        }
        #expect(problem(try forecaster { ($0.movingAverage, $0.outliers) = (3, .init(rule: .iqr, factor: 3)) }) == nil)
        let unsmoothed = problem(try forecaster { _ in })
        #expect(unsmoothed?.contains("forecasts the values instead of the values, averaged over 3 rows") == true)
        let sums = problem(try forecaster { ($0.movingAverage, $0.resample) = (3, .sum) })
        #expect(sums?.contains("the Sum of each step, averaged over 3 rows") == true)
    }

    @Test("a constant series has neither MASE, R2 nor test; one with a zero has no MAPE")
    func undefined() throws {
        let windows = try RollingOrigin(test: 12..<40, lookback: 8, horizon: 4)
        func report(_ values: [Double]) throws -> BacktestReport {
            let candidate = try naive(1)
            let incumbent = try naive(2)
            return try Backtest(candidate: candidate, incumbent: incumbent, seasonLength: 1, windows: windows) { _ in
                candidate
            }.run(on: frame([values]), train: 0..<20)
        }
        let constant = try report([Double](repeating: 3, count: 40))
        #expect(constant.candidate.original.r2 == nil && constant.candidate.original.mase == nil)
        #expect(constant.candidate.original.mape == 0 && constant.candidate.original.smape == 0)
        let comparison = constant.comparison(with: constant.seasonalNaive)
        #expect(comparison.windowsWon == 0 && comparison.dieboldMariano == nil)
        var values = (0..<40).map { Double($0) + 1 }
        values[39] = 0
        let zero = try report(values)
        #expect(zero.candidate.original.mape == nil && zero.candidate.table.last?.original.mape == nil)
        #expect(zero.candidate.table.first?.original.mape != nil)
        #expect(zero.csv.split(separator: "\n").count == 1 + 3 * windows.count)
    }

    @Test("an incumbent that forecasts something else is refused, with the difference")
    func incomparable() throws {
        let candidate = try naive(1)
        let windows = try RollingOrigin(test: 12..<40, lookback: 8, horizon: 4)
        for (other, word) in [
            (try naive(1, horizon: 5), "5 rows instead of 4"), (try naive(1, frequency: "2h"), "2h apart"),
            (try naive(1, lookback: 21), "history of 21 rows"),
        ] {
            let error = #expect(throws: ForecastingError.self) {
                try Backtest(candidate: candidate, incumbent: other, seasonLength: 1, windows: windows) { _ in candidate
                }
            }
            #expect("\(error.map(\.description) ?? "")".contains(word))
        }
        // Another lookback is none: both models see what they need.
        #expect(throws: Never.self) {
            try Backtest.requireSameForecast(naive(1, lookback: 20), as: candidate, windows)
        }
    }
}
