// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// Histories to forecast from, as a request gave them.
struct HistoryBatch: Sendable, Equatable {
    /// A request may not ask for more numbers than this: bodies are bounded, but a long horizon multiplies them.
    static let mostForecasts = 4_000_000

    /// [batch x lookback x columns], row-major, oldest row first.
    var values: [Double]
    /// The number of histories.
    var batch: Int
    /// The time of each history's last row in seconds since 1970 (UTC); empty where they were not all given.
    var ends: [Int64] = []
    /// [batch x horizon x future], row-major: what is known of the rows to forecast.
    var future: [Double] = []
    /// The place of each history's series among those of the model; empty where the model is not grouped.
    var series: [Int] = []

    /// Some of the histories.
    func piece(_ range: Range<Int>, of shape: WindowShape) -> HistoryBatch {
        guard range != 0..<batch else { return self }
        let inputs = shape.inputCount
        return HistoryBatch(
            values: Array(values[range.lowerBound * inputs..<range.upperBound * inputs]),
            batch: range.count,
            ends: ends.isEmpty ? [] : Array(ends[range]),
            future: Array(future[range.lowerBound * shape.futureCount..<range.upperBound * shape.futureCount]),
            series: series.isEmpty ? [] : Array(series[range])
        )
    }

    /// Throws where the batch would give more numbers than one answer may hold.
    ///
    /// - Parameter copies: How many numbers there are for each value that is forecast: it, and its quantiles.
    static func requireFits(
        batch: Int,
        shape: WindowShape,
        copies: Int = 1,
        field: String
    ) throws(ServingError) {
        let numbers = shape.outputCount * copies
        let (count, overflow) = batch.multipliedReportingOverflow(by: numbers)
        guard !overflow, count <= mostForecasts else {
            let most = mostForecasts / numbers
            throw .invalidBody(field: field, problem: "holds \(batch) histories; at most \(most) fit into one request")
        }
    }
}
