// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Rows at the end of a table in which no target has a value yet are rows to come: what else stands there is known ahead.
extension TimeSeriesFrame {
    /// How many rows there are up to the last one in which one of the first columns has a value.
    package func observedRows(targets: Int) -> Int {
        columns.prefix(targets).map { ($0.lastIndex { !$0.isNaN } ?? -1) + 1 }.max() ?? 0
    }

    /// The table with nothing in the first columns from an instant on: these values are not to be known yet.
    package func hiding(first count: Int, from instant: Int64) throws(ForecastingError) -> TimeSeriesFrame {
        let hidden = timestamps.map { $0 >= instant }
        return try TimeSeriesFrame(
            timestamps: timestamps,
            names: names,
            columns: columns.enumerated().map { index, column in
                index < count ? zip(column, hidden).map { $1 ? .nan : $0 } : column
            }
        )
    }

    /// Columns, of which those are known ahead that come last, in the rows behind the first `observed`: on the grid of the
    /// frequency, at most `count` of them. What is not there is NaN, as are all other columns.
    /// - Throws: the `ForecastingError` of the first fault, with its row and time.
    package func ahead(
        from observed: Int,
        count: Int,
        known: Int,
        frequency: Frequency
    ) throws(ForecastingError) -> TimeSeriesFrame {
        guard observed > 0, observed < rowCount else { return rows(0..<0) }
        let last = timestamps[observed - 1]
        let times = frequency.instants(after: last, count: count)
        var values = [[Double]](repeating: [Double](repeating: .nan, count: times.count), count: columns.count)
        var previous = last
        for row in observed..<rowCount {
            let time = timestamps[row]
            let text = UTCTime.text(time)
            guard time != previous else { throw .duplicateTimestamp(row: row + 1, time: text) }
            guard time > previous else {
                throw .unsortedRows(row: row + 1, time: text, previous: UTCTime.text(previous))
            }
            previous = time
            guard time <= times.last ?? last else { break }
            guard let step = frequency.steps(from: last, to: time), (1...times.count).contains(step) else {
                throw .offGrid(
                    row: row + 1,
                    time: text,
                    frequency: frequency.description,
                    first: UTCTime.text(timestamps[0])
                )
            }
            for column in columns.indices.suffix(known) {
                guard !columns[column][row].isInfinite else {
                    throw .notFinite(row: row + 1, time: text, column: names[column])
                }
                values[column][step - 1] = columns[column][row]
            }
        }
        let kept = (values.map { ($0.lastIndex { !$0.isNaN } ?? -1) + 1 }.max() ?? 0)
        return try TimeSeriesFrame(
            timestamps: Array(times.prefix(kept)),
            names: names,
            columns: values.map { Array($0.prefix(kept)) }
        )
    }

    /// Throws unless the last columns are known for so many rows; a gap within them may be where gaps are filled.
    ///
    /// - Parameter last: The time of the row before, the last one with a target.
    /// - Throws: `ForecastingError.unknownFuture`, which names the first column that ends too early, or has a gap.
    package func requireKnown(
        _ known: Int,
        rows: Int,
        behind last: Int64,
        fillsGaps: Bool
    ) throws(ForecastingError) {
        for (name, column) in zip(names, columns).suffix(known) {
            let end = (column.lastIndex { !$0.isNaN } ?? -1) + 1
            let found = fillsGaps ? end : column.firstIndex(where: \.isNaN) ?? column.count
            guard found < rows else { continue }
            throw .unknownFuture(column: name, rows: found, needed: rows, last: UTCTime.text(last))
        }
    }
}
