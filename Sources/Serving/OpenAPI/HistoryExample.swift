// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// A history to try a model with: the one in its artifact.
struct HistoryExample: Sendable, Equatable {
    /// Rows of all columns in original units, oldest first.
    let rows: [[Double]]
    /// Rows of the columns that must be known, behind those; none where there are no such columns.
    let future: [[Double]]
    /// The times of the rows as RFC 3339.
    let times: [String]
    /// The times of the rows behind them.
    let futureTimes: [String]
    /// The time of the last row in seconds since 1970.
    let end: Int64

    /// An example of just as many rows as a model needs.
    ///
    /// - Parameters:
    ///   - rows: Rows to take the last ones of; where they are too few, or of other columns, a day's wave stands in.
    ///   - future: What is known of the rows behind; a stand-in as well where they do not fit.
    ///   - end: The time of the last row.
    init(_ rows: [[Double]], future: [[Double]], end: Int64, of series: ServedSeries) {
        let (horizon, known) = (series.shape.horizon, series.shape.future)
        let isKnown = future.count == horizon && future.allSatisfy { $0.count == known && $0.allSatisfy(\.isFinite) }
        let standIn = [[Double]](repeating: [Double](repeating: 0, count: known), count: known > 0 ? horizon : 0)
        self.future = isKnown ? future : standIn
        futureTimes = series.frequency.instants(after: end, count: horizon).map { UTCTime(seconds: $0).description }
        let (lookback, columns) = (series.shape.lookback, series.shape.channels)
        let fits = rows.count >= lookback && rows.allSatisfy { $0.count == columns && $0.allSatisfy(\.isFinite) }
        self.rows =
            fits
            ? Array(rows.suffix(lookback))
            : (0..<lookback).map { row in [Double](repeating: Double(100 + row % 24), count: columns) }
        self.end = end
        times = (0..<lookback).compactMap { row in
            series.frequency.instant(row - lookback + 1, after: end).map { UTCTime(seconds: $0).description }
        }
    }
}
