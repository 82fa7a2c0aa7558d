// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Cuts values off at limits that were fitted on the train rows, column by column.
package struct OutlierClip: Hashable, Codable, Sendable {
    /// How far from the bulk of the values a limit lies.
    package enum Rule: String, Codable, Sendable, CaseIterable {
        /// `factor` interquartile ranges below the first quartile and above the third (Tukey's fences).
        case iqr = "IQR"
        /// `factor` robust standard deviations (1.4826 median absolute deviations) on both sides of the median.
        case mad = "MAD"
    }

    /// What is asked for.
    package struct Settings: Hashable, Sendable {
        package let rule: Rule
        package let factor: Double

        /// A rule and its factor, which is positive.
        package init(rule: Rule, factor: Double) {
            self.rule = rule
            self.factor = factor
        }
    }

    /// The standard deviation of normally distributed values with a median absolute deviation of 1.
    private static let deviationsOfMAD = 1.482_602_218_505_602

    /// By column; nil where half of the train rows or more have one value, so that limits would make a constant of it.
    let lower: [Double?]
    let upper: [Double?]

    /// Limits that were fitted.
    init(lower: [Double?], upper: [Double?]) {
        self.lower = lower
        self.upper = upper
    }

    /// Fits on columns without missing values.
    init(_ settings: Settings, fitting columns: [[Double]]) {
        let limits = columns.map { Self.limits(settings, $0) }
        lower = limits.map { $0?.lowerBound }
        upper = limits.map { $0?.upperBound }
    }

    private static func limits(_ settings: Settings, _ column: [Double]) -> ClosedRange<Double>? {
        let sorted = SortedValues(column)
        let (low, high, spread): (Double, Double, Double)
        switch settings.rule {
        case .iqr:
            (low, high) = (sorted.quantile(0.25), sorted.quantile(0.75))
            spread = high - low
        case .mad:
            let median = sorted.median
            (low, high) = (median, median)
            spread = deviationsOfMAD * SortedValues(column.map { abs($0 - median) }).median
        }
        let reach = settings.factor * spread
        guard spread > 0, (high + reach).isFinite, (low - reach).isFinite else { return nil }
        return (low - reach)...(high + reach)
    }

    /// Throws unless the limits, which come from a file, fit the columns.
    func validate(columns: Int) throws(ForecastingError) {
        let isOrdered = zip(lower, upper).allSatisfy { low, high in (low ?? -.infinity) <= (high ?? .infinity) }
        guard lower.count == columns, upper.count == columns, isOrdered else {
            throw .invalidModel(reason: "the limits of outliers do not fit the columns")
        }
    }

    /// The columns within their limits.
    func clipped(_ columns: [[Double]]) -> [[Double]] {
        columns.enumerated().map { clipped($1, column: $0) }
    }

    /// The values of one column within its limits.
    func clipped(_ values: [Double], column: Int) -> [Double] {
        guard let low = lower[column], let high = upper[column] else { return values }
        return values.map { min(max($0, low), high) }
    }
}
