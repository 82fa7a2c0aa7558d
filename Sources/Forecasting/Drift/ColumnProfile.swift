// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How a column's values were spread over the training rows, small enough to lie in a manifest: 101 quantiles, and how many
/// values lay between the deciles.
package struct ColumnProfile: Hashable, Sendable {
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

    /// By bin of `shares`, the decile of the training rows that it begins with, 0 to 9. Where deciles are equal, one bin holds
    /// what lies in several.
    var deciles: [Int] {
        let inner = Self.inner(quantiles)
        return inner.indices.filter { $0 == 0 || inner[$0] != inner[$0 - 1] } + [inner.count]
    }

    /// Which decile of the training rows a value lies in, 0 to 9: of those with equal edges the first.
    func decile(of value: Double) -> Int {
        for decile in 0..<9 where value <= quantiles[10 * (decile + 1)] { return decile }
        return 9
    }

    /// How many places there are.
    static let placeCount = 2 * quantileCount + 1

    /// Where a value lies among the quantiles: how many are below it, twice, and how many are equal to it.
    func place(of value: Double) -> Int {
        quantiles.partitioningIndex { $0 >= value } + quantiles.partitioningIndex { $0 > value }
    }

    /// How many bins there are between quantiles, at most `mostBins`.
    static func binCount(_ quantiles: [Double]) -> Int { edges(quantiles).count + 1 }

    /// The distinct deciles within, ascending.
    private static func edges(_ quantiles: [Double]) -> [Double] {
        inner(quantiles).reduce(into: []) { edges, decile in
            if edges.last != decile { edges.append(decile) }
        }
    }

    /// The deciles within, 10 % to 90 %.
    private static func inner(_ quantiles: [Double]) -> [Double] {
        stride(from: 10, to: 100, by: 10).map { quantiles[$0] }
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
