// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Prediction intervals round each forecast, measured on the validation part.
package struct IntervalsSpec: Codable, Sendable, Equatable {
    /// In percent, one to four different numbers from 1 to 99.99: an interval of level 80 is to hold 80 % of the values.
    /// Default 80 and 95.
    package var levels: [Double]?

    /// The default of `levels`.
    package static let defaultLevels: [Double] = [80, 95]
    /// The most levels.
    package static let maximumLevels = 4

    /// Makes a specification.
    package init(levels: [Double]? = nil) { self.levels = levels }

    func withDefaults() -> Self { IntervalsSpec(levels: levels ?? Self.defaultLevels) }

    /// The column that holds a quantile of a target in tables, for instance `taken_0.1`.
    package static func column(_ target: String, quantile: Double) -> String { "\(target)_\(quantile)" }

    /// What the fields contradict, and what intervals need of the rest of a specification.
    func check(_ check: inout SpecCheck, split: SplitSpec?, targets: [String]) {
        let levels = levels ?? Self.defaultLevels
        if !(1...Self.maximumLevels).contains(levels.count) || Set(levels).count != levels.count {
            check.add("spec.intervals.levels", "must hold one to \(Self.maximumLevels) different numbers")
        }
        if let level = levels.first(where: { !(1...99.99).contains($0) }) {
            check.add("spec.intervals.levels", "holds \(Significant.text(level)); a level must be from 1 to 99.99")
        }
        if split?.hasValidation == false {
            check.add("spec.intervals", "needs a validation part to be measured on; spec.split has none")
        }
        let known = Set(targets)
        if let taken = targets.first(where: { Self.isQuantile($0, of: known) }) {
            check.add("spec.series.targets", "'\(taken)' is what tables call a quantile of another target; rename it")
        }
    }

    /// Whether tables would call a quantile of one of the targets by this name.
    static func isQuantile(_ name: String, of targets: Set<String>) -> Bool {
        guard let mark = name.lastIndex(of: "_"), let share = Double(name[name.index(after: mark)...]) else {
            return false
        }
        return share > 0 && share < 1 && targets.contains(String(name[..<mark]))
    }
}

extension SplitSpec {
    /// Whether rows are kept between those that train and those that test.
    fileprivate var hasValidation: Bool {
        if let dates { return dates.validationFrom != nil }
        if let borders { return borders.validation > 0 }
        return (validation ?? Self.defaultValidation) > 0
    }
}
