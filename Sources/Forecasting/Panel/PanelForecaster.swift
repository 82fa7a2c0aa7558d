// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A forecaster for each series of a panel: all take and give the same columns, steps and rows.
///
/// Where one model was fitted on all series, the forecasters share it and differ in what preprocessing knows of each series
/// and in their intervals; where each series has a model, they differ in that, too. A value; safe to share.
package struct PanelForecaster: Sendable {
    /// The grouping columns; empty where there is one series.
    package let groupBy: [String]
    /// The series, sorted.
    package let keys: [SeriesKey]
    /// By series: its forecaster.
    package let forecasters: [Forecaster]
    /// Whether the forecasters share one model.
    package let scope: PanelScope
    private let places: [SeriesKey: Int]

    /// What is the same for all series: columns, shapes, frequency and kind of model.
    package var common: Forecaster { forecasters[0] }

    /// Joins the forecasters of a panel. With the scope `global` the model is that of the first one.
    /// - Throws: `ForecastingError.invalidModel` where there are none, or they do not take and give the same.
    package init(
        groupBy: [String],
        keys: [SeriesKey],
        forecasters: [Forecaster],
        scope: PanelScope = .local
    ) throws(ForecastingError) {
        guard let first = forecasters.first, keys.count == forecasters.count else {
            throw .invalidModel(reason: "it has \(forecasters.count) forecasters for \(keys.count) series")
        }
        for (previous, next) in zip(keys, keys.dropFirst()) where previous >= next {
            throw .invalidModel(reason: "its series are not sorted, or one is there twice: \(next.label(groupBy))")
        }
        for (key, forecaster) in zip(keys, forecasters) {
            guard key.values.count == groupBy.count, forecaster.columns == first.columns,
                forecaster.frequency == first.frequency, forecaster.historyShape == first.historyShape,
                forecaster.intervals?.levels == first.intervals?.levels
            else { throw .invalidModel(reason: "the series \(key.label(groupBy)) is of another form") }
        }
        self.groupBy = groupBy
        self.keys = keys
        self.forecasters = forecasters
        self.scope = scope
        places = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
    }

    /// The forecaster of data that is not grouped.
    package init(_ forecaster: Forecaster) {
        groupBy = []
        keys = [.single]
        forecasters = [forecaster]
        scope = .global
        places = [.single: 0]
    }

    /// The place of a series in `keys`; nil where the model has not seen it.
    package func place(of key: SeriesKey) -> Int? { places[key] }

    /// Forecasts a batch of histories, each of one series, in original units.
    ///
    /// - Parameters:
    ///   - history: [batch x lookback x channels] of `common.historyShape`, as `Forecaster.forecast` takes it.
    ///   - future: [batch x horizon x future].
    ///   - ends: [batch], or empty.
    ///   - series: [batch], places in `keys`; empty where there is one series.
    ///   - batch: The number of histories.
    /// - Returns: [batch x horizon x targets].
    /// - Throws: `ForecastingError.invalidHistory` when sizes do not fit, or a value cannot be used.
    package func forecast(
        history: [Double],
        future: [Double] = [],
        ends: [Int64] = [],
        series: [Int] = [],
        batch: Int = 1
    ) throws(ForecastingError) -> [Double] {
        guard groupBy.isEmpty == false else {
            return try common.forecast(history: history, future: future, ends: ends, batch: batch)
        }
        guard series.count == batch, series.allSatisfy(keys.indices.contains) else {
            throw .invalidHistory(reason: "it does not say which series each of \(batch) histories is of")
        }
        let shape = common.historyShape
        guard history.count == batch * shape.inputCount, future.count == batch * shape.futureCount else {
            throw .invalidHistory(
                reason: "\(history.count) numbers for \(batch) window(s) of \(shape.lookback) rows and "
                    + "\(shape.channels) columns"
            )
        }
        var output = [Double](repeating: 0, count: batch * shape.outputCount)
        let order = (0..<batch).sorted { (series[$0], $0) < (series[$1], $1) }
        // The histories of a series are forecast together.
        for windows in order.chunked(by: { series[$0] == series[$1] }) {
            let forecasts = try forecasters[series[windows[0]]].forecast(
                history: windows.flatMap { history[$0 * shape.inputCount..<($0 + 1) * shape.inputCount] },
                future: windows.flatMap { future[$0 * shape.futureCount..<($0 + 1) * shape.futureCount] },
                ends: ends.isEmpty ? [] : windows.map { ends[$0] },
                batch: windows.count
            )
            for (place, window) in windows.enumerated() {
                for cell in 0..<shape.outputCount {
                    output[window * shape.outputCount + cell] = forecasts[place * shape.outputCount + cell]
                }
            }
        }
        return output
    }
}

extension Array {
    /// Runs of neighbours that belong together.
    fileprivate func chunked(by belong: (Element, Element) -> Bool) -> [[Element]] {
        var runs: [[Element]] = []
        for element in self {
            if let last = runs.last?.last, belong(last, element) {
                runs[runs.count - 1].append(element)
            } else {
                runs.append([element])
            }
        }
        return runs
    }
}
