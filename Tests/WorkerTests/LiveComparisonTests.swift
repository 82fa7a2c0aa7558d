// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import TestSupport
import Testing

@testable import Forecasting
@testable import Worker

@Suite("Forecasts held against what came true")
struct LiveComparisonTests {
    private static let start: Int64 = 1_704_067_200
    private static let (horizon, targets) = (8, 2)
    private let columns = ["a", "b", "c"]

    /// A version of two targets and a covariate, fitted on rows of its own.
    private func subject(
        _ version: String,
        horizon: Int = Self.horizon,
        movingAverage: Int? = nil,
        resample: Resampling.Method? = nil,
        missing: MissingPolicy = .fail
    ) throws -> LiveComparison.Subject {
        var settings = PreprocessorSettings(scaler: .none)
        (settings.movingAverage, settings.resample, settings.missing) = (movingAverage, resample, missing)
        let train = try frame(
            columns: columns.indices.map { column in
                (0..<48).map { sin(Double($0 * (column + 1))) }
            }
        )
        let recipe = ForecasterRecipe(
            configuration: .seasonalNaive(seasonLength: 2),
            shape: try WindowShape(lookback: 4, horizon: horizon, channels: 3, targets: Self.targets),
            preprocessing: settings,
            frequency: try Frequency("1h")
        )
        let forecaster = try recipe.fitted(on: Panel(train), rows: [0..<48]).forecaster.common
        return LiveComparison.Subject(
            version: version,
            panel: PanelForecaster(forecaster),
            profiles: [try TrainingProfile(of: train, train: 0..<48, for: forecaster, seasonLength: 2)]
        )
    }

    private func frame(columns values: [[Double]], step: Int64 = 3_600) throws -> TimeSeriesFrame {
        let times = (0..<(values.first?.count ?? 0)).map { Self.start + Int64($0) * step }
        return try TimeSeriesFrame(timestamps: times, names: columns, columns: values)
    }

    private func comparison(
        _ rows: TimeSeriesFrame,
        _ stable: LiveComparison.Subject,
        _ canary: LiveComparison.Subject? = nil
    ) throws -> LiveComparison {
        LiveComparison(
            truth: try PanelTruth(SeriesRows(rows), of: stable.panel, due: Self.start + 1_000_000),
            stable: stable,
            canary: canary,
            earliest: Self.start - 3_600
        )
    }

    private func forecast(_ version: String, _ row: Int, last: [Double], values: [Double]) -> RememberedForecast {
        RememberedForecast(
            version: version,
            issued: Int64(row),
            end: Self.start + Int64(row) * 3_600,
            last: last,
            values: values
        )
    }

    // MARK: Beside an oracle

    /// Errors one by one, of whoever asks for them.
    private struct Oracle {
        var errors: [(step: Int, target: Int, error: Double)] = []

        func summary(_ steps: ClosedRange<Int>, _ naive: [Double]) -> ErrorSummary? {
            let chosen = errors.filter { steps.contains($0.step) }
            guard !chosen.isEmpty else { return nil }
            func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
            let scaled = naive.indices.compactMap { target -> Double? in
                let own = chosen.filter { $0.target == target }.map { abs($0.error) }
                return own.isEmpty ? nil : mean(own) / naive[target]
            }
            return ErrorSummary(
                values: chosen.count,
                mae: mean(chosen.map { abs($0.error) }),
                mse: mean(chosen.map { $0.error * $0.error }),
                mase: mean(scaled),
                bias: mean(chosen.map(\.error))
            )
        }
    }

    private func expectSame(_ found: ErrorSummary?, _ wanted: ErrorSummary?) {
        #expect(found?.values == wanted?.values)
        guard let found, let wanted else { return }
        for (ours, theirs) in [
            (found.mae, wanted.mae), (found.mse, wanted.mse), (found.mase ?? .nan, wanted.mase ?? .nan),
            (found.bias, wanted.bias),
        ] { #expect(abs(ours - theirs) <= 1e-5 * max(abs(theirs), 1e-3)) }
    }

    private func expectSame(_ found: LiveErrors?, _ oracle: Oracle, _ naive: [Double], horizon: Int) {
        expectSame(found?.errors, oracle.summary(0...horizon, naive))
        for band in found?.bands ?? [] {
            expectSame(band.errors, oracle.summary(band.fromStep...band.toStep, naive))
        }
        #expect(found?.bands.reduce(0) { $0 + $1.errors.values } == found?.errors.values)
    }

    /// Forecasts of both versions: of this series, of others, with gaps, for times to come.
    private func forecasts(_ rows: [[Double]], _ random: inout SeededRandom) -> [RememberedForecast] {
        (0..<80).flatMap { _ -> [RememberedForecast] in
            let row = Int.random(in: 0..<70, using: &random)
            var last = (0..<Self.targets).map { row < 60 ? rows[$0][row] : 5 }
            if random.chance(20) { last[0] += 0.01 }
            if random.chance(10) { last[1] = .nan }
            let versions = random.chance(40) ? ["g12", "g13"] : [random.pick(["g12", "g13", "g11"])]
            return versions.map { version in
                forecast(
                    version,
                    row,
                    last: last,
                    values: (0..<Self.horizon * Self.targets).map { _ in
                        Double.random(in: -3...3, using: &random)
                    }
                )
            }
        }
    }

    @Test("of times that the source knows only other columns of are pending, not of another series")
    func rowsToCome() throws {
        // Rows 5 to 7 have a covariate and no target yet.
        let observed = (0..<8).map { $0 < 5 ? Double($0) : .nan }
        let rows = try frame(columns: [observed, observed, (0..<8).map(Double.init)])
        let remembered = [3, 6].map {
            forecast("g12", $0, last: [Double($0), Double($0)], values: [Double](repeating: 4, count: 16))
        }
        let result = try comparison(rows, try subject("g12")).result(remembered)
        #expect(result.forecasts == 1 && result.otherSeries == 0 && result.pending == 14 + 16)
        #expect(result.stable?.errors.mae == 0)
    }

    @Test("say how often the intervals of the stable version held, over all steps and by bands")
    func intervals() throws {
        let plain = try subject("g12")
        let cells = Self.horizon * Self.targets
        // Level 50 reaches 1 to both sides, level 80 from -2 to 3.
        let offsets = (0..<cells).flatMap { _ -> [Double] in [-2, -1, 0, 1, 3] }
        let intervals = ForecastIntervals(levels: try IntervalLevels([80, 50]), windows: 9, offsets: offsets)
        let stable = LiveComparison.Subject(
            version: "g12",
            panel: PanelForecaster(try plain.panel.common.adding(intervals)),
            profiles: plain.profiles
        )
        let rows = (0..<3).map { _ in [Double](repeating: 0, count: 20) }
        // Errors of the first step are within both, of the second within level 80 alone, of all others within none.
        let values = (0..<Self.horizon).flatMap { step -> [Double] in
            [Double](repeating: step == 0 ? -1 : step == 1 ? -3 : 4, count: Self.targets)
        }
        let remembered = ["g12", "g13"].map { forecast($0, 3, last: [0, 0], values: values) }
        let result = try comparison(frame(columns: rows), stable, try subject("g13")).result(remembered)
        let found = try #require(result.stable)
        let coverage = found.intervals
        #expect(coverage == [LiveCoverage(level: 50, coverage: 12.5), LiveCoverage(level: 80, coverage: 25)])
        #expect(found.bands.first?.coverage == [100, 100])
        #expect(found.bands.last?.coverage == [0, 0])
        #expect(result.comparison?.stable.intervals == nil && result.comparison != nil)
        #expect(try comparison(frame(columns: rows), plain).result(remembered).stable?.intervals == nil)
    }

    @Test("have the errors that a slow and simple count finds, over all steps and by bands", arguments: [1, 3])
    func oracle(length: Int) throws {
        var random = SeededRandom(seed: UInt64(length))
        var rows = (0..<3).map { _ in (0..<60).map { _ in Double.random(in: -2...2, using: &random) } }
        for _ in 0..<12 { rows[Int.random(in: 0..<2, using: &random)][Int.random(in: 1..<60, using: &random)] = .nan }
        let average = length == 1 ? nil : length
        let (stable, canary) = (try subject("g12", movingAverage: average), try subject("g13", movingAverage: average))
        let remembered = forecasts(rows, &random)
        let result = try comparison(frame(columns: rows), stable, canary).result(remembered)

        func truth(_ row: Int, _ target: Int) -> Double? {
            guard row - length + 1 >= 0, row < 60 else { return nil }
            let mean = (row - length + 1...row).reduce(0) { $0 + rows[target][$1] } / Double(length)
            return mean.isNaN ? nil : mean
        }
        func isOwn(_ forecast: RememberedForecast, _ row: Int) -> Bool {
            let pairs = (0..<Self.targets).map { (forecast.last[$0], rows[$0][row]) }.filter { !$0.0.isNaN }
            return !pairs.isEmpty && pairs.allSatisfy { $0.0 == $0.1 }
        }
        var (chosen, others, pending) = ([String: [Int: RememberedForecast]](), 0, 0)
        for forecast in remembered {
            let row = Int((forecast.end - Self.start) / 3_600)
            if row >= 60 {
                pending += forecast.version == "g12" ? 16 : 0
            } else if !isOwn(forecast, row) {
                others += forecast.version == "g12" ? 1 : 0
            } else if chosen[forecast.version]?[row] == nil {
                chosen[forecast.version, default: [:]][row] = forecast
            }
        }
        var (own, pair, compared) = (Oracle(), (Oracle(), Oracle()), 0)
        for (row, forecast) in chosen["g12"] ?? [:] {
            var isCompared = false
            for step in 1...Self.horizon {
                for target in 0..<Self.targets {
                    guard let truth = truth(row + step, target) else {
                        pending += 1
                        continue
                    }
                    isCompared = true
                    let place = (step - 1) * Self.targets + target
                    own.errors.append((step, target, forecast.values[place] - truth))
                    guard let other = chosen["g13"]?[row] else { continue }
                    pair.0.errors.append((step, target, other.values[place] - truth))
                    pair.1.errors.append((step, target, forecast.values[place] - truth))
                }
            }
            if isCompared { compared += 1 }
        }
        #expect(result.forecasts == compared && result.otherSeries == others && result.pending == pending)
        #expect(compared > 10 && others > 2 && !pair.0.errors.isEmpty)
        let naive = try #require(stable.naiveErrors?.first)
        expectSame(result.stable, own, naive, horizon: Self.horizon)
        #expect(result.stable?.bands.map(\.fromStep) == [1, 2, 3, 5, 6, 7])
        #expect(result.stable?.bands.map(\.toStep) == [1, 2, 4, 5, 6, 8])
        expectSame(result.comparison?.canary, pair.0, naive, horizon: Self.horizon)
        expectSame(result.comparison?.stable, pair.1, naive, horizon: Self.horizon)
        #expect(result.comparison?.canary.version == "g13" && result.comparison?.stable.version == "g12")
    }

    // MARK: One by one

    private let flat = [Double](repeating: 1, count: 16)

    @Test("are the first of those whose histories end alike, at the times that came true")
    func first() throws {
        let rows = try frame(columns: [(0..<10).map(Double.init), (0..<10).map(Double.init), flat.dropLast(6)])
        var again = forecast("g12", 2, last: [2, 2], values: flat.map { _ in 100 })
        again.issued = 50
        let early = forecast("g12", 2, last: [2.000_001, 2], values: flat)
        let result = try comparison(rows, subject("g12")).result([early, again])
        // Steps 3 to 9 came true, the tenth did not: 2 targets x 7 values.
        #expect(result.stable?.errors.values == 14 && result.pending == 2 && result.forecasts == 1)
        #expect(result.stable?.errors.mae == 5)
        #expect(result.stable?.errors.bias == -5)
        #expect(result.from == Date(timeIntervalSince1970: Double(Self.start + 3 * 3_600)))
        #expect(result.to == Date(timeIntervalSince1970: Double(Self.start + 9 * 3_600)))
        #expect(result.comparison == nil)
    }

    @Test("wait while the source has no rows, and are none of this series where it has none of theirs")
    func pending() throws {
        let none = try comparison(frame(columns: [[], [], []]), subject("g12"))
        let ahead = none.result([forecast("g12", 5, last: [1, 1], values: flat)])
        #expect(ahead.pending == 16 && ahead.otherSeries == 0 && ahead.stable == nil && ahead.from == nil)
        let rows = try frame(columns: [flat, flat, flat])
        let odd = [
            forecast("g12", -5, last: [1, 1], values: flat),
            forecast("g12", 3, last: [1], values: flat),
            forecast("g12", 3, last: [1, 1], values: [1]),
            forecast("g12", 3, last: [.nan, .nan], values: flat),
            RememberedForecast(version: "g12", issued: 0, end: Self.start + 7, last: [1, 1], values: flat),
            RememberedForecast(version: "g12", issued: 0, end: .min, last: [1, 1], values: flat),
        ]
        #expect(try comparison(rows, subject("g12")).result(odd).otherSeries == odd.count)
        let far = RememberedForecast(version: "g12", issued: 0, end: .max, last: [1, 1], values: flat)
        #expect(try comparison(rows, subject("g12")).result([far]).pending == 16)
    }

    @Test("are of bins where rows are resampled, but for the bin that is not over")
    func resampled() throws {
        let halves = (0..<21).map { Double($0 / 2) }
        let rows = try frame(columns: [halves, halves, halves], step: 1_800)
        let stable = try subject("g12", resample: .sum)
        let truth = try LiveTruth(rows, of: stable.panel.common, due: Self.start + 10 * 3_600 + 1_800)
        #expect(truth.frame.rowCount == 10 && truth.value(at: Self.start + 9 * 3_600, target: 0) == 18)
        #expect(truth.value(at: Self.start + 10 * 3_600, target: 0) == nil)
        #expect(truth.holds([8, 8], at: Self.start + 4 * 3_600) && !truth.holds([8, 9], at: Self.start + 4 * 3_600))
    }

    @Test("are not held against a value that was filled in, though a mean may hold one")
    func filled() throws {
        let gap = [1, 2, .nan, 4, 5, 6, 7, 8]
        let stable = try subject("g12", movingAverage: 2, missing: .interpolate)
        let truth = try LiveTruth(frame(columns: [gap, gap, gap]), of: stable.panel.common, due: Self.start + 100_000)
        let values = (0..<8).map { truth.value(at: Self.start + $0 * 3_600, target: 0) }
        #expect(values == [nil, 1.5, nil, 3.5, 4.5, 5.5, 6.5, 7.5])
    }

    @Test("say nothing of a version that forecasts something else")
    func somethingElse() throws {
        let stable = try subject("g12")
        #expect(try stable.forecastsSame(as: subject("g13", horizon: 3)))
        #expect(try !stable.forecastsSame(as: subject("g13", movingAverage: 2)))
        #expect(try !stable.forecastsSame(as: subject("g13", resample: .mean)))
    }

    @Test("are numbers that JSON can hold, however absurd they are")
    func absurd() throws {
        let rows = try frame(columns: [flat, flat, flat].map { $0.map { $0 * -1e308 } })
        let wild = forecast("g12", 3, last: [-1e308, -1e308], values: flat.map { $0 * 1e308 })
        let result = try comparison(rows, subject("g12")).result([wild])
        #expect(result.stable?.errors.mse.isFinite == true)
        var step = StepResult(step: "monitor")
        step.monitoring = result
        #expect(try StepResult.decode(String(decoding: step.encoded(), as: UTF8.self)) == step)
    }

    @Test("fit into a termination message, with all bands, both versions and eight columns of the longest names")
    func largest() throws {
        let errors = ErrorSummary(
            values: 1_234_567_890,
            mae: -1.23456e-100,
            mse: -1.23456e-100,
            mase: -1.23456e-100,
            bias: -1.23456e-100
        )
        let levels = (1...IntervalsSpec.maximumLevels).map {
            LiveCoverage(level: 99 + 0.01 * Double($0), coverage: 12.3456)
        }
        func version(_ intervals: [LiveCoverage]?) -> LiveErrors {
            let bands = (0..<LiveErrors.maximumBands).map {
                LiveErrors.Band(
                    fromStep: 100_000 + $0,
                    toStep: 200_000 + $0,
                    errors: errors,
                    coverage: intervals?.map(\.coverage)
                )
            }
            return LiveErrors(version: "20261121-030000-abcdef", errors: errors, bands: bands, intervals: intervals)
        }
        var result = MonitorResult(forecasts: 1_234_567, pending: 1_234_567_890, otherSeries: 1_234_567)
        (result.stable, result.comparison) = (version(levels), .init(canary: version(nil), stable: version(nil)))
        (result.from, result.to) = (Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 1e9))
        result.drift = (0..<MonitorResult.maximumDriftColumns).map {
            ColumnDrift(column: String(repeating: "\u{1}", count: 200) + "\($0)", rows: 1, psi: 1.23456e-10, ks: 1)
        }
        let fitted = try MonitorTask.fitted(result, step: "monitor")
        var step = StepResult(step: "monitor")
        step.monitoring = fitted
        #expect(try step.encoded().count <= StepResult.maximumBytes)
        #expect(fitted.stable == result.stable && fitted.comparison == result.comparison)
        #expect(fitted.drift?.isEmpty == true)
        result.drift = result.drift?.map { ColumnDrift(column: "column", rows: $0.rows, psi: $0.psi, ks: $0.ks) }
        #expect(try (MonitorTask.fitted(result, step: "monitor").drift?.count ?? 0) >= 3)
    }
}
