// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Rows on the grid of a frequency, column by column, in original units: what a preprocessor takes.
///
/// A missing value is NaN.
package struct RawRows: Sendable {
    /// The names of the columns, targets first.
    let names: [String]
    /// The values by column; all columns have as many.
    let columns: [[Double]]
    /// How many of the columns are forecast.
    let targets: Int
    /// The step from row to row.
    let frequency: Frequency
    /// The time of the last row, in seconds since 1970 (UTC); nil where it is not known.
    let end: Int64?

    init(names: [String], columns: [[Double]], targets: Int, frequency: Frequency, end: Int64?) {
        self.names = names
        self.columns = columns
        self.targets = targets
        self.frequency = frequency
        self.end = end
    }

    /// A range of a table's rows.
    package init(_ frame: TimeSeriesFrame, _ rows: Range<Int>, targets: Int, frequency: Frequency) {
        self.init(
            names: frame.names,
            columns: rows.count == frame.rowCount ? frame.columns : frame.columns.map { Array($0[rows]) },
            targets: targets,
            frequency: frequency,
            end: rows.isEmpty ? nil : frame.timestamps[rows.upperBound - 1]
        )
    }

    /// The number of rows.
    var count: Int { columns.first?.count ?? 0 }

    /// The time of a row, where that can be told.
    func instant(_ row: Int) -> Int64? { end.flatMap { frequency.instant(row - (count - 1), after: $0) } }

    /// A row as messages name it.
    func text(_ row: Int) -> String {
        "row \(row + 1) of \(count)" + (instant(row).map { " (\(UTCTime.text($0)))" } ?? "")
    }
}
