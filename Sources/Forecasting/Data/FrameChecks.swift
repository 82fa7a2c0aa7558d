// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Checks that a table's rows lie on the grid of a frequency, and adds the rows that are missing.
///
/// Values stay missing: what fills them is fitted on train rows, and serving repeats it (`Preprocessor`). The first row fixes the grid's phase. Rows must be sorted and must not repeat a time. Values must not be infinite.
package struct FrameChecks: Sendable {
    /// A table on the grid, and how much of it is missing.
    package struct Regular: Sendable {
        /// The table: on each instant of the grid one row, in each cell a finite value, or NaN where the policy will fill it.
        package let frame: TimeSeriesFrame
        /// The number of rows that were missing.
        package let insertedRows: Int
        /// The number of missing values in rows that were there.
        package let missingCells: Int
    }

    /// The step from row to row.
    package let frequency: Frequency
    /// What will be done about missing rows and values.
    package let missing: MissingPolicy
    /// The most rows that a table may have once its gaps are filled; a wrong unit of time would ask for billions.
    package let largestRowCount: Int

    /// Checks for a frequency and a policy.
    package init(frequency: Frequency, missing: MissingPolicy, largestRowCount: Int = 20_000_000) {
        self.frequency = frequency
        self.missing = missing
        self.largestRowCount = largestRowCount
    }

    /// The table on the grid.
    /// - Throws: the `ForecastingError` of the first fault, with its row and time.
    package func regular(_ frame: TimeSeriesFrame) throws(ForecastingError) -> Regular {
        let positions = try gridPositions(frame.timestamps)
        let rowCount = (positions.last ?? -1) + 1
        guard rowCount <= largestRowCount else {
            throw .tooManyRows(rows: rowCount, limit: largestRowCount, frequency: frequency.description)
        }
        var missingCells = 0
        var columns: [[Double]] = []
        for (name, column) in zip(frame.names, frame.columns) {
            missingCells += try checkValues(column, name: name, frame.timestamps)
            columns.append(placed(column, positions, rowCount))
        }
        let timestamps = (0..<rowCount).compactMap { frequency.instant($0, after: frame.timestamps[0]) }
        return Regular(
            frame: try TimeSeriesFrame(timestamps: timestamps, names: frame.names, columns: columns),
            insertedRows: rowCount - frame.rowCount,
            missingCells: missingCells
        )
    }

    /// The tables of a panel on the grid, in its order, each with a phase of its own.
    ///
    /// A wrong time in each of thousands of series asks for billions of rows, too: all that are added are counted together.
    /// - Throws: the `ForecastingError` of the first fault, with its series, row and time.
    package func regular(_ panel: Panel) throws(ForecastingError) -> [Regular] {
        var inserted = 0
        return try panel.mapSeries { series throws(ForecastingError) in
            let table = try regular(series.frame)
            inserted += table.insertedRows
            guard inserted <= largestRowCount else {
                throw .tooManyRows(rows: inserted, limit: largestRowCount, frequency: frequency.description)
            }
            return table
        }
    }

    /// Throws unless a part of the data holds at least one window.
    package static func requireWindow(
        rows: Int,
        lookback: Int,
        horizon: Int,
        part: String
    ) throws(ForecastingError) {
        guard rows >= lookback + horizon else {
            throw .tooFewRows(part: part, rows: rows, lookback: lookback, horizon: horizon)
        }
    }

    /// The grid index of each row; the first is 0.
    private func gridPositions(_ timestamps: [Int64]) throws(ForecastingError) -> [Int] {
        guard let first = timestamps.first else { return [] }
        var positions: [Int] = []
        positions.reserveCapacity(timestamps.count)
        for (index, timestamp) in timestamps.enumerated() {
            guard UTCTime.secondsRange.contains(timestamp) else { throw .timestampOutOfRange(row: index + 1) }
            let previous = index > 0 ? timestamps[index - 1] : timestamp - 1
            guard timestamp != previous else {
                throw .duplicateTimestamp(row: index + 1, time: UTCTime.text(timestamp))
            }
            guard timestamp > previous else {
                throw .unsortedRows(row: index + 1, time: UTCTime.text(timestamp), previous: UTCTime.text(previous))
            }
            guard let position = frequency.steps(from: first, to: timestamp) else {
                throw .offGrid(
                    row: index + 1,
                    time: UTCTime.text(timestamp),
                    frequency: frequency.description,
                    first: UTCTime.text(first)
                )
            }
            let expected = (positions.last ?? -1) + 1
            guard position == expected || missing != .fail else {
                throw .gap(
                    row: index + 1,
                    after: UTCTime.text(previous),
                    time: UTCTime.text(timestamp),
                    missingRows: position - expected,
                    frequency: frequency.description
                )
            }
            positions.append(position)
        }
        return positions
    }

    /// Counts the missing values of a column, after checking that the policy can fill them.
    private func checkValues(
        _ column: [Double],
        name: String,
        _ timestamps: [Int64]
    ) throws(ForecastingError) -> Int {
        var missingCount = 0
        for (index, value) in column.enumerated() where !value.isFinite {
            let time = UTCTime.text(timestamps[index])
            guard value.isNaN else { throw .notFinite(row: index + 1, time: time, column: name) }
            guard missing != .fail else { throw .missingValue(row: index + 1, time: time, column: name) }
            guard missingCount < index || missing.fillsFromTheFirstRow else {
                throw .leadingMissingValue(row: index + 1, time: time, column: name)
            }
            missingCount += 1
        }
        return missingCount
    }

    /// The column on the whole grid, NaN where it has no value.
    private func placed(_ column: [Double], _ positions: [Int], _ rowCount: Int) -> [Double] {
        guard positions.count < rowCount else { return column }
        var result = [Double](repeating: .nan, count: rowCount)
        for (position, value) in zip(positions, column) where !value.isNaN { result[position] = value }
        return result
    }
}
