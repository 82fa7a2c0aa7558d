// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

@testable import Forecasting

/// Series of different lengths, ends, levels and spreads, and windows on each.
struct ScoredPanel {
    static let lookback = 6
    static let horizon = 4

    let panel: Panel
    let targets: Int
    /// By series.
    let train: [Range<Int>]
    let windows: [RollingOrigin]

    var names: [String] { panel.names }

    init(seed: UInt64, stride: Int? = nil, series count: Int? = nil, rows range: ClosedRange<Int> = 40...70) throws {
        var random = SeededRandom(seed: seed)
        targets = Int.random(in: 1...2, using: &random)
        let stride = stride ?? Int.random(in: 1...5, using: &random)
        let names = (0..<(targets + 1)).map { "c\($0)" }
        var series: [Panel.Series] = []
        for place in 0..<(count ?? Int.random(in: 1...6, using: &random)) {
            let rows = Int.random(in: range, using: &random)
            let start = Int64(Int.random(in: 0...8, using: &random))
            let (level, spread) = (Double.random(in: 10...500, using: &random), Double(place + 1))
            let columns = names.map { _ in
                var value = level
                return (0..<rows).map { _ -> Double in
                    value += spread * Double.random(in: -1...1, using: &random)
                    return value
                }
            }
            let frame = try TimeSeriesFrame(
                timestamps: (0..<rows).map { 3_600 * (start + Int64($0)) },
                names: names,
                columns: columns
            )
            series.append(Panel.Series(key: SeriesKey(["s\(place)", "x"]), frame: frame))
        }
        panel = try Panel(groupBy: ["store", "item"], series: series)
        train = panel.series.map { 0..<($0.frame.rowCount / 2) }
        windows = try zip(panel.series, train).map { series, train in
            try RollingOrigin(
                test: (train.upperBound - Self.lookback)..<series.frame.rowCount,
                lookback: Self.lookback,
                horizon: Self.horizon,
                strideSteps: stride
            )
        }
    }

    /// Forecasts by repeating the last season, in scaled units; for the series in `keys`.
    func naive(_ seasonLength: Int, without missing: Set<SeriesKey> = []) throws -> PanelForecaster {
        let shape = try WindowShape(
            lookback: Self.lookback,
            horizon: Self.horizon,
            channels: names.count,
            targets: targets
        )
        let known = zip(panel.series, train).filter { !missing.contains($0.0.key) }
        return try PanelForecaster(
            groupBy: panel.groupBy,
            keys: known.map(\.0.key),
            forecasters: known.map { series, train in
                try Forecaster(
                    model: SeasonalNaive(shape: shape, seasonLength: seasonLength),
                    scaler: Scaler(kind: .standard, fitting: series.frame, rows: train),
                    columns: names,
                    frequency: Frequency("1h")
                )
            }
        )
    }

    /// The fit of a linear model on all series.
    func recipe(_ settings: PreprocessorSettings = PreprocessorSettings()) throws -> ForecasterRecipe {
        ForecasterRecipe(
            configuration: .nlinear(individual: false),
            shape: try WindowShape(
                lookback: Self.lookback,
                horizon: Self.horizon,
                channels: names.count,
                targets: targets
            ),
            preprocessing: settings,
            frequency: try Frequency("1h")
        )
    }
}
