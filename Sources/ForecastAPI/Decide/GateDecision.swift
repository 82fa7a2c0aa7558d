// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

extension GateSpec {
    /// Compares a model's errors with the threshold.
    package func decide(metrics: ModelMetrics, seasonalNaive: ModelMetrics?) -> GateStatus {
        let metric = metric ?? .mae
        let units = units ?? .original
        let value = metrics.value(of: metric, units: units)
        let naive = seasonalNaive?.value(of: metric, units: units)
        func verdict(_ outcome: GateOutcome, _ reason: String, _ message: String) -> GateStatus {
            GateStatus(
                outcome: outcome,
                metric: metric,
                threshold: threshold,
                value: value,
                seasonalNaive: naive,
                reason: reason,
                message: message
            )
        }
        let name = metric.rawValue + (units == .scaled && metric.hasUnits ? " (scaled)" : "")
        guard let value, value.isFinite else {
            return verdict(.error, "MetricUndefined", "\(name) is not defined on this data; choose another gate.metric")
        }
        let numbers = "\(name) \(Significant.text(value))"
        let limit = Significant.text(threshold)
        let beside = naive.map { "; the seasonal naive forecast has \(Significant.text($0))" } ?? ""
        if metric.higherIsBetter {
            return value >= threshold
                ? verdict(.passed, "ThresholdReached", "\(numbers) is at least the threshold \(limit)\(beside)")
                : verdict(.failed, "ThresholdMissed", "\(numbers) is below the threshold \(limit)\(beside)")
        }
        return value <= threshold
            ? verdict(.passed, "ThresholdReached", "\(numbers) is at most the threshold \(limit)\(beside)")
            : verdict(.failed, "ThresholdMissed", "\(numbers) is above the threshold \(limit)\(beside)")
    }

    /// The verdict where a pipeline has no gate.
    package static func open(metrics: ModelMetrics, seasonalNaive: ModelMetrics?) -> GateStatus {
        GateStatus(
            outcome: .passed,
            metric: .mae,
            threshold: nil,
            value: metrics.mae,
            seasonalNaive: seasonalNaive?.mae,
            reason: "NoGate",
            message: "the pipeline has no gate, so each trained model is promoted"
        )
    }
}

extension GateSpec.GateMetric {
    /// Whether a larger value is the better one.
    package var higherIsBetter: Bool { self == .r2 }

    /// Whether the value depends on the units of the data.
    var hasUnits: Bool { self == .mae || self == .mse || self == .rmse }
}

extension ModelMetrics {
    /// One metric's value; nil where it is not defined.
    package func value(of metric: GateSpec.GateMetric, units: GateSpec.Units) -> Double? {
        switch metric {
        case .mae: units == .scaled ? scaledMae : mae
        case .mse: units == .scaled ? scaledMse : mse
        case .rmse: units == .scaled ? scaledMse.squareRoot() : rmse
        case .r2: r2
        case .mase: mase
        }
    }
}

/// Numbers as people read them.
package enum Significant {
    /// Rounds to six significant digits, so that status does not carry digits that mean nothing.
    package static func round(_ value: Double) -> Double {
        guard value.isFinite, value != 0 else { return value }
        return Double(String(format: "%.6g", value)) ?? value
    }

    /// Six significant digits without trailing zeros.
    package static func text(_ value: Double) -> String { String(format: "%.6g", value) }
}
