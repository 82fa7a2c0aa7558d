// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How far a column has moved since the training, over one or more series: each value takes its place among the training
/// rows of its own series, and the places of all series are counted together.
///
/// Places have no units, so that a large series says no more than a small one. What a single series says by itself is what
/// this says of a panel of it alone.
package struct PooledDrift: Sendable {
    /// A share below it counts as this much: the logarithm of an empty bin's share has no value.
    private static let leastShare = 1e-4

    /// How many values were added.
    package private(set) var rows = 0
    /// By decile of the training rows, how many values lie there, and how many would without any drift.
    private var deciles = (found: [Int](repeating: 0, count: 10), awaited: [Double](repeating: 0, count: 10))
    /// By place among the quantiles, how many values lie there, and of the quantiles themselves how many times as many.
    private var places = (
        found: [Int](repeating: 0, count: ColumnProfile.placeCount),
        awaited: [Int](repeating: 0, count: ColumnProfile.placeCount)
    )

    /// Nothing yet.
    package init() {}

    /// Adds values of a series.
    ///
    /// - Parameters:
    ///   - values: None missing.
    ///   - profile: How the column was spread over the training rows of that series.
    package mutating func add(_ values: [Double], _ profile: ColumnProfile) {
        rows += values.count
        for value in values {
            deciles.found[profile.decile(of: value)] += 1
            places.found[profile.place(of: value)] += 1
        }
        for (decile, share) in zip(profile.deciles, profile.shares) {
            deciles.awaited[decile] += Double(values.count) * share
        }
        for quantile in profile.quantiles { places.awaited[profile.place(of: quantile)] += values.count }
    }

    /// The population stability index: the sum over the deciles of (a - e) ln(a / e), where a and e are the shares of the
    /// values and of the training rows, each at least 0.0001 (N. Siddiqi, "Credit Risk Scorecards", 2006). 0 means the same
    /// spread; 0.1 is usually called small, 0.25 a shift. 0 where there is no value.
    package var populationStabilityIndex: Double {
        guard rows > 0 else { return 0 }
        return zip(deciles.found, deciles.awaited).reduce(0) { sum, pair in
            let actual = max(Double(pair.0) / Double(rows), Self.leastShare)
            let expected = max(pair.1 / Double(rows), Self.leastShare)
            return sum + (actual - expected) * log(actual / expected)
        }
    }

    /// The Kolmogorov-Smirnov statistic of two samples: the values, and the quantiles, which stand for the training rows. For
    /// one series it is within 0.01 of the one against all training rows. 0 where there is no value.
    package var kolmogorovSmirnov: Double {
        var (found, awaited, distance) = (0, 0, 0.0)
        for (values, quantiles) in zip(places.found, places.awaited) {
            (found, awaited) = (found + values, awaited + quantiles)
            let share = Double(awaited) / Double(max(1, rows) * ColumnProfile.quantileCount)
            distance = max(distance, abs(Double(found) / Double(max(1, rows)) - share))
        }
        return distance
    }
}
