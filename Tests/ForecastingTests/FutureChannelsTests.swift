// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import TimeZones

@testable import Forecasting

@Suite("What is known of rows to come")
struct FutureChannelsTests {
    /// Rows by chance, of which columns are known ahead, and a calendar.
    private struct Told {
        let random: RandomPreprocessing
        let preprocessor: Preprocessor
        var future: FutureChannels? { preprocessor.future }

        init(seed: UInt64, isInWindow: Bool) throws {
            var base = try RandomPreprocessing(seed: seed, hasGaps: seed % 3 == 0)
            var chance = SeededRandom(seed: seed &+ 1_000)
            let holidays = (0..<6).map { _ in Int64.random(in: 19_675...19_700, using: &chance) }
            base.settings.future = FutureChannels(
                columns: Int.random(in: 0...(base.frame.names.count - base.targets), using: &chance),
                calendar: CalendarChannels(
                    cycles: [chance.pick([.hourOfDay, .dayOfYear]), .dayOfWeek],
                    holidays: holidays,
                    zone: seed % 4 == 1 ? try ZoneDatabase.ofThisMachine.zone("America/New_York") : nil
                ),
                isInWindow: isInWindow
            )
            if !isInWindow { base.settings.features = nil }
            random = base
            preprocessor = try base.fitted()
        }
    }

    private func bits(_ values: some Sequence<Double>) -> [UInt64] { values.map(\.bitPattern) }

    @Test("what a model is told of rows to come is to the last bit what it was told in training", arguments: 0..<150)
    func serving(seed: UInt64) throws {
        let told = try Told(seed: seed, isInWindow: seed % 2 == 0)
        let (random, preprocessor) = (told.random, told.preprocessor)
        let future = try #require(told.future)
        let warmUp = preprocessor.warmUp
        let frame = random.frame
        let trained = try preprocessor.channels(random.rows(0..<400))
        #expect(trained.count == random.settings.channels(columns: frame.names.count, targets: random.targets))
        let training = preprocessor.futureChannels(of: trained, times: Array(frame.timestamps[warmUp...]))
        #expect(training.count == future.count)
        // In a window the channels that are known ahead are the last ones.
        if future.isInWindow { #expect(trained.suffix(future.count).map { bits($0) } == training.map { bits($0) }) }
        for (origin, horizon) in [(320, 5), (390, 10), (warmUp + 10, 24)] {
            let rows = origin..<(origin + horizon)
            var ahead = frame.columns.suffix(future.columns).map { Array($0[rows]) }
            ahead = try preprocessor.filled(ahead: ahead, behind: random.rows((origin - warmUp - 8)..<origin))
            let serving = preprocessor.futureChannels(ahead: ahead, times: Array(frame.timestamps[rows]))
            #expect(serving.count == training.count)
            for (seen, known) in zip(serving, training) {
                #expect(bits(seen) == bits(known[(origin - warmUp)..<(origin - warmUp + horizon)]))
                #expect(seen.allSatisfy { $0.isFinite })
            }
            let window = try preprocessor.window(random.rows((origin - warmUp - 8)..<origin)).channels
            for (seen, known) in zip(window, trained) {
                #expect(bits(seen) == bits(known[(origin - warmUp - 8)..<(origin - warmUp)]))
            }
        }
    }

    @Test("stored with the model, it forecasts the same, one by one and in a batch", arguments: 0..<40)
    func stored(seed: UInt64) throws {
        let forecaster = try fitted(Told(seed: seed, isInWindow: false))
        let told = try Told(seed: seed, isInWindow: false)
        let (rows, horizon, frame) = (forecaster.historyShape.lookback, 5, told.random.frame)
        let known = forecaster.historyShape.future
        #expect(forecaster.futureColumns == frame.names.suffix(known))
        #expect(forecaster.usesTimes)
        func ahead(_ end: Int) -> [Double] {
            (end..<(end + horizon)).flatMap { row in frame.columns.suffix(known).map { $0[row] } }
        }
        let ends = [380, 395]
        let history = ends.flatMap { frame.rowMajor(($0 - rows)..<$0) }
        let times = ends.map { frame.timestamps[$0 - 1] }
        let forecast = try forecaster.forecast(history: history, future: ends.flatMap(ahead), ends: times, batch: 2)
        #expect(forecast.allSatisfy { $0.isFinite })
        let single = try forecaster.forecast(
            history: Array(history.suffix(history.count / 2)),
            future: ahead(395),
            ends: [times[1]]
        )
        #expect(bits(single) == bits(forecast.suffix(single.count)))
        let artifact = try Artifact(
            forecaster: PanelForecaster(forecaster),
            evaluation: nil,
            inputExample: (0..<rows).map { row in frame.columns.map { $0[row] } },
            futureExample: known == 0 ? [] : (0..<horizon).map { row in frame.columns.suffix(known).map { $0[row] } },
            origin: .init(
                data: DatasetReference(digest: "sha256:0", rows: 400, from: "", to: ""),
                created: "2026-11-21T00:00:00Z",
                producer: "test"
            )
        )
        // A program that knows no zones must not forecast without them.
        #expect(artifact.manifest.schemaVersion == (seed % 4 == 1 ? 5 : 3))
        if !artifact.manifest.inputExample.joined().contains(where: \.isNaN),
            artifact.manifest.futureExample?.joined().contains(where: \.isNaN) != true
        {
            let read = try ArtifactManifest(decoding: artifact.manifest.encoded(), path: "manifest.json")
            let loaded = try Artifact(manifest: read, weights: artifact.weights).panelForecaster()
            let again = try loaded.forecast(history: history, future: ends.flatMap(ahead), ends: times, batch: 2)
            #expect(bits(again) == bits(forecast))
        }
    }

    private func fitted(_ told: Told) throws -> Forecaster {
        let frame = told.random.frame
        let recipe = ForecasterRecipe(
            configuration: .nlinear(individual: false),
            shape: try WindowShape(
                lookback: 8,
                horizon: 5,
                channels: frame.names.count,
                targets: told.random.targets,
                future: told.future?.count ?? 0
            ),
            preprocessing: told.random.settings,
            frequency: told.random.frequency
        )
        return try recipe.fitted(on: Panel(frame), rows: [told.random.train]).forecaster.common
    }

    @Test("a request without what must be known, or with a value that is none, is told so")
    func refused() throws {
        let seed = try #require(
            (0..<50).first { seed in
                let told = try? Told(seed: UInt64(seed), isInWindow: false)
                return told?.future?.columns ?? 0 > 0 && told?.random.settings.missing == .fail
            }
        )
        let told = try Told(seed: UInt64(seed), isInWindow: false)
        let forecaster = try fitted(told)
        let known = forecaster.historyShape.future
        let history = told.random.frame.rowMajor(0..<forecaster.historyShape.lookback)
        let end = told.random.frame.timestamps[forecaster.historyShape.lookback - 1]
        let ahead = [Double](repeating: 1, count: 5 * known)
        #expect(try forecaster.forecast(history: history, future: ahead, ends: [end]).count == 5 * told.random.targets)
        for (future, ends, text) in [
            ([], [end], "0 numbers of rows to come"), (ahead, [], "give the time of each last row"),
            (ahead.dropLast() + [.nan], [end], "row 5 of 5 to come, column '\(forecaster.futureColumns[known - 1])'"),
            (ahead.dropLast() + [.infinity], [end], "row 5 of 5 to come"),
        ] as [([Double], [Int64], String)] {
            let error = #expect(throws: ForecastingError.self) {
                try forecaster.forecast(history: history, future: future, ends: ends)
            }
            #expect(error?.description.contains(text) == true)
        }
    }

    @Test("a backtest tells a model what is known of a window's rows, and nothing of its targets")
    func leak() throws {
        var random = SeededRandom(seed: 9)
        let rows = 600
        let temperature = (0..<rows).map { _ in Double.random(in: -1...1, using: &random) }
        let load = temperature.map { 50 + 10 * $0 }
        var settings = PreprocessorSettings()
        settings.future = FutureChannels(
            columns: 1,
            calendar: CalendarChannels(cycles: [.dayOfWeek], holidays: []),
            isInWindow: false
        )
        let shape = try WindowShape(lookback: 10, horizon: 5, channels: 2, targets: 1, future: 7)
        let recipe = ForecasterRecipe(
            configuration: .dlinear(individual: false, kernelSize: 3),
            shape: shape,
            preprocessing: settings,
            frequency: try Frequency("1d")
        )
        func frame(_ load: [Double], _ temperature: [Double]) throws -> TimeSeriesFrame {
            try TimeSeriesFrame(
                timestamps: (0..<rows).map { Int64($0) * 86_400 },
                names: ["load", "temp"],
                columns: [load, temperature]
            )
        }
        let truth = try frame(load, temperature)
        let candidate = try recipe.fitted(on: Panel(truth), rows: [0..<400]).forecaster.common
        func mae(_ frame: TimeSeriesFrame) throws -> Double {
            let windows = try RollingOrigin(test: 390..<rows, lookback: 10, horizon: 5, windows: 10, strideSteps: 5)
            let backtest = try Backtest(candidate: candidate, seasonLength: 7, windows: windows) { _ in candidate }
            return try backtest.run(on: frame, train: 0..<400).candidate.original.mae
        }
        // The target follows from the known column alone: with it forecasts are exact, with another one they are not.
        #expect(try mae(truth) < 0.01)
        #expect(try mae(frame(load, temperature.map { -$0 })) > 5)
        // What the targets are in the rows to forecast changes no forecast.
        let planted = load.enumerated().map { $0 < 595 ? $1 : 1e6 }
        let told = (595..<600).map { temperature[$0] }
        let history = truth.rowMajor(585..<595)
        let forecast = try candidate.forecast(history: history, future: told, ends: [594 * 86_400])
        let other = try candidate.forecast(
            history: frame(planted, temperature).rowMajor(585..<595),
            future: told,
            ends: [594 * 86_400]
        )
        #expect(bits(forecast) == bits(other))
        let again = try recipe.fitted(on: Panel(frame(planted, temperature)), rows: [0..<400]).forecaster.common
        #expect(again.model.tensors == candidate.model.tensors && again.preprocessor == candidate.preprocessor)
    }

    @Test("state that was tampered with is refused, and never stops the process", arguments: 0..<150)
    func tampered(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let forecaster = try fitted(Told(seed: seed, isInWindow: false))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var bytes = Array(try encoder.encode(forecaster.preprocessor))
        let future = try #require(String(decoding: bytes, as: UTF8.self).range(of: "\"future\""))
        let text = String(decoding: bytes, as: UTF8.self)
        let first = text.utf8.distance(from: text.startIndex, to: future.lowerBound)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: first..<min(first + 200, bytes.count), using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = random.pick(Array("0123456789-e.,[]{}\"".utf8))
            case 1: bytes.remove(at: place)
            default: bytes.insert(random.pick(Array("0129-,[]".utf8)), at: place)
            }
        }
        guard let decoded = try? JSONDecoder().decode(Preprocessor.self, from: Data(bytes)),
            let other = try? Forecaster(
                model: forecaster.model,
                preprocessor: decoded,
                columns: forecaster.columns,
                frequency: forecaster.frequency
            )
        else { return }
        let history = [Double](repeating: 5, count: other.historyShape.inputCount)
        let ahead = [Double](repeating: 5, count: other.historyShape.futureCount)
        _ = try? other.forecast(history: history, future: ahead, ends: [1_700_000_000])
    }
}
