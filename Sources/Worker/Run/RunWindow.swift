// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import Foundation

/// Which times a run reads.
struct RunWindow: Sendable, Equatable {
    /// Seconds since 1970-01-01T00:00:00Z; the end is excluded.
    let range: Range<Int64>
    /// Where targets end: the end of the range, or before it where columns are known ahead. Excluded, too.
    let targetsEnd: Int64

    /// A window of these times.
    init(_ range: Range<Int64>) { (self.range, targetsEnd) = (range, range.upperBound) }

    /// The window of a run; nil where the specification has none.
    ///
    /// - Throws: `WorkerError.invalidSpec` where nothing is left between its ends.
    init?(_ request: StepRequest) throws {
        guard let window = request.spec.source.window else { return nil }
        let due = request.scheduledTime ?? request.createdTime
        let anchor = try Self.start(of: request.spec.frequency(), before: Int64(due.timeIntervalSince1970))
        let end = window.to.map { Int64($0.timeIntervalSince1970) } ?? anchor
        let start =
            if let period = window.lookbackPeriod {
                try Frequency(period).instant(-1, after: anchor)
            } else {
                window.from.map { Int64($0.timeIntervalSince1970) }
            }
        guard let start, start < end else {
            throw WorkerError.invalidSpec(
                problems: "spec.source.window: is empty; it ends at \(UTCTime(seconds: end)), the time of this run"
            )
        }
        targetsEnd = end
        // What is known ahead stands behind the end.
        let isKnownAhead = request.spec.series.futureCovariates?.isEmpty == false
        let reach = isKnownAhead ? try request.spec.frequency().instant(request.spec.model.horizon, after: end) : nil
        range = start..<max(end, reach ?? end)
    }

    /// The last instant of the grid of 1970 that is not after `instant`: with it a window ends between two rows.
    private static func start(of frequency: Frequency, before instant: Int64) -> Int64 {
        switch frequency.step {
        case .seconds(let length): return instant - (instant % length + length) % length
        case .months(let length):
            guard UTCTime.secondsRange.contains(instant) else { return instant }
            let time = UTCTime(seconds: instant)
            let months = (time.year - 1970) * 12 + time.month - 1
            return frequency.instant(Int((months - (months % length + length) % length) / length), after: 0) ?? instant
        }
    }

    /// The rows of a table that lie within, with their labels.
    ///
    /// - Throws: `ConnectorError.noData` where there is none; `source` names the table.
    func rows(of rows: SeriesRows, from source: String) throws -> SeriesRows {
        let kept = rows.within(times)
        guard kept.frame.rowCount > 0 else { throw nothing(in: source) }
        return kept
    }

    /// What is said where a table has no row within.
    func nothing(in source: String) -> ConnectorError { .noData(source: source, hint: "no row lies \(self)") }

    /// The first and the last second of the window.
    var times: ClosedRange<Int64> { range.lowerBound...range.upperBound - 1 }
}

extension RunWindow: CustomStringConvertible {
    var description: String {
        "from \(UTCTime(seconds: range.lowerBound)) to before \(UTCTime(seconds: range.upperBound))"
    }
}
