// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A table of time series: one timestamp a row, named columns of numbers.
///
/// A missing number is NaN.
package struct TimeSeriesFrame: Sendable {
    /// Seconds since 1970-01-01T00:00:00Z, one a row.
    package let timestamps: [Int64]
    /// The names of the columns, without duplicates.
    package let names: [String]
    /// The values by column; each column has as many as there are timestamps.
    package let columns: [[Double]]

    /// A frame of columns of equal length.
    /// - Throws: `ForecastingError.invalidFrame` when lengths differ, or names are empty or there twice.
    package init(timestamps: [Int64], names: [String], columns: [[Double]]) throws(ForecastingError) {
        guard names.count == columns.count else {
            throw .invalidFrame(reason: "\(names.count) names for \(columns.count) columns")
        }
        var seen: Set<String> = []
        for (name, column) in zip(names, columns) {
            guard !name.isEmpty, seen.insert(name).inserted else {
                throw .invalidFrame(reason: "column name '\(name)' is empty or there twice")
            }
            guard column.count == timestamps.count else {
                throw .invalidFrame(
                    reason: "column '\(name)' has \(column.count) values for \(timestamps.count) timestamps"
                )
            }
        }
        self.timestamps = timestamps
        self.names = names
        self.columns = columns
    }

    init(trusted timestamps: [Int64], _ names: [String], _ columns: [[Double]]) {
        self.timestamps = timestamps
        self.names = names
        self.columns = columns
    }

    /// The number of rows.
    package var rowCount: Int { timestamps.count }

    /// The same rows with just these columns, in this order.
    ///
    /// Targets come first by convention.
    /// - Throws: `ForecastingError.columnNotFound`, or `invalidFrame` for a name that is asked for twice.
    package func selecting(_ wanted: [String]) throws(ForecastingError) -> TimeSeriesFrame {
        var selected: [[Double]] = []
        for name in wanted {
            guard let index = names.firstIndex(of: name) else {
                throw .columnNotFound(name: name, available: names)
            }
            selected.append(columns[index])
        }
        return try TimeSeriesFrame(timestamps: timestamps, names: wanted, columns: selected)
    }

    /// The same values at other times, of which there are as many.
    package func at(_ timestamps: [Int64]) -> TimeSeriesFrame {
        precondition(
            timestamps.count == rowCount,
            "TimeSeriesFrame: \(timestamps.count) timestamps for \(rowCount) rows"
        )
        return TimeSeriesFrame(trusted: timestamps, names, columns)
    }

    /// The rows of a range.
    package func rows(_ range: Range<Int>) -> TimeSeriesFrame {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= rowCount,
            "TimeSeriesFrame: rows \(range) are outside of 0..<\(rowCount)"
        )
        // All of them are shared: they may be most of what a pod has memory for.
        guard range.count < rowCount else { return self }
        return TimeSeriesFrame(trusted: Array(timestamps[range]), names, columns.map { Array($0[range]) })
    }

    /// The values of a range of rows, row by row: [range.count x columns].
    package func rowMajor(_ range: Range<Int>) -> [Double] {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= rowCount,
            "TimeSeriesFrame: rows \(range) are outside of 0..<\(rowCount)"
        )
        let width = columns.count
        return [Double](unsafeUninitializedCapacity: range.count * width) { buffer, count in
            for (index, column) in columns.enumerated() {
                column.withUnsafeBufferPointer { source in
                    var position = index
                    for row in range {
                        buffer[position] = source[row]
                        position += width
                    }
                }
            }
            count = range.count * width
        }
    }
}
