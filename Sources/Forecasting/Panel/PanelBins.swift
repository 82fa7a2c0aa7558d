// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The bins of all series of a source, from rows that come in pieces: what is held is bins, and never all rows.
package struct PanelBins: Sendable {
    private let resampling: Resampling
    private var groupBy: [String] = []
    private var places: [SeriesKey: Int] = [:]
    private var series: [SeriesBins] = []
    /// How many rows there were.
    package private(set) var rowCount = 0

    /// No bins yet.
    package init(_ resampling: Resampling) { self.resampling = resampling }

    /// Adds rows that follow those before, with the same columns.
    ///
    /// What is wrong with them is told by `panel(due:)`.
    package mutating func add(_ rows: SeriesRows) {
        rowCount += rows.frame.rowCount
        groupBy = rows.labels?.groupBy ?? []
        for part in rows.series {
            let place = places[part.key] ?? series.count
            if place == series.count {
                places[part.key] = place
                series.append(SeriesBins(resampling, names: part.frame.names))
            }
            series[place].add(part.frame)
        }
    }

    /// The bins of each series, as `Resampling.resampled(_:due:)` has them.
    ///
    /// - Parameter due: The last bin of a series is left out where this instant lies in it (seconds since 1970).
    /// - Throws: `ForecastingError`: what is wrong with the first series that cannot be resampled, with its name where rows
    ///   are grouped; `invalidFrame` where there is no series.
    package func panel(due: Int64? = nil) throws(ForecastingError) -> Panel {
        var made: [Panel.Series] = []
        for (key, place) in places.sorted(by: { $0.key < $1.key }) {
            do throws(ForecastingError) {
                made.append(Panel.Series(key: key, frame: try series[place].frame(due: due)))
            } catch {
                throw error.named(key, groupBy)
            }
        }
        return try Panel(groupBy: groupBy, series: made)
    }
}
