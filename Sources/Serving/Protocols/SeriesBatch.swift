// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// A request for forecasts of series that may have names, as it was understood.
struct SeriesBatch: Sendable, Equatable {
    /// A request may not hold more series than this: a name costs more memory than its few bytes of a body.
    static let mostSeries = 10_000

    /// The name of each series; nil for one without.
    var names: [String?]
    /// The time of each history's last row; nil where it was not given.
    var ends: [Int64?]
    /// The histories.
    var history: HistoryBatch
    /// How many steps are asked for.
    var horizon: Int
    /// Which quantiles are asked for, by their positions among those of the model.
    private(set) var quantiles: [Int] = []

    /// A batch of its parts.
    init(names: [String?], ends: [Int64?], history: HistoryBatch, horizon: Int) {
        self.names = names
        self.ends = ends
        self.history = history
        self.horizon = horizon
    }

    /// The rows of one series, with the places where they stand in the body.
    struct Rows: Sendable {
        var name: String?
        /// Its place among the series of the model; nil where the model is not grouped.
        var place: Int?
        var history: HistoryTable
        var field: String
        /// What is known of the rows behind; nil where the body does not say it.
        var future: HistoryTable?
        var futureField: String
    }

    /// Joins the rows of series.
    init(_ tables: [Rows], horizon: Int, series: ServedSeries) throws(ServingError) {
        var values: [Double] = []
        values.reserveCapacity(tables.count * series.shape.inputCount)
        var ends: [Int64?] = []
        var future: [Double] = []
        for rows in tables {
            let end = try rows.history.append(to: &values, rows.field)
            ends.append(end)
            guard series.future.isNeeded else { continue }
            guard let ahead = rows.future else { throw series.future.missing(rows.futureField) }
            try ahead.append(ahead: &future, behind: end, series.future, rows.futureField)
        }
        try HistoryBatch.requireFits(batch: tables.count, shape: series.shape, field: "body")
        names = tables.map(\.name)
        self.ends = ends
        self.horizon = horizon
        let known = ends.compactMap(\.self)
        history = HistoryBatch(
            values: values,
            batch: tables.count,
            ends: known.count == tables.count ? known : [],
            future: future,
            series: tables.compactMap(\.place)
        )
    }

    /// Notes which quantiles are asked for beside the forecasts.
    mutating func ask(for quantiles: [Int], shape: WindowShape) throws(ServingError) {
        try HistoryBatch.requireFits(batch: history.batch, shape: shape, copies: 1 + quantiles.count, field: "body")
        self.quantiles = quantiles
    }

    /// The times of a series' forecast as RFC 3339; empty where the history had none.
    func times(of position: Int, _ frequency: Frequency) -> [String] {
        guard let end = ends[position] else { return [] }
        return frequency.instants(after: end, count: horizon).map { UTCTime(seconds: $0).description }
    }
}
