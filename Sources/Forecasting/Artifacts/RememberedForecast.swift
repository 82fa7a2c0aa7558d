// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A forecast that was issued, with as much of its history as tells what it was made from.
package struct RememberedForecast: Sendable, Equatable {
    /// The version that made it.
    package var version: String
    /// The series that it is of; empty where the version knows one.
    package var series: SeriesKey
    /// When it was issued, in milliseconds since 1970.
    package var issued: Int64
    /// The time of the history's last row, in seconds since 1970.
    package var end: Int64
    /// The targets in that row, in original units; what was missing is NaN.
    package var last: [Double]
    /// [horizon x targets], row-major, in original units.
    package var values: [Double]

    /// A forecast; the parameters are as the properties.
    package init(
        version: String,
        series: SeriesKey = .single,
        issued: Int64,
        end: Int64,
        last: [Double],
        values: [Double]
    ) {
        self.version = version
        self.series = series
        self.issued = issued
        self.end = end
        self.last = last
        self.values = values
    }

    /// What makes two forecasts the same: the version, and what it was asked.
    package struct Key: Hashable, Sendable {
        let version: String
        let series: SeriesKey
        let end: Int64
        /// The bits of the last row, so that a missing value equals itself.
        let last: [UInt64]
    }

    /// See `Key`.
    package var key: Key { Key(version: version, series: series, end: end, last: last.map(\.bitPattern)) }

    /// About how many bytes it takes in memory and in a segment.
    package var size: Int { 8 * (last.count + values.count + 2) + series.values.reduce(0) { $0 + 16 + $1.utf8.count } }
}
