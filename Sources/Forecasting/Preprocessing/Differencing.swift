// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Takes differences of targets: first to the value one season before, then as often as `order` says to the one before.
package struct Differencing: Hashable, Codable, Sendable {
    /// How often each value is reduced by the one before it, 0 to 2.
    let order: Int
    /// The season, in rows, whose difference is taken once; nil for none.
    let seasonLength: Int?

    /// Differences; `order` 0 goes with a season.
    package init(order: Int, seasonLength: Int?) {
        self.order = order
        self.seasonLength = seasonLength
    }

    /// How many values at the beginning have no difference.
    var warmUp: Int { order + (seasonLength ?? 0) }

    /// Throws unless the numbers, which come from a file, can be worked with.
    func validate() throws(ForecastingError) {
        guard (0...2).contains(order), (1...WindowShape.largestLength).contains(seasonLength ?? 1), warmUp > 0 else {
            throw .invalidModel(reason: "differences of order \(order) and season \(seasonLength ?? 0)")
        }
    }

    /// The differences of all values but the first `warmUp`, which must be there.
    func applied(_ values: [Double]) -> [Double] { lags.reduce(values) { Self.differences($0, lag: $1) } }

    /// The values whose differences these are, when `tail` are the `warmUp` values before them.
    func inverted(_ differences: [Double], after tail: [Double]) -> [Double] {
        // Before each step of taking differences: what is known of that series.
        var known: [[Double]] = []
        var series = tail
        for lag in lags {
            known.append(series)
            series = Self.differences(series, lag: lag)
        }
        return zip(lags, known).reversed().reduce(differences) { differences, step in
            let (lag, before) = step
            var series = Array(before.suffix(lag))
            for difference in differences { series.append(series[series.count - lag] + difference) }
            return Array(series.dropFirst(lag))
        }
    }

    private static func differences(_ values: [Double], lag: Int) -> [Double] {
        (lag..<values.count).map { values[$0] - values[$0 - lag] }
    }

    private var lags: [Int] { (seasonLength.map { [$0] } ?? []) + Array(repeating: 1, count: order) }
}
