// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How a column's values were spread over the training rows, small enough to lie in a manifest: 101 quantiles, and how many
/// values lay between the deciles.
package struct ColumnProfile: Hashable, Sendable {
    /// A share below it counts as this much: the logarithm of an empty bin's share has no value.
    static let leastShare = 1e-4
    static let quantileCount = 101
    /// The most bins: those between nine deciles.
    static let mostBins = 10

    /// The column.
    package let column: String
    /// How many values the training rows had.
    package let rows: Int
    /// The quantiles 0 %, 1 %, ... 100 %, with straight lines between neighbours.
    let quantiles: [Double]
    /// The share of the values in each bin between distinct deciles; a bin holds its upper edge.
    let shares: [Double]

    /// The profile of a column; nil where it has no value, or values so far apart that their distance is no number.
    ///
    /// - Parameter values: One a row; what is missing is NaN.
    package init?(column: String, values: some Sequence<Double>) {
        let there = values.filter { !$0.isNaN }
        guard !there.isEmpty else { return nil }
        let sorted = SortedValues(there)
        let quantiles = (0..<Self.quantileCount).map { sorted.quantile(Double($0) / 100) }
        guard quantiles.allSatisfy(\.isFinite) else { return nil }
        self.column = column
        rows = there.count
        self.quantiles = quantiles
        shares = Self.shares(of: there, between: Self.edges(quantiles))
    }

    /// A profile of a file, whose numbers are checked.
    /// - Throws: `ForecastingError.invalidModel`.
    init(column: String, rows: Int, quantiles: [Double], shares: [Double]) throws(ForecastingError) {
        guard quantiles.count == Self.quantileCount, quantiles.allSatisfy(\.isFinite),
            zip(quantiles, quantiles.dropFirst()).allSatisfy(<=), shares.count == Self.binCount(quantiles),
            shares.allSatisfy((0...1).contains)
        else { throw .invalidModel(reason: "the profile of column '\(column)' contradicts itself") }
        self.column = column
        self.rows = rows
        self.quantiles = quantiles
        self.shares = shares
    }

    /// The population stability index of other values of the column: the sum over the bins of (a - e) ln(a / e), where a and
    /// e are the shares of the values and of the training rows, each at least 0.0001 (N. Siddiqi, "Credit Risk Scorecards",
    /// 2006). 0 means the same spread; 0.1 is usually called small, 0.25 a shift.
    ///
    /// - Parameter values: At least one, none missing.
    package func populationStabilityIndex(_ values: [Double]) -> Double {
        zip(Self.shares(of: values, between: Self.edges(quantiles)), shares).reduce(0) { sum, pair in
            let (actual, expected) = (max(pair.0, Self.leastShare), max(pair.1, Self.leastShare))
            return sum + (actual - expected) * log(actual / expected)
        }
    }

    /// The Kolmogorov-Smirnov statistic of two samples: other values of the column, and the quantiles, which stand for the
    /// training rows. It is within 0.01 of the one against all training rows.
    ///
    /// - Parameter values: At least one, none missing.
    package func kolmogorovSmirnov(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        var (place, quantile, distance) = (0, 0, 0.0)
        while place < sorted.count, quantile < quantiles.count {
            let value = min(sorted[place], quantiles[quantile])
            while place < sorted.count, sorted[place] <= value { place += 1 }
            while quantile < quantiles.count, quantiles[quantile] <= value { quantile += 1 }
            let shares = (Double(place) / Double(sorted.count), Double(quantile) / Double(quantiles.count))
            distance = max(distance, abs(shares.0 - shares.1))
        }
        return distance
    }

    /// How many bins there are between quantiles, at most `mostBins`.
    static func binCount(_ quantiles: [Double]) -> Int { edges(quantiles).count + 1 }

    /// The distinct deciles within, ascending.
    private static func edges(_ quantiles: [Double]) -> [Double] {
        stride(from: 10, to: 100, by: 10).reduce(into: []) { edges, percent in
            if edges.last != quantiles[percent] { edges.append(quantiles[percent]) }
        }
    }

    private static func shares(of values: [Double], between edges: [Double]) -> [Double] {
        var counts = [Int](repeating: 0, count: edges.count + 1)
        for value in values { counts[edges.firstIndex { value <= $0 } ?? edges.count] += 1 }
        return counts.map { Double($0) / Double(values.count) }
    }
}

extension ColumnProfile: Codable {
    private enum CodingKeys: String, CodingKey {
        case column, rows, quantiles, shares
    }

    /// Decodes and checks the numbers, since they come from a file.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            column: container.decode(String.self, forKey: .column),
            rows: container.decode(Int.self, forKey: .rows),
            quantiles: container.decode([Double].self, forKey: .quantiles),
            shares: container.decode([Double].self, forKey: .shares)
        )
    }
}
