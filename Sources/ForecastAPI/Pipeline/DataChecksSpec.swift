// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What data must be like for a model to be trained on it. Each check is made where its limit is given; duplicate
/// timestamps are looked for in any case.
package struct DataChecksSpec: Codable, Sendable, Equatable {
    /// What happens where a check does not hold. Default `Skip`.
    package var policy: Policy?
    /// How many steps the last row may lie back when the data is read, 0 to 1,000,000.
    package var maxAgeSteps: Int?
    /// How many rows or values in a row may be missing, 0 to 1,000,000.
    package var maxGapSteps: Int?
    /// How many rows in a row may have the same value, 1 to 1,000,000.
    package var maxFlatSteps: Int?
    /// Bounds of columns.
    package var ranges: [ColumnRangeSpec]?

    /// What happens where a check does not hold.
    package enum Policy: String, Codable, Sendable, CaseIterable {
        /// No model is trained, and the run says so; that is no failure.
        case skip = "Skip"
        /// A model is trained all the same, where that is possible.
        case train = "Train"
        /// The run fails.
        case fail = "Fail"
    }

    /// The most columns with bounds.
    package static let maximumRanges = 256

    /// Makes checks.
    package init(
        policy: Policy? = nil,
        maxAgeSteps: Int? = nil,
        maxGapSteps: Int? = nil,
        maxFlatSteps: Int? = nil,
        ranges: [ColumnRangeSpec]? = nil
    ) {
        self.policy = policy
        self.maxAgeSteps = maxAgeSteps
        self.maxGapSteps = maxGapSteps
        self.maxFlatSteps = maxFlatSteps
        self.ranges = ranges
    }

    func withDefaults() -> Self {
        var filled = self
        filled.policy = policy ?? .skip
        return filled
    }

    func check(_ check: inout SpecCheck, columns: [String]) {
        check.range("spec.dataChecks.maxAgeSteps", maxAgeSteps, 0...1_000_000)
        check.range("spec.dataChecks.maxGapSteps", maxGapSteps, 0...1_000_000)
        check.range("spec.dataChecks.maxFlatSteps", maxFlatSteps, 1...1_000_000)
        let ranges = ranges ?? []
        if Set(ranges.map(\.column)).count != ranges.count {
            check.add("spec.dataChecks.ranges", "must name each column once")
        }
        for range in ranges {
            let field = "spec.dataChecks.ranges"
            if !columns.contains(range.column) {
                check.add(
                    field,
                    "'\(range.column)' is none of spec.series.targets, pastCovariates and futureCovariates"
                )
            }
            let bounds = [range.minimum, range.maximum].compactMap { $0 }
            if bounds.isEmpty || !bounds.allSatisfy(\.isFinite) || bounds != bounds.sorted() {
                check.add(field, "'\(range.column)' needs minimum, maximum or both, the smaller one first")
            }
        }
    }
}

/// Bounds of a column's values.
package struct ColumnRangeSpec: Codable, Sendable, Equatable {
    /// The column, a target or a covariate.
    package var column: String
    /// The smallest value that is possible.
    package var minimum: Double?
    /// The largest value that is possible.
    package var maximum: Double?

    /// Makes bounds.
    package init(column: String, minimum: Double? = nil, maximum: Double? = nil) {
        self.column = column
        self.minimum = minimum
        self.maximum = maximum
    }
}
