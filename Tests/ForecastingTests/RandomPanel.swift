// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

@testable import Forecasting

/// Series of different lengths, levels and scales by chance, with one target or two and a column that is known ahead.
struct RandomPanel {
    let panel: Panel
    let shape: WindowShape
    /// By series.
    let train: [Range<Int>]
    let validation: [Range<Int>]

    /// - Parameter count: The number of series.
    init(seed: UInt64, count: Int) throws {
        var random = SeededRandom(seed: seed)
        let (lookback, horizon) = (Int.random(in: 2...8, using: &random), Int.random(in: 1...5, using: &random))
        let targets = Int.random(in: 1...2, using: &random)
        shape = try WindowShape(
            lookback: lookback,
            horizon: horizon,
            channels: targets + 1,
            targets: targets,
            future: 1
        )
        var series: [Panel.Series] = []
        for place in 0..<count {
            let rows = Int.random(in: 120...200, using: &random)
            let (level, scale) = (
                Double.random(in: -50...50, using: &random), Double.random(in: 0.1...20, using: &random)
            )
            let known = (0..<rows).map { _ in Double.random(in: -1...1, using: &random) }
            let columns = (0..<targets).map { target in
                (0..<rows).map { row in
                    let wave = sin(Double(row + 3 * target) / 3) + 0.5 * known[row]
                    return level + scale * (wave + Double.random(in: -0.5...0.5, using: &random))
                }
            }
            let start = 1_700_000_000 + 3_600 * Int64(Int.random(in: 0..<500, using: &random))
            let frame = try TimeSeriesFrame(
                timestamps: (0..<rows).map { start + 3_600 * Int64($0) },
                names: (0..<targets).map { "y\($0)" } + ["known"],
                columns: columns + [known]
            )
            series.append(Panel.Series(key: SeriesKey(["north", "item \(place)"]), frame: frame))
        }
        panel = try Panel(groupBy: ["store", "item"], series: series)
        train = panel.series.map { 0..<($0.frame.rowCount * 7 / 10) }
        validation = zip(panel.series, train).map { ($1.upperBound - lookback)..<($0.frame.rowCount * 9 / 10) }
    }

    /// A recipe for the panel.
    func recipe(_ configuration: ModelConfiguration, _ scope: PanelScope) throws -> ForecasterRecipe {
        var settings = PreprocessorSettings()
        settings.future = FutureChannels(columns: 1, calendar: nil, isInWindow: false)
        return ForecasterRecipe(
            configuration: configuration,
            shape: shape,
            preprocessing: settings,
            frequency: try Frequency("1h"),
            scope: scope
        )
    }

    /// One of its series, as data that is not grouped.
    func single(_ place: Int) -> Panel { Panel(panel.series[place].frame) }
}
