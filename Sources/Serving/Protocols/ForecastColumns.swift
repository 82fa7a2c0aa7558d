// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// The forecasts of a request as columns by name: each target, and behind it the quantiles that were asked for.
struct ForecastColumns: Sendable {
    /// The names of the columns and the targets that they are of, in the order in which they are written.
    let columns: [(name: String, target: Int)]
    /// How many numbers are written for each value that is forecast.
    let copies: Int
    /// By position among a target's columns: [batch x horizon x targets].
    private let values: [[Double]]
    private let shape: WindowShape
    private let steps: Int

    /// Columns of the forecasts [batch x horizon x targets] of a request.
    init(_ forecasts: [Double], of request: SeriesBatch, _ series: ServedSeries) {
        let quantiles = series.quantiles(request.quantiles, of: forecasts, at: request.history.series)
        values = [forecasts] + quantiles.map(\.values)
        copies = values.count
        var columns: [(name: String, target: Int)] = []
        for (target, name) in series.targets.enumerated() {
            columns.append((name, target))
            for quantile in quantiles {
                columns.append((IntervalsSpec.column(name, quantile: quantile.probability), target))
            }
        }
        self.columns = columns
        shape = series.shape
        steps = request.horizon
    }

    /// Writes the members `"column":[…]` of one series.
    func writeLists(of position: Int, _ writer: inout JSONWriter) throws(ServingError) {
        for (index, column) in columns.enumerated() {
            if index > 0 { writer.text(",") }
            writer.string(column.name)
            writer.text(":")
            let all = values[index % copies]
            let numbers = (0..<steps).map { all[place(position, step: $0, target: column.target)] }
            try writer.numbers(numbers, shape: [steps])
        }
    }

    /// Writes the members `"column":…` of one step of one series.
    func writeCells(of position: Int, step: Int, _ writer: inout JSONWriter) throws(ServingError) {
        for (index, column) in columns.enumerated() {
            if index > 0 { writer.text(",") }
            writer.string(column.name)
            writer.text(":")
            try writer.number(values[index % copies][place(position, step: step, target: column.target)])
        }
    }

    private func place(_ position: Int, step: Int, target: Int) -> Int {
        position * shape.outputCount + step * shape.targets + target
    }
}
