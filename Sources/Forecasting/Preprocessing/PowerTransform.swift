// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Takes targets to a scale on which their spread depends less on their size: G. E. P. Box and D. R. Cox, "An Analysis of
/// Transformations", 1964. y = (x^lambda - 1) / lambda, or ln x where lambda is 0.
package struct PowerTransform: Hashable, Codable, Sendable {
    /// The transforms.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// The natural logarithm.
        case log = "Log"
        /// Box-Cox, with the lambda of the greatest likelihood over the train rows.
        case boxCox = "BoxCox"
    }

    /// A negative lambda would bound what can be forecast, and make it infinite at the bound; beyond 5 the transform makes
    /// a step of the series.
    private static let bounds = 0.0...5.0

    let kind: Kind
    /// By target.
    let lambdas: [Double]

    /// A transform that was fitted.
    init(kind: Kind, lambdas: [Double]) {
        self.kind = kind
        self.lambdas = lambdas
    }

    /// Fits on the targets' cleaned train rows.
    /// - Throws: `ForecastingError.notPositive`.
    init(_ kind: Kind, fitting columns: ArraySlice<[Double]>, of rows: RawRows) throws(ForecastingError) {
        var lambdas: [Double] = []
        for (index, column) in columns.enumerated() {
            try Self.requirePositive(column, kind, target: index, rows)
            lambdas.append(kind == .log ? 0 : Self.likeliest(column))
        }
        self.kind = kind
        self.lambdas = lambdas
    }

    /// Throws unless the numbers, which come from a file, fit the targets.
    func validate(targets: Int) throws(ForecastingError) {
        let isOfKind = kind == .boxCox || lambdas.allSatisfy { $0 == 0 }
        guard lambdas.count == targets, lambdas.allSatisfy(Self.bounds.contains), isOfKind else {
            throw .invalidModel(reason: "the transform's lambdas do not fit the targets")
        }
    }

    /// A target's values, the last of which are the last of `rows`, on the transform's scale.
    /// - Throws: `ForecastingError.notPositive`.
    func applied(_ values: [Double], target: Int, of rows: RawRows) throws(ForecastingError) -> [Double] {
        try Self.requirePositive(values, kind, target: target, rows)
        let lambda = lambdas[target]
        return lambda == 0 ? values.map { log($0) } : values.map { expm1(lambda * log($0)) / lambda }
    }

    /// Back on the original scale; what lies below all that the transform can give becomes 0.
    func inverted(_ value: Double, target: Int) -> Double {
        let lambda = lambdas[target]
        guard lambda != 0 else { return exp(value) }
        let inner = lambda * value
        return inner > -1 ? exp(log1p(inner) / lambda) : 0
    }

    private static func requirePositive(
        _ values: [Double],
        _ kind: Kind,
        target: Int,
        _ rows: RawRows
    ) throws(ForecastingError) {
        guard let index = values.firstIndex(where: { !($0 > 0) }) else { return }
        throw .notPositive(
            row: rows.text(rows.count - values.count + index),
            column: rows.names[target],
            value: values[index],
            transform: kind.rawValue
        )
    }

    /// The lambda of the greatest likelihood, by golden sections; 1 for a constant.
    private static func likeliest(_ values: [Double]) -> Double {
        let logs = values.map { log($0) }
        guard let first = logs.first, logs.contains(where: { $0 != first }) else { return 1 }
        let ratio = (5.0.squareRoot() - 1) / 2
        var (low, high) = (bounds.lowerBound, bounds.upperBound)
        var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
        var (atLeft, atRight) = (likelihood(left, logs), likelihood(right, logs))
        while high - low > 1e-8 {
            if atLeft > atRight {
                (high, right, atRight) = (right, left, atLeft)
                left = high - ratio * (high - low)
                atLeft = likelihood(left, logs)
            } else {
                (low, left, atLeft) = (left, right, atRight)
                right = low + ratio * (high - low)
                atRight = likelihood(right, logs)
            }
        }
        // Sections come close to an end, and never to it.
        return low == bounds.lowerBound ? low : (low + high) / 2
    }

    /// Grows with the likelihood. With values divided by their geometric mean, the Jacobian of the transform is a constant,
    /// and what remains of the likelihood is the variance.
    private static func likelihood(_ lambda: Double, _ logs: [Double]) -> Double {
        let count = Double(logs.count)
        let middle = logs.reduce(0, +) / count
        func power(_ value: Double) -> Double {
            abs(lambda) < 1e-12 ? value - middle : expm1(lambda * (value - middle)) / lambda
        }
        let mean = logs.reduce(0) { $0 + power($1) } / count
        return -logs.reduce(0) { sum, value in
            let deviation = power(value) - mean
            return sum + deviation * deviation
        }
    }
}
