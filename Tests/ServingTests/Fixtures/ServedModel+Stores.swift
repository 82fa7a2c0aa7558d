// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

@testable import Forecasting
@testable import Serving

extension ServedModel {
    /// Three series, `[6]` rows of `sales` to `[3]`, each of which repeats its last rows: `north, 12` the last three, `south, 12`
    /// the last two, `south, 7` the last one. Their intervals are 10, 20 and 30 wide.
    static func stores(_ version: String = "20261121-030000", without absent: String? = nil) throws -> ServedModel {
        let all: [(key: [String], length: Int)] = [(["north", "12"], 3), (["south", "12"], 2), (["south", "7"], 1)]
        let seasons = all.filter { $0.key.first != absent }
        let shape = try WindowShape(lookback: 6, horizon: 3, channels: 1, targets: 1)
        let levels = try IntervalLevels([80])
        let forecasters = try seasons.enumerated().map { place, season in
            let half = Double(5 * (place + 1))
            let offsets = [[Double]](repeating: [-half, 0, half], count: 3).flatMap(\.self)
            return try repeating(SeasonalNaive(shape: shape, seasonLength: season.length), ["sales"])
                .adding(ForecastIntervals(levels: levels, windows: 9, offsets: offsets))
        }
        let panel = try PanelForecaster(
            groupBy: ["store", "item"],
            keys: seasons.map { SeriesKey($0.key) },
            forecasters: forecasters
        )
        return ServedModel(name: "store-sales", version: version, kind: "SeasonalNaive", panel: panel)
    }

    /// As many series as a model may have, `0000` to `9999`.
    static func many(_ count: Int = Panel.mostSeries) throws -> ServedModel {
        let shape = try WindowShape(lookback: 6, horizon: 3, channels: 1, targets: 1)
        let forecaster = try repeating(SeasonalNaive(shape: shape, seasonLength: 1), ["sales"])
        let panel = try PanelForecaster(
            groupBy: ["store"],
            keys: (0..<count).map { SeriesKey([String(String($0 + 10_000).dropFirst())]) },
            forecasters: [Forecaster](repeating: forecaster, count: count),
            scope: .global
        )
        return ServedModel(name: "store-sales", version: "v1", kind: "SeasonalNaive", panel: panel)
    }

    /// Two series that forecast `sales` from six rows of it and of `price`, which is known for three more.
    static func priced() throws -> ServedModel {
        var settings = PreprocessorSettings()
        settings.future = FutureChannels(columns: 1, calendar: nil, isInWindow: false)
        let shape = try WindowShape(lookback: 6, horizon: 3, channels: 2, targets: 1, future: 1)
        let recipe = ForecasterRecipe(
            configuration: .nlinear(individual: false),
            shape: shape,
            preprocessing: settings,
            frequency: try Frequency("1h")
        )
        let forecasters = try [10.0, 1_000].map { (level: Double) throws -> Forecaster in
            var random = SeededRandom(seed: 4)
            let prices = (0..<200).map { _ in Double.random(in: 0...20, using: &random) }
            let sales = prices.map { (price: Double) -> Double in
                level * (1 + price / 10) + Double.random(in: -1...1, using: &random)
            }
            let frame = try TimeSeriesFrame(
                timestamps: (0..<200).map { Int64($0) * 3_600 },
                names: ["sales", "price"],
                columns: [sales, prices]
            )
            return try recipe.fitted(on: Panel(frame), rows: [0..<200]).forecaster.common
        }
        let keys = ["north", "south"].map { SeriesKey([$0]) }
        let panel = try PanelForecaster(groupBy: ["store"], keys: keys, forecasters: forecasters)
        return ServedModel(name: "store-sales", version: "v1", kind: "NLinear", panel: panel)
    }

    private static func repeating(_ model: SeasonalNaive, _ columns: [String]) throws -> Forecaster {
        let frame = try TimeSeriesFrame(timestamps: [0], names: columns, columns: columns.map { _ in [0] })
        return try Forecaster(
            model: model,
            scaler: Scaler(kind: .none, fitting: frame, rows: 0..<1),
            columns: columns,
            frequency: Frequency("1h")
        )
    }
}
