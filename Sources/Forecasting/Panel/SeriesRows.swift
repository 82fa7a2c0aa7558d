// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Rows as a source gives them, with the series that each belongs to.
package struct SeriesRows: Sendable {
    /// Which series each row belongs to.
    package struct Labels: Sendable, Equatable {
        /// The grouping columns, at least one.
        package let groupBy: [String]
        /// The series that there are, each once, in any order.
        package let keys: [SeriesKey]
        /// By row: the index of its key in `keys`.
        package let codes: [Int32]

        /// Labels of rows; every code is an index of `keys`.
        package init(groupBy: [String], keys: [SeriesKey], codes: [Int32]) {
            precondition(
                codes.allSatisfy { keys.indices.contains(Int($0)) },
                "SeriesRows: a code is not one of \(keys.count) keys"
            )
            self.groupBy = groupBy
            self.keys = keys
            self.codes = codes
        }
    }

    /// All rows, in the order of the source.
    package let frame: TimeSeriesFrame
    /// Whose they are; nil where they are one series.
    package let labels: Labels?

    /// Rows and whose they are; there are as many codes as rows.
    package init(_ frame: TimeSeriesFrame, labels: Labels? = nil) {
        precondition(
            labels.map { $0.codes.count == frame.rowCount } ?? true,
            "SeriesRows: \(labels?.codes.count ?? 0) labels for \(frame.rowCount) rows"
        )
        self.frame = frame
        self.labels = labels
    }
}

extension SeriesRows {
    /// The same rows with just these columns, in this order.
    /// - Throws: `ForecastingError.columnNotFound`, or `invalidFrame` for a name that is asked for twice.
    package func selecting(_ columns: [String]) throws(ForecastingError) -> SeriesRows {
        SeriesRows(try frame.selecting(columns), labels: labels)
    }

    /// These rows in this order.
    package func picking(_ rows: [Int]) -> SeriesRows {
        let kept = labels.map { labels in
            Labels(groupBy: labels.groupBy, keys: labels.keys, codes: rows.map { labels.codes[$0] })
        }
        return SeriesRows(frame.picking(rows), labels: kept)
    }

    /// The rows whose times lie in a range (seconds since 1970), in their order.
    package func within(_ times: ClosedRange<Int64>) -> SeriesRows {
        let all = frame.timestamps
        guard !all.allSatisfy(times.contains) else { return self }
        return picking(all.indices.filter { times.contains(all[$0]) })
    }

    /// The series that have rows, each with its own in the order of the source.
    var series: [Panel.Series] {
        guard let labels else { return [Panel.Series(key: .single, frame: frame)] }
        var places = [[Int]](repeating: [], count: labels.keys.count)
        for (row, code) in labels.codes.enumerated() { places[Int(code)].append(row) }
        return zip(labels.keys, places).compactMap { key, rows in
            rows.isEmpty ? nil : Panel.Series(key: key, frame: frame.picking(rows))
        }
    }
}
