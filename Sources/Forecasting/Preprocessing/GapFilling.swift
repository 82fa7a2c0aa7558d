// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Fills missing values by a policy, with what it has learnt from the train rows.
///
/// A value is filled from rows that the caller shows and from fitted means, from nothing else: a history that ends in a
/// gap gets its last value repeated, for what follows is the future.
package struct GapFilling: Hashable, Codable, Sendable {
    /// The mean of each column over the train rows.
    let means: [Double]
    /// By column, the mean at each place in the season; empty unless the policy is `seasonal`.
    let seasons: [[Double]]
    /// The time of the first train row, which is at place 0 of the season.
    let anchor: Int64

    /// The numbers of one that has learnt.
    init(means: [Double], seasons: [[Double]], anchor: Int64) {
        self.means = means
        self.seasons = seasons
        self.anchor = anchor
    }

    /// Learns from rows on the grid, in which missing values are NaN; nil where the policy fills nothing.
    /// - Throws: `ForecastingError.columnWithoutValues`.
    init?(_ policy: MissingPolicy, fitting rows: RawRows, seasonLength: Int) throws(ForecastingError) {
        guard policy != .fail else { return nil }
        var means: [Double] = []
        var seasons: [[Double]] = []
        for (name, column) in zip(rows.names, rows.columns) {
            let mean = Self.mean(column)
            guard mean.isFinite else { throw .columnWithoutValues(name: name, rows: column.count) }
            means.append(mean)
            if policy == .seasonal {
                let slots = (0..<seasonLength).map { slot in
                    Self.mean(stride(from: slot, to: column.count, by: seasonLength).lazy.map { column[$0] })
                }
                seasons.append(slots.map { $0.isFinite ? $0 : mean })
            }
        }
        self.means = means
        self.seasons = seasons
        anchor = rows.instant(0) ?? 0
    }

    /// The mean of the values that are there; NaN where there are none.
    private static func mean(_ values: some Sequence<Double>) -> Double {
        var (sum, count) = (0.0, 0.0)
        for value in values where !value.isNaN {
            sum += value
            count += 1
        }
        return sum / count
    }

    /// Throws unless the numbers, which come from a file, fit columns and policy.
    func validate(_ policy: MissingPolicy, columns: Int) throws(ForecastingError) {
        let isSeasonal = policy == .seasonal
        let lengths = Set(seasons.map(\.count))
        guard policy != .fail, means.count == columns, seasons.count == (isSeasonal ? columns : 0),
            lengths.count == (isSeasonal ? 1 : 0), lengths.allSatisfy({ $0 >= 1 }),
            UTCTime.secondsRange.contains(anchor)
        else { throw .invalidModel(reason: "the numbers to fill gaps with do not fit the columns") }
    }

    /// All columns without a missing value.
    /// - Throws: `ForecastingError.invalidHistory` where a season's place cannot be told.
    func filled(_ rows: RawRows, _ policy: MissingPolicy) throws(ForecastingError) -> [[Double]] {
        var result: [[Double]] = []
        for (index, column) in rows.columns.enumerated() {
            guard column.contains(where: \.isNaN) else {
                result.append(column)
                continue
            }
            switch policy {
            case .fail, .forwardFill: result.append(drawn(column, mean: means[index], isLine: false))
            case .interpolate: result.append(drawn(column, mean: means[index], isLine: true))
            case .mean: result.append(column.map { $0.isNaN ? means[index] : $0 })
            case .seasonal:
                let (season, first) = (seasons[index], try place(of: rows, seasonLength: seasons[index].count))
                result.append(
                    column.indices.map { column[$0].isNaN ? season[(first + $0) % season.count] : column[$0] }
                )
            }
        }
        return result
    }

    /// Where in the season the first row stands.
    private func place(of rows: RawRows, seasonLength: Int) throws(ForecastingError) -> Int {
        guard let end = rows.end else {
            throw .invalidHistory(
                reason: "a value is missing; to fill it, its place in the season must be known: give end"
            )
        }
        guard let steps = rows.frequency.steps(from: anchor, to: end) else {
            throw .invalidHistory(
                reason:
                    "its last row's time \(UTCTime.text(end)) is no whole number of steps of \(rows.frequency) from "
                    + "\(UTCTime.text(anchor)), the first row that the model was fitted on"
            )
        }
        let place = (steps - (rows.count - 1)) % seasonLength
        return place < 0 ? place + seasonLength : place
    }

    /// Fills between two values with a line or the left one; before the first with it, behind the last with that.
    private func drawn(_ column: [Double], mean: Double, isLine: Bool) -> [Double] {
        var result = column
        var last: Int?
        for row in column.indices where !column[row].isNaN {
            let right = column[row]
            let left = last.map { column[$0] } ?? right
            let start = last ?? -1
            for gap in (start + 1)..<row {
                let share = Double(gap - start) / Double(row - start)
                result[gap] = isLine && last != nil ? left * (1 - share) + right * share : left
            }
            last = row
        }
        let end = last.map { column[$0] } ?? mean
        for gap in ((last ?? -1) + 1)..<column.count { result[gap] = end }
        return result
    }
}
