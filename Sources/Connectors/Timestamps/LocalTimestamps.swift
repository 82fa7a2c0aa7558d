// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
package import TimeZones

/// How timestamps without an offset are read that are local times of a zone.
///
/// Whoever reads rows takes such times for UTC at first. When all rows are there they are put right, for the order of rows
/// tells which of two hours is meant when a clock is put back; a block or a file does not know the rows before it.
package struct LocalTimestamps: Sendable, Equatable {
    /// The zone whose clock they show.
    package let zone: Zone
    /// The seconds from row to row, or less than them where rows are closer.
    package let step: Int
    /// What becomes of times that the clock shows twice where rows do not tell which is meant.
    package let doubt: LocalTimeline.Doubt

    /// No clock is further than a day from UTC, and none is put back by more. Beyond a third day a row says nothing of how
    /// the hours at a time are meant, for rows are less than a day apart or there is a gap.
    private static let furthest: Int64 = 3 * 86_400

    /// Times of a zone's clock, with `step` seconds from row to row.
    package init(zone: Zone, step: Int, doubt: LocalTimeline.Doubt = .refused) {
        self.zone = zone
        self.step = step
        self.doubt = doubt
    }

    /// The local times of rows that may lie in a range of instants, and of those around them that tell which hour is meant.
    static func candidates(for instants: ClosedRange<Int64>) -> ClosedRange<Int64> {
        instants.lowerBound - furthest...instants.upperBound + furthest
    }

    /// The rows at the instants that their local times mean.
    ///
    /// - Parameters:
    ///   - rows: Rows whose timestamps were taken for UTC, each series in the order of time.
    ///   - place: Says where a row is, counted from 0; it is asked only for an error.
    /// - Throws: `ConnectorError.badData` with the time, the zone and a way out.
    func resolved(_ rows: SeriesRows, place: (_ row: Int) -> BadData) throws(ConnectorError) -> SeriesRows {
        var times = rows.frame.timestamps
        do throws(LocalTimeline.Problem) {
            try LocalTimeline(zone: zone, step: step, doubt: doubt)
                .resolve(&times, series: rows.labels?.codes, count: rows.labels?.keys.count ?? 1)
        } catch {
            let (row, problem) = described(error, rows.frame.timestamps)
            var refusal = place(row)
            let series = rows.labels.map { "series \($0.keys[Int($0.codes[row])].label($0.groupBy)): " } ?? ""
            refusal.problem += series + problem
            throw .badData(refusal)
        }
        return SeriesRows(rows.frame.at(times), labels: rows.labels)
    }

    private func described(_ problem: LocalTimeline.Problem, _ times: [Int64]) -> (row: Int, problem: String) {
        func text(_ row: Int) -> String { String(UTCTime(seconds: times[row]).description.dropLast()) }
        switch problem {
        case .skipped(let row):
            return (
                row,
                "the clock of \(zone) never shows \(text(row)), because it is put forward there; correct the time, or "
                    + "name a zone in series.timeZone whose clock is as that of the data, such as Etc/GMT-1 for one hour "
                    + "ahead of UTC all year"
            )
        case .repeated(let row):
            return (
                row,
                "the clock of \(zone) shows \(text(row)) twice, because it is put back there, and the rows do not tell "
                    + "which is meant; give such times their offset, or set series.repeatedHour to First"
            )
        case .unordered(let row):
            return (
                row,
                "\(text(row)) comes after a later time, and more often than the clock of \(zone) is put back; sort the "
                    + "rows by time, or look for rows that are there twice"
            )
        }
    }
}
