// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a gate said of a model, with the numbers that it compared.
package struct GateStatus: Codable, Sendable, Equatable {
    /// The verdict.
    package var outcome: GateOutcome
    /// What the verdict does; nil where the specification has no gate.
    package var mode: GateSpec.Mode?
    /// The metric that was compared.
    package var metric: GateSpec.GateMetric
    /// Units of that metric, where it has any.
    package var units: GateSpec.Units?
    /// The value to reach; nil where the specification names none.
    package var threshold: Double?
    /// How much better than its baselines the model had to be; nil where the specification names none.
    package var minImprovementPercent: Double?
    /// The model's value.
    package var value: Double?
    /// The incumbent's value on the same windows.
    package var incumbent: Double?
    /// How much smaller the model's error is, in percent of the incumbent's.
    package var incumbentImprovementPercent: Double?
    /// The seasonal naive forecast's value on the same windows.
    package var seasonalNaive: Double?
    /// How much smaller the model's error is, in percent of the seasonal naive forecast's.
    package var seasonalNaiveImprovementPercent: Double?
    /// What the intervals held; nil where the specification does not ask for it.
    package var coverage: GateCoverageStatus?
    /// One CamelCase word.
    package var reason: String
    /// A sentence with the numbers.
    package var message: String

    /// Makes a verdict.
    package init(outcome: GateOutcome, metric: GateSpec.GateMetric, reason: String, message: String) {
        self.outcome = outcome
        self.metric = metric
        self.reason = reason
        self.message = message
    }

    /// Whether the verdict by itself promotes the model.
    package var promotes: Bool {
        switch mode ?? .enforce {
        case .enforce: outcome == .passed
        case .dryRun: true
        case .manual: false
        }
    }
}

/// What a gate asked of intervals, and what they held.
package struct GateCoverageStatus: Codable, Sendable, Equatable {
    /// The level: how many values of a hundred were to be held.
    package var level: Double
    /// By how many points the value may differ.
    package var withinPoints: Double
    /// How many values of a hundred were held; nil where the model has no intervals of that level.
    package var value: Double?

    /// Makes the facts of a condition.
    package init(level: Double, withinPoints: Double, value: Double?) {
        self.level = level
        self.withinPoints = withinPoints
        self.value = value
    }
}

/// A gate's verdict.
package enum GateOutcome: String, Codable, Sendable, CaseIterable {
    /// The model is good enough.
    case passed = "Passed"
    /// The model is not good enough.
    case failed = "Failed"
    /// Nothing speaks against the model, but a baseline that it should beat could not be scored.
    case inconclusive = "Inconclusive"
    /// The model's own metric is not defined on this data.
    case error = "Error"
}
