// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Brings rows of any times onto the grid of a frequency: one row for each bin, from all rows whose times lie in it.
///
/// Bins are closed on the left and named by their left edge, as pandas' `resample` has them. They are counted from
/// 1970-01-01T00:00:00Z (`origin="epoch"`), weeks from a Monday, months from January, so that a row falls into the same
/// bin whatever else is read.
package struct Resampling: Sendable {
    /// What becomes of the values in a bin.
    package enum Method: String, Codable, Sendable, CaseIterable {
        case mean = "Mean"
        case sum = "Sum"
        case last = "Last"
        case min = "Min"
        case max = "Max"
    }

    private let method: Method
    private let frequency: Frequency
    private let largestRowCount: Int

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
        guard let first = frame.timestamps.first else { return frame }
        let edges = try edges(frame.timestamps, from: leftEdge(first))
        var columns: [[Double]] = []
        for (name, column) in zip(frame.names, frame.columns) {
            if let row = column.firstIndex(where: \.isInfinite) {
                throw .notFinite(row: row + 1, time: UTCTime.text(frame.timestamps[row]), column: name)
            }
            columns.append(aggregated(column, edges.starts))
        }
        var timestamps = edges.times
        let end = timestamps.last.flatMap { frequency.instant(1, after: $0) } ?? .max
        let isWhole = due.map { $0 < timestamps[timestamps.count - 1] || $0 >= end } ?? true
        if !isWhole { timestamps.removeLast() }
        return try TimeSeriesFrame(
            timestamps: timestamps,
            names: frame.names,
            columns: isWhole ? columns : columns.map { $0.dropLast() }
        )
    }

    /// The beginning of the bin that an instant lies in.
    private func leftEdge(_ instant: Int64) -> Int64 {
        guard UTCTime.secondsRange.contains(instant) else { return instant }
        switch frequency.step {
        case .seconds(let length):
            // 1970-01-01 was a Thursday, 1970-01-05 a Monday.
            let origin: Int64 = frequency.unit == .week ? 4 * 86_400 : 0
            let offset = (instant - origin) % length
            return instant - (offset < 0 ? offset + length : offset)
        case .months(let length):
            let time = UTCTime(seconds: instant)
            let month = (time.year - 1970) * 12 + time.month - 1
            let offset = month % length
            let first = month - (offset < 0 ? offset + length : offset) + 1970 * 12
            return UTCTime.seconds(year: first / 12, month: first % 12 + 1, day: 1)
        }
    }

    /// The left edges of all bins, and the first row of each; behind them the number of rows.
    private func edges(_ timestamps: [Int64], from first: Int64) throws(ForecastingError) -> (
        times: [Int64], starts: [Int]
    ) {
        let range = UTCTime.secondsRange
        guard range.contains(first), range.contains(timestamps[0]) else { throw .timestampOutOfRange(row: 1) }
        var (times, starts) = ([first], [0])
        times.reserveLongCapacity(min(timestamps.count, largestRowCount))
        starts.reserveLongCapacity(min(timestamps.count, largestRowCount) + 1)
        var next = edge(1, after: first, before: first)
        var previous = first
        for (row, time) in timestamps.enumerated() {
            guard time <= range.upperBound else { throw .timestampOutOfRange(row: row + 1) }
            guard time >= previous else {
                throw .unsortedRows(row: row + 1, time: UTCTime.text(time), previous: UTCTime.text(previous))
            }
            previous = time
            while time >= next {
                guard times.count < largestRowCount else {
                    throw .tooManyRows(rows: times.count + 1, limit: largestRowCount, frequency: frequency.description)
                }
                times.append(next)
                starts.append(row)
                next = edge(times.count, after: first, before: next)
            }
        }
        starts.append(timestamps.count)
        return (times, starts)
    }

    /// The left edge of a bin; behind the calendar there are none.
    private func edge(_ bin: Int, after first: Int64, before: Int64) -> Int64 {
        guard case .seconds(let length) = frequency.step else { return frequency.instant(bin, after: first) ?? .max }
        let (edge, overflow) = before.addingReportingOverflow(length)
        return overflow ? .max : edge
    }

    private func aggregated(_ column: [Double], _ starts: [Int]) -> [Double] {
        column.withUnsafeBufferPointer { values in
            [Double](long: starts.count - 1) { bins in
                for bin in bins.indices { bins[bin] = aggregated(values, starts[bin]..<starts[bin + 1]) }
            }
        }
    }

    private func aggregated(_ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>) -> Double {
        switch method {
        case .mean, .sum: sum(values, rows)
        case .last: rows.last { !values[$0].isNaN }.map { values[$0] } ?? .nan
        case .min: extreme(values, rows, <)
        case .max: extreme(values, rows, >)
        }
    }

    private func sum(_ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>) -> Double {
        var (sum, count) = (0.0, 0)
        for row in rows where !values[row].isNaN {
            sum += values[row]
            count += 1
        }
        return count == 0 ? .nan : method == .sum ? sum : sum / Double(count)
    }

    private func extreme(
        _ values: UnsafeBufferPointer<Double>,
        _ rows: Range<Int>,
        _ isBetter: (Double, Double) -> Bool
    ) -> Double {
        var best = Double.nan
        for row in rows where best.isNaN || isBetter(values[row], best) { best = values[row] }
        return best
    }
}
