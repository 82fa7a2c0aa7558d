// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials

/// Compares what a version on trial answered with the limits, and with the version before it over the same time.
struct CanaryAnalysis {
    var limits: CanarySpec.Analysis
    var canary: CanaryTraffic
    var stable: CanaryTraffic

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
        guard canary.requests >= minRequests else {
            return (.inconclusive, "\(canary.requests) of the \(minRequests) requests that are needed")
        }
        let checks = [
            check("failed requests", "%", canary.errorPercent, stable.errorPercent, limit: limits.maxErrorPercent),
            check("p99", " ms", canary.p99Milliseconds, stable.p99Milliseconds, limit: limits.maxP99Milliseconds),
        ].compactMap(\.self)
        let worst = [CanaryAnalysisStatus.Outcome.failed, .inconclusive, .passed].first { outcome in
            checks.contains { $0.outcome == outcome }
        }
        let text = checks.map(\.text).joined(separator: "; ") + ", over \(canary.requests) requests"
        return (worst ?? .passed, text)
    }

    private func check(
        _ name: String,
        _ unit: String,
        _ canary: Double?,
        _ stable: Double?,
        limit: Double?
    ) -> (outcome: CanaryAnalysisStatus.Outcome, text: String)? {
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
