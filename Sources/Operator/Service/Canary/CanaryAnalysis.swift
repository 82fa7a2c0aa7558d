// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials

/// Compares what a version on trial answered with the limits, and with the version before it over the same time; and its
/// forecasts with what came true, beside those of that version.
struct CanaryAnalysis {
    var limits: CanarySpec.Analysis
    var canary: CanaryTraffic
    var stable: CanaryTraffic
    /// How far the forecasts of both are from what came true; nil where that is not known yet.
    var errors: CanaryErrorsStatus?
    /// Why the latest comparison of forecasts failed; nil where it did not.
    var trouble: String?

    private typealias Finding = (outcome: CanaryAnalysisStatus.Outcome, text: String)

    private var minRequests: Int { limits.minRequests ?? CanarySpec.Analysis.defaultMinRequests }

    /// What it comes to.
    ///
    /// A limit that is exceeded counts against the canary where the stable version does better. Where both exceed it,
    /// the trouble is likely elsewhere and nothing can be told. A stable version without requests is no excuse.
    func outcome(now: Date) -> CanaryAnalysisStatus {
        let (outcome, message) = verdict()
        return CanaryAnalysisStatus(
            outcome: outcome,
            message: message,
            time: now,
            canary: canary.status,
            stable: stable.status
        )
    }

    private func verdict() -> (CanaryAnalysisStatus.Outcome, String) {
        let parts = [requestsVerdict, errorsVerdict].compactMap(\.self)
        return (Self.worst(of: parts.map(\.outcome)), parts.map(\.text).joined(separator: "; "))
    }

    /// One failed check is enough to fail, and all must pass to pass.
    private static func worst(of outcomes: [CanaryAnalysisStatus.Outcome]) -> CanaryAnalysisStatus.Outcome {
        [.failed, .inconclusive].first(where: outcomes.contains) ?? .passed
    }

    /// What the requests come to; nil where there is no limit on them.
    private var requestsVerdict: Finding? {
        guard limits.judgesRequests else { return nil }
        guard canary.requests >= minRequests else {
            return (.inconclusive, "\(canary.requests) of the \(minRequests) requests that are needed")
        }
        let checks = [
            check("failed requests", "%", canary.errorPercent, stable.errorPercent, limit: limits.maxErrorPercent),
            check("p99", " ms", canary.p99Milliseconds, stable.p99Milliseconds, limit: limits.maxP99Milliseconds),
        ].compactMap(\.self)
        let text = checks.map(\.text).joined(separator: "; ") + ", over \(canary.requests) requests"
        return (Self.worst(of: checks.map(\.outcome)), text)
    }

    /// What the forecasts come to that have come true; nil where there is no limit on them.
    private var errorsVerdict: Finding? {
        guard let limit = limits.maxErrorIncreasePercent else { return nil }
        let needed = limits.minValues ?? CanarySpec.Analysis.defaultMinValues
        guard let errors, errors.values >= needed, let increase = errors.increasePercent,
            let own = errors.canaryMAE, let other = errors.stableMAE
        else {
            let count = "\(errors?.values ?? 0) of the \(needed) forecast values that must have come true"
            return (.inconclusive, count + (trouble.map { "; the last comparison failed: \($0)" } ?? ""))
        }
        let share = increase.isFinite ? "\(ReadableNumber.text(abs(increase)))% " : ""
        let change = share + (increase < 0 ? "below" : "above")
        let numbers =
            "MAE \(ReadableNumber.text(own)), \(change) the \(ReadableNumber.text(other)) of the version before it"
        let text = "\(numbers) (limit \(Self.text(limit))% above), over \(errors.values) forecast values"
        return (increase > limit ? .failed : .passed, text)
    }

    private func check(
        _ name: String,
        _ unit: String,
        _ canary: Double?,
        _ stable: Double?,
        limit: Double?
    ) -> Finding? {
        guard let limit else { return nil }
        let beside = stable.map { ", the version before it \(Self.text($0))\(unit)" } ?? ""
        guard let canary else { return (.inconclusive, "\(name) not known (limit \(Self.text(limit))\(unit))") }
        let text = "\(name) \(Self.text(canary))\(unit) (limit \(Self.text(limit))\(unit)\(beside))"
        guard canary > limit else { return (.passed, text) }
        guard let stable, stable >= canary else { return (.failed, text) }
        return (.inconclusive, text)
    }

    /// A number as people read it: three digits behind the point at most.
    private static func text(_ value: Double) -> String {
        guard value.isFinite else { return "over \((ServingReport.Traffic.latencyBounds.last ?? 0) * 1_000)" }
        let rounded = (value * 1_000).rounded() / 1_000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int(rounded)) : String(rounded)
    }
}
