// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Forecasting

extension CSVTable {
    /// The table as rows of series, with rows and columns in the same order.
    ///
    /// Throws `ConnectorError.badSpecification` when no timestamps were read.
    package consuming func rows() throws(ConnectorError) -> SeriesRows {
        guard let timestamps else {
            throw .badSpecification(field: "timestamp", problem: "a time series needs a column of timestamps")
        }
        do {
            let frame = try TimeSeriesFrame(
                timestamps: timestamps,
                names: columns.map(\.name),
                columns: columns.map(\.values)
            )
            return SeriesRows(frame, labels: labels)
        } catch {
            throw .badSpecification(field: "values", problem: error.description)
        }
    }
}
