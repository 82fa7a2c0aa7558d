// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Some series of a run: how many, and the names of the first ones.
package struct SeriesListStatus: Codable, Sendable, Equatable {
    /// How many.
    package var count: Int
    /// The first ones, such as `store=north, item=12`, at most `mostNamed`.
    package var first: [String]

    /// The most that are named.
    package static let mostNamed = 5

    /// Makes a list; labels beyond those that are named count only.
    package init(_ labels: [String]) {
        count = labels.count
        first = labels.prefix(Self.mostNamed).map { $0.shortened(toBytes: SeriesErrorsStatus.longestKey) }
    }

    /// For a person, for instance `store=a; store=b; …`.
    package var names: String { first.joined(separator: "; ") + (count > first.count ? "; …" : "") }
}

/// How the errors of a run's model differ between series.
///
/// Series differ in level, so what has a unit is compared in standard deviations of each series' own training rows: it is
/// the gate's metric, MAE, MSE and RMSE in scaled units whatever the gate's are.
package struct SeriesErrorsStatus: Codable, Sendable, Equatable {
    /// The series that were scored.
    package var count: Int
    /// The file with all metrics of each series and model, relative to the store.
    package var table: String
    /// The series with the worst values, the worst first, at most `mostWorst`.
    package var worst: [Item]

    /// The most series that are told one by one.
    package static let mostWorst = 5
    /// Longer names of series, in bytes, are cut, for they travel in a termination message.
    package static let longestKey = 192

    /// The error of one series.
    package struct Item: Codable, Sendable, Equatable {
        /// The series, such as `store=north, item=12`.
        package var key: String
        /// The value of the metric.
        package var value: Double

        /// Makes an item.
        package init(key: String, value: Double) {
            self.key = key.shortened(toBytes: SeriesErrorsStatus.longestKey)
            self.value = value
        }
    }

    /// Makes the facts of a backtest's series.
    ///
    /// - Parameters:
    ///   - values: The metric of each series by its name; nil where it is not defined.
    ///   - table: The file with all of them.
    ///   - metric: Which end of the values is the worse one.
    package init(_ values: [(label: String, value: Double?)], metric: GateSpec.GateMetric, table: String) {
        count = values.count
        self.table = table
        let known = values.compactMap { one in one.value.map { (label: one.label, value: $0) } }
        let sorted = known.sorted { metric.higherIsBetter ? $0.value < $1.value : $0.value > $1.value }
        worst = sorted.prefix(Self.mostWorst).map { Item(key: $0.label, value: $0.value) }
    }
}
