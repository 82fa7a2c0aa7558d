// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

extension GateSpec {
    /// Compares a model's errors with the threshold and the baselines.
    ///
    /// The numbers are taken as they are shown, so that everybody can check the verdict.
    package func decide(metrics: ModelMetrics, backtest: BacktestStatus?) -> GateStatus {
        let measure = GateMeasure(self)
        var status = GateStatus.unjudged(metrics: metrics, backtest: backtest, measure: measure)
        status.mode = mode ?? .enforce
        status.threshold = threshold
        status.minImprovementPercent = baseline.map { $0.minImprovementPercent ?? 0 }
        guard let value = status.value, value.isFinite else {
            status.outcome = .error
            status.reason = "MetricUndefined"
            status.message = "\(measure.name) is not defined on this data; choose another gate.metric"
            return status
        }
        var checks: [GateCheck] = []
        if let threshold { checks.append(.threshold(threshold, value: value, measure.metric)) }
        for kind in baseline?.kind.kinds ?? [] {
            let least = status.minImprovementPercent ?? 0
            checks.append(.baseline(kind, backtest?.baseline(kind), status, leastPercent: least, measure))
        }
        if let coverage {
            let found = coverage.status(metrics)
            status.coverage = found
            checks.append(.coverage(found))
        }
        let decisive =
            checks.first { $0.verdict == .failed } ?? checks.first { $0.verdict == .inconclusive } ?? checks.first
        status.outcome = decisive?.verdict ?? .passed
        let allHold = checks.count > 1 && status.outcome == .passed
        status.reason = allHold ? "AllReached" : decisive?.reason ?? "NoGate"
        let beside = baseline?.kind.kinds ?? []
        let texts = checks.map(\.text) + status.others(than: beside)
        status.message = "\(measure.name) \(Significant.text(value)) " + texts.joined(separator: "; ")
        return status
    }

    /// The verdict where a pipeline has no gate.
    package static func open(metrics: ModelMetrics, backtest: BacktestStatus?) -> GateStatus {
        var status = GateStatus.unjudged(metrics: metrics, backtest: backtest, measure: GateMeasure(nil))
        status.reason = "NoGate"
        status.message = "the pipeline has no gate, so each trained model is promoted"
        return status
    }
}

/// One thing that a gate asks of a model.
private struct GateCheck {
    let verdict: GateOutcome
    let reason: String
    /// What follows the model's value in the sentence.
    let text: String

    static func threshold(_ threshold: Double, value: Double, _ metric: GateSpec.GateMetric) -> GateCheck {
        let isReached = metric.higherIsBetter ? value >= threshold : value <= threshold
        let relation =
            metric.higherIsBetter ? (isReached ? "at least" : "below") : (isReached ? "at most" : "above")
        return GateCheck(
            verdict: isReached ? .passed : .failed,
            reason: isReached ? "ThresholdReached" : "ThresholdMissed",
            text: "is \(relation) the threshold \(Significant.text(threshold))"
        )
    }

    static func baseline(
        _ kind: BaselineStatus.Kind,
        _ baseline: BaselineStatus?,
        _ status: GateStatus,
        leastPercent: Double,
        _ measure: GateMeasure
    ) -> GateCheck {
        let name = kind.name(version: baseline?.version)
        guard let baseline else {
            guard kind == .incumbent else { return open("\(name) was not scored") }
            let text = "has no incumbent to beat, for no version has been promoted yet"
            return GateCheck(verdict: .passed, reason: "NoIncumbent", text: text)
        }
        if let problem = baseline.problem { return open("\(name) was not scored: \(problem)") }
        guard let other = kind == .incumbent ? status.incumbent : status.seasonalNaive else {
            return open("\(measure.name) of \(name) is not defined on this data")
        }
        let improvement =
            kind == .incumbent ? status.incumbentImprovementPercent : status.seasonalNaiveImprovementPercent
        let both = baseline.comparedValue.map { ", against \(Significant.text($0)) on the series that both know" } ?? ""
        let numbers = "\(name) (\(Significant.text(other))\(both))"
        guard let improvement else {
            return missed("is worse than \(numbers), which makes no error")
        }
        let size = "\(Significant.text(abs(improvement))) %"
        let relation =
            improvement == 0
            ? "is as good as \(numbers)" : "is \(size) \(improvement > 0 ? "better" : "worse") than \(numbers)"
        let asked = leastPercent == 0 ? "" : ", of \(Significant.text(leastPercent)) % asked"
        return improvement >= leastPercent
            ? GateCheck(verdict: .passed, reason: "BaselineBeaten", text: relation + asked) : missed(relation + asked)
    }

    static func coverage(_ status: GateCoverageStatus) -> GateCheck {
        let name = "intervals of level \(Significant.text(status.level))"
        guard let value = status.value else {
            return GateCheck(verdict: .inconclusive, reason: "CoverageUnknown", text: "has no \(name)")
        }
        let points = Significant.text(status.withinPoints)
        // As it is shown: 85 is within 5 points of 80, whatever the last bit of the difference is.
        let isClose = Significant.round(abs(value - status.level)) <= status.withinPoints
        return GateCheck(
            verdict: isClose ? .passed : .failed,
            reason: isClose ? "CoverageReached" : "CoverageMissed",
            text: "has \(name) that hold \(Significant.text(value)) %, \(isClose ? "" : "not ")within \(points) points"
        )
    }

    private static func missed(_ text: String) -> GateCheck {
        GateCheck(verdict: .failed, reason: "BaselineNotBeaten", text: text)
    }

    private static func open(_ text: String) -> GateCheck {
        GateCheck(verdict: .inconclusive, reason: "BaselineUnknown", text: "cannot be judged: \(text)")
    }
}

extension GateStatus {
    /// All numbers, before anything is asked of them.
    fileprivate static func unjudged(
        metrics: ModelMetrics,
        backtest: BacktestStatus?,
        measure: GateMeasure
    ) -> GateStatus {
        func value(_ kind: BaselineStatus.Kind) -> Double? { backtest?.baseline(kind)?.metrics?.value(of: measure) }
        var status = GateStatus(outcome: .passed, metric: measure.metric, reason: "", message: "")
        status.units = measure.metric.hasUnits ? measure.units : nil
        status.value = metrics.value(of: measure)
        status.incumbent = value(.incumbent)
        status.seasonalNaive = value(.seasonalNaive)
        func improvement(_ kind: BaselineStatus.Kind, _ other: Double?) -> Double? {
            let compared = backtest?.baseline(kind)?.comparedValue
            guard let value = compared ?? status.value, let other else { return nil }
            return measure.metric.improvementPercent(of: value, over: other)
        }
        status.incumbentImprovementPercent = improvement(.incumbent, status.incumbent)
        status.seasonalNaiveImprovementPercent = improvement(.seasonalNaive, status.seasonalNaive)
        return status
    }

    /// What the models have that were scored but are no part of the gate.
    fileprivate func others(than asked: [BaselineStatus.Kind]) -> [String] {
        let known: [(BaselineStatus.Kind, Double?)] = [(.incumbent, incumbent), (.seasonalNaive, seasonalNaive)]
        return known.compactMap { kind, value in
            guard let value, !asked.contains(kind) else { return nil }
            return "\(kind.name(version: nil)) has \(Significant.text(value))"
        }
    }
}

extension GateCoverageSpec {
    /// What the intervals of the level held.
    fileprivate func status(_ metrics: ModelMetrics) -> GateCoverageStatus {
        let found = metrics.intervals?.first { abs($0.level - level) < 1e-9 }
        return GateCoverageStatus(
            level: level,
            withinPoints: withinPoints ?? Self.defaultWithinPoints,
            value: found?.coverage
        )
    }
}

extension BaselineStatus.Kind {
    /// The baseline as a sentence names it.
    fileprivate func name(version: String?) -> String {
        switch self {
        case .incumbent: version.map { "the incumbent \($0)" } ?? "the incumbent"
        case .seasonalNaive: "the seasonal naive forecast"
        }
    }
}

extension GateSpec.GateMetric {
    /// How much smaller the error is, in percent of the other's, as it is shown; nil where only the other has none.
    ///
    /// For R2 the error is the share of the variance that is left, 1 - R2.
    package func improvementPercent(of value: Double, over other: Double) -> Double? {
        let (error, base) = higherIsBetter ? (1 - value, 1 - other) : (value, other)
        guard base > 0 else { return error == base ? 0 : nil }
        let percent = Significant.round(100 * (base - error) / base)
        return percent.isFinite ? percent : nil
    }
}

extension ModelMetrics {
    /// One metric's value; nil where it is not defined.
    package func value(of measure: GateMeasure) -> Double? {
        switch measure.metric {
        case .mae: measure.units == .scaled ? scaledMae : mae
        case .mse: measure.units == .scaled ? scaledMse : mse
        case .rmse: measure.units == .scaled ? scaledMse.squareRoot() : rmse
        case .mape: mape
        case .smape: smape
        case .mase: mase
        case .r2: r2
        }
    }
}

/// Numbers as people read them.
package enum Significant {
    /// Rounds to six significant digits, so that status does not carry digits that mean nothing.
    package static func round(_ value: Double) -> Double {
        guard value.isFinite, value != 0 else { return value }
        return Double(text(value)) ?? value
    }

    /// Six significant digits without trailing zeros.
    package static func text(_ value: Double) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            let length = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, "%.6g", $0) }
            return String(decoding: buffer.prefix(Int(length)).map(UInt8.init), as: UTF8.self)
        }
    }
}
