// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// One or more series of the same columns, each with its own rows: what a run reads, trains on and is scored on.
///
/// Data that is not grouped is a panel of one series with an empty key, so that there is one way for both.
package struct Panel: Sendable {
    /// One series.
    package struct Series: Sendable {
        /// What tells it from the others.
        package let key: SeriesKey
        /// Its rows.
        package let frame: TimeSeriesFrame

        /// A series.
        package init(key: SeriesKey, frame: TimeSeriesFrame) {
            self.key = key
            self.frame = frame
        }
    }

    /// More series than this are refused: each has a state of its own in memory and in the artifact.
    package static let mostSeries = 10_000

    /// The grouping columns; empty for one series.
    package let groupBy: [String]
    /// The series, sorted by key; at least one.
    package let series: [Series]

    /// A panel of series.
    /// - Throws: `ForecastingError.invalidFrame` where there are none or too many, columns differ, or a key is there twice.
    package init(groupBy: [String], series: [Series]) throws(ForecastingError) {
        guard let first = series.first else { throw .invalidFrame(reason: "it has no series") }
        guard series.count <= Self.mostSeries else {
            throw .invalidFrame(reason: "it has \(series.count) series, more than \(Self.mostSeries)")
        }
        let sorted = series.sorted { $0.key < $1.key }
        for (previous, next) in zip(sorted, sorted.dropFirst()) where previous.key == next.key {
            throw .invalidFrame(reason: "the series \(next.key.label(groupBy)) is there twice")
        }
        for one in sorted {
            guard one.key.values.count == groupBy.count else {
                throw .invalidFrame(reason: "the key '\(one.key)' does not fit the columns \(groupBy)")
            }
            guard one.frame.names == first.frame.names else {
                throw .invalidFrame(reason: "the series \(one.key.label(groupBy)) has other columns")
            }
        }
        self.groupBy = groupBy
        self.series = sorted
    }

    /// A panel of one series.
    package init(_ frame: TimeSeriesFrame) {
        groupBy = []
        series = [Series(key: .single, frame: frame)]
    }

    /// The rows of a source by series, each in the order of the source.
    /// - Throws: `ForecastingError.invalidFrame` where there are too many series, or none.
    package init(_ rows: SeriesRows) throws(ForecastingError) {
        try self.init(groupBy: rows.labels?.groupBy ?? [], series: rows.series)
    }

    /// The columns of each series.
    package var names: [String] { series[0].frame.names }
    /// The rows of all series.
    package var rowCount: Int { series.reduce(0) { $0 + $1.frame.rowCount } }

    /// The same series with other rows; what is thrown names the series.
    /// - Throws: `ForecastingError.inSeries` round what `change` throws, where the panel is grouped.
    package func map(
        _ change: (_ series: Series) throws(ForecastingError) -> TimeSeriesFrame
    ) throws(ForecastingError) -> Panel {
        try Panel(
            groupBy: groupBy,
            series: mapSeries { one throws(ForecastingError) in Series(key: one.key, frame: try change(one)) }
        )
    }

    /// A value for each series in their order; what is thrown names the series.
    /// - Throws: `ForecastingError.inSeries` round what `work` throws, where the panel is grouped.
    package func mapSeries<Value>(
        _ work: (_ series: Series) throws(ForecastingError) -> Value
    ) throws(ForecastingError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(series.count)
        for one in series {
            do throws(ForecastingError) {
                values.append(try work(one))
            } catch {
                throw error.named(one.key, groupBy)
            }
        }
        return values
    }
}

extension ForecastingError {
    /// The same error with the series that it is about, where there are several.
    package func named(_ key: SeriesKey, _ groupBy: [String]) -> ForecastingError {
        groupBy.isEmpty ? self : .inSeries(label: key.label(groupBy), self)
    }
}

extension TimeSeriesFrame {
    /// These rows in this order.
    func picking(_ rows: [Int]) -> TimeSeriesFrame {
        TimeSeriesFrame(
            trusted: rows.map { timestamps[$0] },
            names,
            columns.map { column in rows.map { column[$0] } }
        )
    }
}
