// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How a model's prediction intervals of one level did, over all test windows, steps and targets.
package struct IntervalMetrics: Codable, Sendable, Equatable {
    /// How many values of a hundred the interval is to hold.
    package var level: Double
    /// How many values of a hundred it held.
    package var coverage: Double
    /// Mean distance of its bounds, in the units of the data.
    package var width: Double

    /// Makes the facts of a level.
    package init(level: Double, coverage: Double, width: Double) {
        self.level = level
        self.coverage = coverage
        self.width = width
    }

    /// The same with six significant digits.
    package var rounded: IntervalMetrics {
        IntervalMetrics(level: level, coverage: Significant.round(coverage), width: Significant.round(width))
    }

    /// The same as part of a sentence, for instance `80 % interval holds 78.9 %`.
    package var sentence: String {
        // A tenth of a point is as much as a person can use.
        "\(Significant.text(level)) % interval holds \(Significant.text((10 * coverage).rounded() / 10)) %"
    }
}
