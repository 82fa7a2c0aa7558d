// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Whether two forecasts differ by more than chance: the test of F. Diebold and R. Mariano, "Comparing predictive
/// accuracy", 1995, with the correction for few forecasts of D. Harvey, S. Leybourne and P. Newbold, "Testing the
/// equality of prediction mean squared errors", 1997.
package struct DieboldMariano: Hashable, Sendable {
    /// How the autocovariances of the differences are added up.
    package enum Kernel: String, Sendable {
        /// Each in full, as in both papers.
        case rectangular = "Rectangular"
        /// With weights that fall to zero (M. Bartlett); taken where the sum in full is not positive.
        case bartlett = "Bartlett"
    }

    /// The corrected statistic; negative where the first forecast's loss is the smaller one.
    package let statistic: Double
    /// The two-sided probability of such a statistic, by Student's t with n - 1 degrees of freedom, if both forecasts
    /// were equally good.
    package let pValue: Double
    /// How the autocovariances were added up.
    package let kernel: Kernel

    /// Tests the differences of losses, first forecast less second, in the order of time.
    ///
    /// - Parameter horizon: Differences this many places apart, or more, are uncorrelated; 1 where none are correlated.
    /// - Returns: nil where the test says nothing: fewer than two differences, not more than `horizon` of them, one that
    ///   is not finite, or all of them equal.
    package init?(differences: [Double], horizon: Int) {
        let count = differences.count
        guard count >= 2, horizon >= 1, count > horizon, differences.allSatisfy(\.isFinite) else { return nil }
        let n = Double(count)
        let mean = differences.reduce(0, +) / n
        let centred = differences.map { $0 - mean }
        let covariances = (0..<horizon).map { Self.autocovariance(centred, lag: $0) }
        // Below this the spread is the rounding error of equal differences.
        let largest = differences.reduce(0) { max($0, abs($1)) }
        guard covariances[0] > 1e-24 * largest * largest else { return nil }

        let full = covariances[0] + 2 * covariances.dropFirst().reduce(0, +)
        let weighted = covariances.enumerated().dropFirst().reduce(covariances[0]) { sum, term in
            sum + 2 * (1 - Double(term.offset) / Double(horizon)) * term.element
        }
        kernel = full > 0 ? .rectangular : .bartlett
        let variance = (full > 0 ? full : weighted) / n
        guard variance > 0 else { return nil }
        let h = Double(horizon)
        let correction = ((n + 1 - 2 * h + h * (h - 1) / n) / n).squareRoot()
        let statistic = mean / variance.squareRoot() * correction
        guard statistic.isFinite else { return nil }
        self.statistic = statistic
        pValue = StudentT(degreesOfFreedom: n - 1).twoSidedProbability(of: statistic)
    }

    private static func autocovariance(_ centred: [Double], lag: Int) -> Double {
        zip(centred.dropFirst(lag), centred).reduce(0) { $0 + $1.0 * $1.1 } / Double(centred.count)
    }
}
