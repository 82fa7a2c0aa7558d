// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// What a service's comparisons say of its forecasts and inputs: two conditions, as a pure function of the numbers.
struct AccuracyVerdict {
    /// A condition without its type.
    struct Statement: Equatable {
        var status: Condition.Status
        var reason: Reason
        var message: String

        init(_ status: Condition.Status, _ reason: Reason, _ message: String) {
            self.status = status
            self.reason = reason
            self.message = message
        }
    }

    var rule: MonitoringSpec
    /// The version that is served.
    var version: String
    var accuracy: AccuracyStatus?
    var monitoring: MonitoringStatus?
    /// Why a pod does not remember what it forecasts; nil where all do.
    var unremembered: StepFailure?

    /// Whether the forecasts keep to their limits.
    ///
    /// What is known to be bad stays so. Anything else is not known while forecasts are lost: those that are kept may be the
    /// good ones.
    var forecasts: Statement {
        let told = judgement
        guard let unremembered, told.status != .no, told.reason != .monitoringFailed else { return told }
        return Statement(.unknown, .forecastsNotRemembered, "\(unremembered.reason.rawValue): \(unremembered.message)")
    }

    /// What the numbers say by themselves.
    private var judgement: Statement {
        if let missing { return missing }
        guard let accuracy else { return awaited }
        let needed = rule.minValues ?? MonitoringSpec.defaultMinValues
        guard accuracy.values >= needed else {
            let rest =
                accuracy.pending > 0 ? "; \(accuracy.pending) are for times that the source has no value of yet" : ""
            let others =
                accuracy.otherSeries > 0 ? "; \(accuracy.otherSeries) forecasts were made from another history" : ""
            let text = "\(accuracy.values) of the \(needed) values that are needed have come true"
            return Statement(.unknown, .tooFewValues, text + rest + others)
        }
        let checks = [
            Limit(name: "MASE", value: accuracy.mase, most: rule.maxMASE),
            Limit(name: "MAE", value: accuracy.mae, most: rule.maxMAE),
        ]
        let series = accuracy.series.map { " of \($0) series" } ?? ""
        let text = Limit.text(checks) + ", over \(accuracy.values) values\(series) of version \(accuracy.version)"
        if checks.contains(where: \.isExceeded) { return Statement(.no, .accuracyLost, text + worst(accuracy)) }
        if checks.contains(where: \.isKept) { return Statement(.yes, .accurate, text) }
        let isUndefined = rule.maxMASE != nil
        let advice =
            isUndefined ? "MASE is not defined on the training rows; set maxMAE" : "set maxMASE or maxMAE to judge them"
        return Statement(.unknown, .noLimit, "\(text); \(advice)")
    }

    /// Which series to look at first; empty where there is but one.
    private func worst(_ accuracy: AccuracyStatus) -> String {
        guard let worst = accuracy.worstSeries?.first else { return "" }
        return "; worst is \(worst.series) with MASE \(ReadableNumber.text(worst.mase))"
    }

    /// Whether the inputs are like those of the training; nil where that is not asked for.
    var inputs: Statement? {
        guard let limits = rule.drift else { return nil }
        if let missing { return missing }
        guard let columns = accuracy?.drift else {
            let text = "the columns of version \(version) were not compared: it has no profile of its training rows"
            return Statement(.unknown, .notMonitored, "\(text), or spec.monitoring.drift came after the comparison")
        }
        guard let furthest = columns.max(by: { excess($0, limits) < excess($1, limits) }) else {
            return Statement(.unknown, .tooFewValues, "the source has no rows in the window")
        }
        let checks = [
            Limit(name: "PSI", value: furthest.psi, most: limits.maxPSI),
            Limit(name: "KS", value: furthest.ks, most: limits.maxKS),
        ]
        let text = "column \(furthest.column): \(Limit.text(checks)), over \(furthest.rows) rows"
        return checks.contains(where: \.isExceeded)
            ? Statement(.no, .inputsDrifted, text) : Statement(.yes, .stable, text)
    }

    /// Why nothing can be told, for both conditions.
    private var missing: Statement? {
        if let failure = monitoring?.failure {
            return Statement(.unknown, .monitoringFailed, "\(failure.reason): \(failure.message)")
        }
        guard let accuracy, accuracy.version == version else { return awaited }
        return nil
    }

    private var awaited: Statement {
        Statement(.unknown, .notMonitored, "no forecasts of version \(version) have been compared yet")
    }

    /// How far a column is from its limits: above 1 where it exceeds one.
    private func excess(_ column: ColumnDrift, _ limits: MonitoringSpec.Drift) -> Double {
        max(limits.maxPSI.map { column.psi / $0 } ?? 0, limits.maxKS.map { column.ks / $0 } ?? 0)
    }
}

/// A number beside its limit.
private struct Limit {
    var name: String
    var value: Double?
    var most: Double?

    var isExceeded: Bool { isSo(>) }
    var isKept: Bool { isSo(<=) }

    private func isSo(_ compare: (Double, Double) -> Bool) -> Bool {
        guard let value, let most else { return false }
        return compare(value, most)
    }

    static func text(_ limits: [Limit]) -> String {
        limits.compactMap { limit in
            guard let value = limit.value else { return nil }
            let most = limit.most.map { " (limit \(ReadableNumber.text($0)))" } ?? ""
            return "\(limit.name) \(ReadableNumber.text(value))\(most)"
        }
        .joined(separator: ", ")
    }
}
