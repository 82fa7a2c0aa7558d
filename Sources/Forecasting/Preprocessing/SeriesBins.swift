// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The bins of one series, from rows that come in pieces of any size.
///
/// The pieces make no difference: values are taken one after the other in the order of the rows, whatever pieces they are in.
package struct SeriesBins: Sendable {
    private let names: [String]
    private var edges: BinEdges
    private var columns: [BinColumn]
    /// By column, its first value that cannot be used.
    private var infinite: [ForecastingError?]
    /// What is wrong with a time; rows behind it are in no bin.
    private var problem: ForecastingError?

    /// Bins of rows with these columns; there are none yet.
    package init(_ resampling: Resampling, names: [String]) {
        self.names = names
        edges = BinEdges(resampling)
        columns = names.map { _ in BinColumn(resampling.method) }
        infinite = names.map { _ in nil }
    }

    /// Adds rows that follow those before, with the same columns.
    ///
    /// What is wrong with them is told by `frame(due:)`, so that whoever reads them can say first what is wrong with the source.
    package mutating func add(_ rows: TimeSeriesFrame) {
        precondition(rows.names == names, "SeriesBins: rows with columns \(rows.names) are not those of \(names)")
        guard problem == nil else { return }
        let before = edges.rowCount
        do throws(ForecastingError) {
            let starts = try edges.place(rows.timestamps)
            guard !starts.isEmpty else { return }
            for (index, column) in rows.columns.enumerated() {
                columns[index].add(column, starts)
                guard infinite[index] == nil, let row = column.firstIndex(where: \.isInfinite) else { continue }
                let time = UTCTime.text(rows.timestamps[row])
                infinite[index] = .notFinite(row: before + row + 1, time: time, column: names[index])
            }
        } catch {
            problem = error
        }
    }

    /// The bins from the first row's to the last row's, as `Resampling.resampled(_:due:)` has them.
    ///
    /// - Parameter due: The last bin is left out where this instant lies in it (seconds since 1970): more rows may come.
    /// - Throws: `ForecastingError`: `timestampOutOfRange`, `unsortedRows`, `notFinite`, `tooManyRows`.
    package func frame(due: Int64? = nil) throws(ForecastingError) -> TimeSeriesFrame {
        if let problem = problem ?? infinite.lazy.compactMap(\.self).first { throw problem }
        let isWhole = due.map(edges.isWhole) ?? true
        return try TimeSeriesFrame(
            timestamps: isWhole ? edges.times : edges.times.dropLast(),
            names: names,
            columns: columns.map { isWhole ? $0.values : $0.values.dropLast() }
        )
    }
}
