// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Brings rows of any times onto the grid of a frequency: one row for each bin, from all rows whose times lie in it.
///
/// Bins are closed on the left and named by their left edge, as pandas' `resample` has them. They are counted from
/// 1970-01-01T00:00:00Z (`origin="epoch"`), weeks from a Monday, months from January, so that a row falls into the same
/// bin whatever else is read. `SeriesBins` makes the same bins of rows that are not all there at once.
package struct Resampling: Sendable {
    /// What becomes of the values in a bin.
    package enum Method: String, Codable, Sendable, CaseIterable {
        case mean = "Mean"
        case sum = "Sum"
        case last = "Last"
        case min = "Min"
        case max = "Max"
    }

    let method: Method
    let frequency: Frequency
    let largestRowCount: Int

    /// A way to resample.
    package init(_ method: Method, to frequency: Frequency, largestRowCount: Int = 20_000_000) {
        self.method = method
        self.frequency = frequency
        self.largestRowCount = largestRowCount
    }

    /// The bins from the first row's to the last row's; what is missing in all rows of a bin, or in all there are none
    /// of, is NaN. Rows of the same time all count.
    ///
    /// - Parameter due: The last bin is left out where this instant lies in it (seconds since 1970): more rows may come.
    /// - Throws: `ForecastingError`: `timestampOutOfRange`, `unsortedRows`, `notFinite`, `tooManyRows`.
    package func resampled(_ frame: TimeSeriesFrame, due: Int64? = nil) throws(ForecastingError) -> TimeSeriesFrame {
        var bins = SeriesBins(self, names: frame.names)
        bins.add(frame)
        return try bins.frame(due: due)
    }
}
