// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a model must reach to be promoted: a threshold, baselines to beat, intervals that hold what they say, or several.
package struct GateSpec: Codable, Sendable, Equatable {
    /// The metric that is compared, over all windows. Default `MAE`.
    package var metric: GateMetric?
    /// The value to reach: at most this for errors, at least this for `R2`.
    package var threshold: Double?
    /// Units of MAE, MSE and RMSE. Default `Original`.
    package var units: Units?
    /// What the model must beat on the same windows.
    package var baseline: GateBaselineSpec?
    /// How close the intervals must come to their level.
    package var coverage: GateCoverageSpec?
    /// What the verdict does. Default `Enforce`.
    package var mode: Mode?

    /// A metric that a gate can compare.
    package enum GateMetric: String, Codable, Sendable, CaseIterable {
        /// Mean absolute error.
        case mae = "MAE"
        /// Mean squared error.
        case mse = "MSE"
        /// Root of the mean squared error.
        case rmse = "RMSE"
        /// Mean absolute error in percent of the true values.
        case mape = "MAPE"
        /// Mean absolute error in percent of the mean of true value and forecast.
        case smape = "SMAPE"
        /// MAE over that of the seasonal naive forecast on the training rows.
        case mase = "MASE"
        /// Share of the variance explained; higher is better.
        case r2 = "R2"
    }

    /// Units of an error.
    package enum Units: String, Codable, Sendable, CaseIterable {
        /// Those of the data.
        case original = "Original"
        /// Standard deviations of the training rows, as research papers report.
        case scaled = "Scaled"
    }

    /// What a gate's verdict does.
    package enum Mode: String, Codable, Sendable, CaseIterable {
        /// A model that passes is promoted, another is not.
        case enforce = "Enforce"
        /// The verdict is shown, and each trained model is promoted.
        case dryRun = "DryRun"
        /// The verdict is shown, and a model is promoted when `spec.promote` names its version.
        case manual = "Manual"
    }

    /// Makes a gate.
    package init(
        metric: GateMetric? = nil,
        threshold: Double? = nil,
        units: Units? = nil,
        baseline: GateBaselineSpec? = nil,
        mode: Mode? = nil
    ) {
        self.metric = metric
        self.threshold = threshold
        self.units = units
        self.baseline = baseline
        self.mode = mode
    }

    func withDefaults() -> Self {
        var filled = self
        filled.metric = metric ?? .mae
        filled.units = units ?? .original
        filled.mode = mode ?? .enforce
        filled.baseline?.minImprovementPercent = baseline?.minImprovementPercent ?? 0
        filled.coverage?.withinPoints = coverage?.withinPoints ?? GateCoverageSpec.defaultWithinPoints
        return filled
    }

    func check(_ check: inout SpecCheck, intervals: IntervalsSpec?) {
        if threshold == nil, baseline == nil, coverage == nil {
            check.add("spec.gate", "must hold threshold, baseline or coverage")
        }
        coverage?.check(&check, intervals: intervals)
        if let threshold, !threshold.isFinite { check.add("spec.gate.threshold", "must be a finite number") }
        if let least = baseline?.minImprovementPercent, !(-100...100).contains(least) {
            check.add("spec.gate.baseline.minImprovementPercent", "must be from -100 to 100")
        }
    }
}

/// Baselines that a model must beat.
package struct GateBaselineSpec: Codable, Sendable, Equatable {
    /// Which baselines.
    package var kind: Kind
    /// How much smaller the model's error must be, in percent of the baseline's; for R2 the error is 1 - R2. Default 0:
    /// no larger. Negative values allow for a model that is a little worse.
    package var minImprovementPercent: Double?

    /// Which baselines a model must beat.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// The promoted version; the first model has none to beat.
        case incumbent = "Incumbent"
        /// The value of one season ago.
        case seasonalNaive = "SeasonalNaive"
        /// Both.
        case both = "Both"

        /// The baselines one by one.
        var kinds: [BaselineStatus.Kind] {
            switch self {
            case .incumbent: [.incumbent]
            case .seasonalNaive: [.seasonalNaive]
            case .both: [.incumbent, .seasonalNaive]
            }
        }
    }

    /// Makes a condition on baselines.
    package init(kind: Kind, minImprovementPercent: Double? = nil) {
        self.kind = kind
        self.minImprovementPercent = minImprovementPercent
    }
}

/// How close the prediction intervals of one level must come to it on the test rows.
package struct GateCoverageSpec: Codable, Sendable, Equatable {
    /// The level, one of `spec.intervals.levels`.
    package var level: Double
    /// By how many points the percent of values that the interval held may differ from the level, either way. Default 5.
    package var withinPoints: Double?

    /// The default of `withinPoints`.
    package static let defaultWithinPoints = 5.0

    /// Makes a condition on intervals.
    package init(level: Double, withinPoints: Double? = nil) {
        self.level = level
        self.withinPoints = withinPoints
    }

    fileprivate func check(_ check: inout SpecCheck, intervals: IntervalsSpec?) {
        let levels = intervals.map { $0.levels ?? IntervalsSpec.defaultLevels } ?? []
        if !levels.contains(level) {
            let found = levels.isEmpty ? "spec.intervals is not set" : "spec.intervals.levels does not hold it"
            check.add("spec.gate.coverage.level", "is \(Significant.text(level)); \(found)")
        }
        if let withinPoints, !(0...100).contains(withinPoints) {
            check.add("spec.gate.coverage.withinPoints", "must be from 0 to 100")
        }
    }
}

/// A metric and its units: by which models are compared.
package struct GateMeasure: Sendable, Equatable {
    /// The metric.
    package var metric: GateSpec.GateMetric
    /// Units of MAE, MSE and RMSE.
    package var units: GateSpec.Units

    /// The measure of a gate; MAE in the units of the data without one.
    package init(_ gate: GateSpec?) {
        metric = gate?.metric ?? .mae
        units = gate?.units ?? .original
    }

    /// The metric as a sentence names it.
    package var name: String { metric.rawValue + (units == .scaled && metric.hasUnits ? " (scaled)" : "") }
}

extension GateSpec.GateMetric {
    /// Whether a larger value is the better one.
    package var higherIsBetter: Bool { self == .r2 }

    /// Whether the value depends on the units of the data.
    package var hasUnits: Bool { self == .mae || self == .mse || self == .rmse }
}
