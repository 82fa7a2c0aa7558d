// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// Which rows of each series train, validate and test.
struct PanelSplit: Sendable {
    /// By series, in the panel's order.
    let parts: [DataSplit]

    /// By series, the rows that models are fitted on.
    var train: [Range<Int>] { parts.map(\.train) }
    /// By series, the rows for choosing between models, context first.
    var validation: [Range<Int>] { parts.map(\.validation) }
    /// The rows of all series that models are fitted on.
    var trainRows: Int { parts.reduce(0) { $0 + $1.train.count } }
    /// The rows of all series that models are scored on.
    var testRows: Int { parts.reduce(0) { $0 + $1.test.count } }
}

extension ForecastPipelineSpec {
    /// Which rows of each series train, validate and test.
    /// - Throws: as `dataSplit`; what is wrong with one of several series names it.
    func panelSplit(_ panel: Panel) throws -> PanelSplit {
        let historyRows = try historyRows()
        return PanelSplit(parts: try panel.naming { try dataSplit($0.frame.timestamps, historyRows: historyRows) })
    }

    /// By series, the windows that models are scored on.
    func rollingOrigins(_ panel: Panel, _ split: PanelSplit) throws -> [RollingOrigin] {
        let historyRows = try historyRows()
        return try panel.naming(with: split.parts) { _, part in try rollingOrigin(part, historyRows: historyRows) }
    }

    /// Which share of train and validation rows models that are fitted anew hold back to validate.
    func validationShare(_ split: PanelSplit) throws -> Double {
        let historyRows = try historyRows()
        let shares = split.parts.map { part in
            (share: validationShare(part, historyRows: historyRows), rows: Double(part.train.count))
        }
        guard shares.count > 1 else { return shares.first?.share ?? 0 }
        let rows = shares.reduce(0) { $0 + $1.rows }
        return shares.reduce(0) { $0 + $1.share * $1.rows } / max(1, rows)
    }
}

extension Panel {
    /// A value for each series in their order; a fault of Forecasting names the series that it is about.
    func naming<Value>(_ work: (Series) throws -> Value) throws -> [Value] {
        try naming(with: series) { one, _ in try work(one) }
    }

    /// The same with what goes with each series.
    func naming<Part, Value>(with parts: [Part], _ work: (Series, Part) throws -> Value) throws -> [Value] {
        try zip(series, parts).map { one, part in
            do {
                return try work(one, part)
            } catch let error as ForecastingError {
                throw error.named(one.key, groupBy)
            }
        }
    }

    /// The panel with these columns, in this order.
    func selecting(_ names: [String]) throws -> Panel {
        try Panel(
            groupBy: groupBy,
            series: naming { Series(key: $0.key, frame: try $0.frame.selecting(names)) }
        )
    }

    /// How much there is, for a person: `1200 rows of 12 series`.
    var amount: String { "\(rowCount) rows" + (groupBy.isEmpty ? "" : " of \(series.count) series") }
}
