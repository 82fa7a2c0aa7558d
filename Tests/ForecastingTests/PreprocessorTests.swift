// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Forecasting

/// Settings and rows by chance.
struct RandomPreprocessing {
    var settings: PreprocessorSettings
    let frame: TimeSeriesFrame
    let frequency: Frequency
    let targets: Int
    let train: Range<Int>

    /// - Parameter hasGaps: Whether values are missing, and are filled with fitted ones.
    init(seed: UInt64, hasGaps: Bool = false) throws {
        var random = SeededRandom(seed: seed)
        settings = PreprocessorSettings(scaler: random.pick(Scaler.Kind.allCases))
        if random.chance(50) {
            let rule = random.pick(OutlierClip.Rule.allCases)
            settings.outliers = .init(rule: rule, factor: Double.random(in: 0.5...4, using: &random))
        }
        if random.chance(60) { settings.movingAverage = Int.random(in: 2...40, using: &random) }
        if random.chance(60) { settings.transform = random.pick(PowerTransform.Kind.allCases) }
        if random.chance(60) {
            let season = random.chance(50) ? Int.random(in: 2...30, using: &random) : nil
            let order = Int.random(in: (season == nil ? 1 : 0)...2, using: &random)
            settings.difference = Differencing(order: order, seasonLength: season)
        }
        if random.chance(50) {
            let lags = (0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: 1...50, using: &random) }
            let rolling = HistoryFeatures.Rolling.Function.allCases.filter { _ in random.chance(50) }
                .map { HistoryFeatures.Rolling(function: $0, window: Int.random(in: 2...30, using: &random)) }
            settings.features = HistoryFeatures(lags: lags, rolling: rolling)
        }
        settings.missing = hasGaps ? random.pick([.mean, .seasonal]) : random.pick(MissingPolicy.allCases)
        settings.seasonLength = Int.random(in: 1...24, using: &random)
        frequency = try Frequency(random.pick(["10min", "1h", "1d"]))
        targets = Int.random(in: 1...2, using: &random)
        let columns = (0..<(targets + Int.random(in: 0...2, using: &random))).map { _ in
            (0..<400).map { row in
                // Positive, with a season, noise and an outlier now and then.
                let value = 5 + sin(Double(row) / 4) + Double.random(in: 0...2, using: &random)
                return random.chance(3) ? (hasGaps ? .nan : value * 20) : value
            }
        }
        let (frequency, start) = (frequency, Int64(1_700_000_000))
        frame = try TimeSeriesFrame(
            timestamps: (0..<400).compactMap { frequency.instant($0, after: start) },
            names: columns.indices.map { "c\($0)" },
            columns: columns
        )
        train = 0..<Int.random(in: 220...300, using: &random)
    }

    func rows(_ range: Range<Int>, of frame: TimeSeriesFrame? = nil) -> RawRows {
        RawRows(frame ?? self.frame, range, targets: targets, frequency: frequency)
    }

    func fitted() throws -> Preprocessor { try Preprocessor(settings, fitting: rows(train)) }

    /// A forecaster whose model repeats the last row.
    func forecaster(lookback: Int = 8, horizon: Int = 5) throws -> Forecaster {
        let preprocessor = try fitted()
        let shape = try WindowShape(
            lookback: lookback,
            horizon: horizon,
            channels: settings.channels(columns: frame.names.count, targets: targets),
            targets: targets
        )
        return try Forecaster(
            model: SeasonalNaive(shape: shape, seasonLength: 1),
            preprocessor: preprocessor,
            columns: frame.names,
            frequency: frequency
        )
    }
}

@Suite("Preprocessing")
struct PreprocessorTests {
    private func bits(_ values: some Sequence<Double>) -> [UInt64] { values.map(\.bitPattern) }

    @Test("what a model sees of a history is to the last bit what it saw of these rows in training", arguments: 0..<200)
    func serving(seed: UInt64) throws {
        let random = try RandomPreprocessing(seed: seed, hasGaps: seed % 3 == 0)
        let preprocessor = try random.fitted()
        let warmUp = preprocessor.warmUp
        #expect(warmUp == random.settings.warmUp)
        let training = try preprocessor.window(random.rows(0..<400)).channels
        for (lookback, end) in [(1, 400), (8, 399), (20, 350), (50, warmUp + 50)] {
            let serving = try preprocessor.window(random.rows((end - lookback - warmUp)..<end)).channels
            #expect(serving.count == training.count)
            for (seen, trained) in zip(serving, training) {
                #expect(bits(seen) == bits(trained[(end - lookback - warmUp)..<(end - warmUp)]))
                #expect(seen.allSatisfy { $0.isFinite })
            }
        }
    }

    @Test("the values of later rows go back to what was measured", arguments: 0..<200)
    func inverse(seed: UInt64) throws {
        var random = try RandomPreprocessing(seed: seed)
        random.settings.outliers = nil
        let preprocessor = try random.fitted()
        let (horizon, end) = (12, 350)
        let measured = try preprocessor.measured(random.rows(0..<400))
        let future = try preprocessor.window(random.rows(0..<(end + horizon))).channels
        let tails = try preprocessor.window(random.rows((end - preprocessor.warmUp - 4)..<end)).tails
        for target in 0..<random.targets {
            let restored = preprocessor.restored(future[target].suffix(horizon), target: target, after: tails[target])
            let first = end - ((preprocessor.movingAverage ?? 1) - 1)
            for (value, truth) in zip(restored, measured[target][first...]) {
                #expect(abs(value - truth) < 1e-6 * max(1, abs(truth)))
            }
        }
    }

    @Test("no fitted number depends on rows behind the train part", arguments: 0..<80)
    func future(seed: UInt64) throws {
        let random = try RandomPreprocessing(seed: seed, hasGaps: seed % 2 == 0)
        let fitted = try random.fitted()
        let planted = try TimeSeriesFrame(
            timestamps: random.frame.timestamps,
            names: random.frame.names,
            columns: random.frame.columns.map { column in
                column.enumerated().map { $0 < random.train.upperBound ? $1 : 1e6 + Double($0) }
            }
        )
        let other = try Preprocessor(random.settings, fitting: random.rows(random.train, of: planted))
        #expect(other == fitted)
        let (encoder, recipe) = (JSONEncoder(), try recipe(random))
        encoder.outputFormatting = .sortedKeys
        #expect(try encoder.encode(other) == encoder.encode(fitted))
        // Nor do the weights of a model, though a gap may reach over the border.
        let (before, after) = (
            try recipe.fitted(on: Panel(random.frame), rows: [random.train]).forecaster.common.model.tensors,
            try recipe.fitted(on: Panel(planted), rows: [random.train]).forecaster.common.model.tensors
        )
        #expect(before == after)
    }

    private func recipe(_ random: RandomPreprocessing) throws -> ForecasterRecipe {
        var settings = random.settings
        settings.features = nil
        return ForecasterRecipe(
            configuration: .nlinear(individual: false),
            shape: try WindowShape(
                lookback: 8,
                horizon: 5,
                channels: random.frame.names.count,
                targets: random.targets
            ),
            preprocessing: settings,
            frequency: random.frequency
        )
    }

    @Test("a model forecasts from as many raw rows as it says, after being stored, too", arguments: 0..<60)
    func forecasts(seed: UInt64) throws {
        let random = try RandomPreprocessing(seed: seed, hasGaps: seed % 2 == 0)
        let forecaster = try random.forecaster()
        let rows = forecaster.historyRows
        let ends = [380, 395]
        let history = ends.flatMap { random.frame.rowMajor(($0 - rows)..<$0) }
        let times = ends.map { random.frame.timestamps[$0 - 1] }
        let forecast = try forecaster.forecast(history: history, ends: times, batch: 2)
        #expect(forecast.allSatisfy { $0.isFinite } && forecast.count == 2 * 5 * random.targets)
        let decoded = try JSONDecoder().decode(Preprocessor.self, from: JSONEncoder().encode(forecaster.preprocessor))
        #expect(decoded == forecaster.preprocessor)
        let stored = try Forecaster(
            model: forecaster.model,
            preprocessor: decoded,
            columns: forecaster.columns,
            frequency: forecaster.frequency
        )
        #expect(bits(try stored.forecast(history: history, ends: times, batch: 2)) == bits(forecast))
        // One by one, as in a batch.
        let single = try forecaster.forecast(history: Array(history.suffix(history.count / 2)), ends: [times[1]])
        #expect(bits(single) == bits(forecast.suffix(single.count)))
        let completed = try forecaster.completed(history: Array(history.prefix(history.count / 2)), end: times[0])
        #expect(completed.allSatisfy { $0.isFinite })
    }

    @Test("a moving average of a repeated ramp, and its forecast, by hand")
    func byHand() throws {
        let frame = try TimeSeriesFrame(timestamps: [0, 60, 120, 180], names: ["x"], columns: [[1, 2, 6, 10]])
        var settings = PreprocessorSettings(scaler: .none)
        settings.movingAverage = 2
        settings.difference = Differencing(order: 1, seasonLength: nil)
        let frequency = try Frequency("1min")
        let rows = RawRows(frame, 0..<4, targets: 1, frequency: frequency)
        let forecaster = try Forecaster(
            model: SeasonalNaive(shape: WindowShape(lookback: 2, horizon: 3, channels: 1, targets: 1), seasonLength: 2),
            preprocessor: Preprocessor(settings, fitting: rows),
            columns: ["x"],
            frequency: frequency
        )
        // Means 1.5, 4, 8; differences 2.5, 4, repeated behind 8.
        #expect(forecaster.historyRows == 4)
        #expect(try forecaster.forecast(history: [1, 2, 6, 10]) == [10.5, 14.5, 17])
    }

    @Test("values that a transform cannot take are named, in training and in a request")
    func notPositive() throws {
        let frame = try TimeSeriesFrame(
            timestamps: (0..<6).map { 3_600 * $0 },
            names: ["load"],
            columns: [[1, 2, 3, 0, 5, 6]]
        )
        var settings = PreprocessorSettings()
        settings.transform = .log
        let frequency = try Frequency("1h")
        let error = #expect(throws: ForecastingError.self) {
            try Preprocessor(settings, fitting: RawRows(frame, 0..<6, targets: 1, frequency: frequency))
        }
        #expect(error?.description.hasPrefix("row 4 of 6 (1970-01-01T03:00:00Z): column 'load' is 0.0") == true)
        let forecaster = try Forecaster(
            model: SeasonalNaive(shape: WindowShape(lookback: 2, horizon: 1, channels: 1, targets: 1), seasonLength: 1),
            preprocessor: Preprocessor(settings, fitting: RawRows(frame, 0..<3, targets: 1, frequency: frequency)),
            columns: ["load"],
            frequency: frequency
        )
        let refused = #expect(throws: ForecastingError.self) { try forecaster.forecast(history: [4, -1]) }
        guard case .invalidHistory(let reason)? = refused else {
            Issue.record("not an invalid history: \(String(describing: refused))")
            return
        }
        #expect(reason.contains("row 2 of 2: column 'load' is -1.0"))
    }

    @Test("state that was tampered with is refused, and never stops the process", arguments: 0..<150)
    func tampered(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let forecaster = try RandomPreprocessing(seed: seed, hasGaps: seed % 2 == 0).forecaster()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var bytes = Array(try encoder.encode(forecaster.preprocessor))
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = random.pick(Array("0123456789-e.,[]{}\"".utf8))
            case 1: bytes.remove(at: place)
            default: bytes.insert(random.pick(Array("0129-,[]".utf8)), at: place)
            }
        }
        guard let decoded = try? JSONDecoder().decode(Preprocessor.self, from: Data(bytes)),
            let changed = try? Forecaster(
                model: forecaster.model,
                preprocessor: decoded,
                columns: forecaster.columns,
                frequency: forecaster.frequency
            ), changed.historyRows < 100_000
        else { return }
        let history = (0..<(changed.historyRows * changed.columns.count)).map { Double($0 % 7) + 1 }
        _ = try? changed.forecast(history: history, ends: [1_700_000_000])
    }
}
