// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Student's t distribution.
struct StudentT {
    /// Degrees of freedom, above 0.
    let degreesOfFreedom: Double

    /// The probability of a value at least as far from 0, on either side.
    func twoSidedProbability(of value: Double) -> Double {
        let square = value * value
        guard square.isFinite else { return 0 }
        return Self.incompleteBeta(degreesOfFreedom / (degreesOfFreedom + square), degreesOfFreedom / 2, 0.5)
    }

    /// The regularised incomplete beta function I_x(a, b), by its continued fraction (NIST Digital Library of
    /// Mathematical Functions, 8.17.22), on the side of the mean where that converges fast.
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        guard x <= (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }
        let front = exp(a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b)) / a
        return min(1, max(0, front / continuedFraction(x, a, b)))
    }

    /// 1 + d1/(1 + d2/(1 + …)), by the method of W. Lentz as modified by I. Thompson and A. Barnett.
    private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        var (value, numerator, denominator) = (1.0, 1.0, 0.0)
        for step in 1...10_000 {
            let m = Double(step / 2)
            let term =
                step.isMultiple(of: 2)
                ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            denominator = 1 + term * denominator
            denominator = 1 / (abs(denominator) < tiny ? tiny : denominator)
            numerator = 1 + term / numerator
            numerator = abs(numerator) < tiny ? tiny : numerator
            let change = numerator * denominator
            value *= change
            if abs(change - 1) < 1e-15 { break }
        }
        return value
    }
}
