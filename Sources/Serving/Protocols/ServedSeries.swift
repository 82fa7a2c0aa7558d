// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// What the readers and writers of tables need to know of a model: its columns, its step and its sizes.
struct ServedSeries: Sendable {
    /// What goes in and what comes out, in original units.
    let shape: WindowShape
    /// The columns of a history, targets first.
    let columns: [String]
    /// The step from row to row.
    let frequency: Frequency
    /// Whether a forecast depends on when it is made.
    let usesTimes: Bool
    /// Whether values of a history may be missing: `null`.
    var takesGaps = false
    /// The quantiles that may be asked for; nil where there are none.
    var intervals: ForecastIntervals?
    /// The series that a request must choose from; nil where there is but one.
    var groups: ServedGroups?

    /// The columns of a forecast.
    var targets: ArraySlice<String> { columns.prefix(shape.targets) }

    /// The columns that must be known for the rows to forecast.
    var futureColumns: [String] { Array(columns.suffix(shape.future)) }

    /// What must be known of the rows to forecast.
    var future: FutureRows { FutureRows(shape, columns: futureColumns) }

    /// The rows to forecast, as rows of a table of what must be known of them; nil where that is nothing.
    var ahead: ServedSeries? {
        guard shape.future > 0,
            let known = try? WindowShape(
                lookback: shape.horizon,
                horizon: 1,
                channels: shape.future,
                targets: shape.future
            )
        else { return nil }
        return ServedSeries(
            shape: known,
            columns: futureColumns,
            frequency: frequency,
            usesTimes: false,
            takesGaps: takesGaps,
            groups: groups
        )
    }

    /// Reads how many steps are asked for.
    func horizon(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) -> Int {
        let number = try scanner.number(field)
        guard let steps = Int(exactly: number), (1...shape.horizon).contains(steps) else {
            throw Self.wrongHorizon(number, field, trained: shape.horizon)
        }
        return steps
    }

    /// What is said of a number of steps that the model cannot forecast.
    static func wrongHorizon(_ number: Double, _ field: String, trained: Int) -> ServingError {
        .invalidBody(
            field: field,
            problem: "is \(number); must be a whole number from 1 to \(trained), which the model was trained for"
        )
    }
}
