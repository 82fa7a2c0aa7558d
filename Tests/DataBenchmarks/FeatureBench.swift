// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Forecasting
import Foundation

/// Resamples, scales and adds lags to rows that lie in memory, beside pandas in a process of its own.
struct FeatureBench {
    private static let rows = 10_000_000
    private static let seconds: Int64 = 5
    private static let frequency = "10s"
    private static let lags = [1, 24, 168]
    /// Of the rows on the grid, how many the scaler is fitted on.
    private static let trainShare = 0.7

    private struct Answer: Decodable {
        let version: String
        let seconds: Double
        let channels: Int
        let last: [Double]
    }

    let setting: BenchSetting

    /// Prints the least seconds of both, once their results are the same.
    func run() throws {
        let (frame, twin) = (try Self.frame(), try setting.twin())
        var (theirs, ours) = ([Double](), [Double]())
        var version = ""
        for _ in 0..<setting.rounds {
            let answer: Answer = try twin.ask("features", Self.rows, "-")
            let start = ContinuousClock.now
            let channels = try Self.channels(frame)
            ours.append((ContinuousClock.now - start) / .seconds(1))
            theirs.append(answer.seconds)
            version = answer.version
            let last = channels.compactMap(\.last)
            let isSame = zip(last, answer.last).allSatisfy { abs($0 - $1) < 1e-9 }
            guard last.count == answer.channels, isSame else {
                throw ValidationError("ours end with \(last), those of pandas with \(answer.last)")
            }
        }
        let (their, our) = (theirs.min() ?? 0, ours.min() ?? 0)
        print("\nPreprocessing:\n")
        print(
            """
            | work | pandas \(version) s | ours s | speed beside pandas |
            |---|---|---|---|
            | resample, scale and lag \(Self.rows) rows | \(their.shown) | \(our.shown) | \((their / our).shown) |
            """
        )
    }

    /// The same numbers as the twin's: no random ones, for two generators would have to agree.
    private static func frame() throws -> TimeSeriesFrame {
        let values = (0..<rows).map { Double(($0 * 7_919) % 10_007) / 100 }
        let times = (0..<rows).map { 1_700_000_000 + seconds * Int64($0) }
        return try TimeSeriesFrame(timestamps: times, names: ["value"], columns: [values])
    }

    private static func channels(_ frame: TimeSeriesFrame) throws -> [[Double]] {
        let frequency = try Frequency(frequency)
        let grid = try Resampling(.mean, to: frequency).resampled(frame)
        var settings = PreprocessorSettings(scaler: .standard)
        settings.features = HistoryFeatures(lags: lags)
        func rows(_ range: Range<Int>) -> RawRows { RawRows(grid, range, targets: 1, frequency: frequency) }
        let train = 0..<Int(trainShare * Double(grid.rowCount))
        return try Preprocessor(settings, fitting: rows(train)).channels(rows(0..<grid.rowCount))
    }
}
