// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The levels of prediction intervals, and the quantiles that bound them.
package struct IntervalLevels: Hashable, Sendable {
    /// The most levels that a model has.
    private static let most = 4
    private static let possible = 1...99.99

    /// In percent, ascending: an interval of level 80 is to hold 80 % of the values.
    package let percents: [Double]
    /// The probabilities of the quantiles, ascending: the lower bounds, the median, the upper bounds.
    package let quantiles: [Double]

    /// Levels in any order.
    /// - Throws: `ForecastingError.invalidModel` unless they are one to four different numbers from 1 to 99.99.
    package init(_ percents: [Double]) throws(ForecastingError) {
        let ascending = percents.sorted()
        let tails = ascending.map(Self.tail)
        let quantiles = tails.reversed() + [0.5] + ascending.map { Self.rounded((100 + $0) / 200) }
        guard (1...Self.most).contains(percents.count), ascending.allSatisfy(Self.possible.contains),
            zip(quantiles, quantiles.dropFirst()).allSatisfy(<)
        else { throw .invalidModel(reason: "intervals of the levels \(percents) %") }
        self.percents = ascending
        self.quantiles = quantiles
    }

    /// The positions of a level's bounds among the quantiles; levels are counted from 0.
    func bounds(_ level: Int) -> (lower: Int, upper: Int) { (percents.count - 1 - level, percents.count + 1 + level) }

    /// How many errors a level must be founded on: with fewer the bound would lie beyond the largest of them.
    package static func leastCount(_ percent: Double) -> Int {
        let tail = tail(min(max(percent, possible.lowerBound), possible.upperBound))
        // The small subtrahend keeps 0.9 / 0.1 at 9, whatever the quotient's last bit is.
        return Int(((1 - tail) / tail - 1e-9).rounded(.up))
    }

    /// A level as a person writes it.
    static func text(_ percent: Double) -> String {
        Int(exactly: percent).map { "\($0)" } ?? "\(percent)"
    }

    /// The share of values below an interval, which is that above it.
    private static func tail(_ percent: Double) -> Double { rounded((100 - percent) / 200) }

    /// Without what binary fractions leave of decimal ones: 0.1 is to be 0.1 wherever it comes from.
    private static func rounded(_ share: Double) -> Double { (share * 1e9).rounded() / 1e9 }
}
