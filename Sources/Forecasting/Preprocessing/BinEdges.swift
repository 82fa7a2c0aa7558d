// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The bins that the rows of one series lie in, from times that come in pieces.
struct BinEdges: Sendable {
    private let frequency: Frequency
    private let largestCount: Int
    /// The left edges of all bins from the first row's on; more rows may come for the last one.
    private(set) var times: [Int64] = []
    /// How many rows there were.
    private(set) var rowCount = 0
    /// The left edge of the bin behind the last one.
    private var next = Int64.min
    private var previous = Int64.min

    init(_ resampling: Resampling) {
        frequency = resampling.frequency
        largestCount = resampling.largestRowCount
    }

    /// The first of these rows in each bin, from the last bin so far on; behind them the number of rows.
    ///
    /// Nothing may be placed after an error, which counts rows from the first one of all.
    /// - Throws: `ForecastingError`: `timestampOutOfRange`, `unsortedRows`, `tooManyRows`.
    mutating func place(_ rows: [Int64]) throws(ForecastingError) -> [Int] {
        guard let earliest = rows.first else { return [] }
        let most = min(rows.count, largestCount)
        if times.isEmpty {
            try begin(earliest)
            times.reserveLongCapacity(most)
        }
        var starts = [0]
        starts.reserveLongCapacity(most + 1)
        let (first, latest) = (times[0], UTCTime.secondsRange.upperBound)
        var (next, previous) = (next, previous)
        for (row, time) in rows.enumerated() {
            guard time <= latest else { throw .timestampOutOfRange(row: rowCount + row + 1) }
            guard time >= previous else {
                let (text, before) = (UTCTime.text(time), UTCTime.text(previous))
                throw .unsortedRows(row: rowCount + row + 1, time: text, previous: before)
            }
            previous = time
            while time >= next {
                guard times.count < largestCount else {
                    throw .tooManyRows(rows: times.count + 1, limit: largestCount, frequency: frequency.description)
                }
                times.append(next)
                starts.append(row)
                next = edge(times.count, after: first, before: next)
            }
        }
        starts.append(rows.count)
        (self.next, self.previous) = (next, previous)
        rowCount += rows.count
        return starts
    }

    /// Whether the last bin is over at an instant, or has not begun.
    func isWhole(at instant: Int64) -> Bool {
        guard let last = times.last else { return true }
        return instant < last || instant >= frequency.instant(1, after: last) ?? .max
    }

    private mutating func begin(_ earliest: Int64) throws(ForecastingError) {
        let first = leftEdge(earliest)
        let range = UTCTime.secondsRange
        guard range.contains(first), range.contains(earliest) else { throw .timestampOutOfRange(row: 1) }
        times = [first]
        next = edge(1, after: first, before: first)
        previous = first
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

    /// The left edge of a bin; behind the calendar there are none.
    private func edge(_ bin: Int, after first: Int64, before: Int64) -> Int64 {
        guard case .seconds(let length) = frequency.step else { return frequency.instant(bin, after: first) ?? .max }
        let (edge, overflow) = before.addingReportingOverflow(length)
        return overflow ? .max : edge
    }
}
