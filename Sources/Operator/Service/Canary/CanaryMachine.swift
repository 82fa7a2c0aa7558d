// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials

/// What becomes of a canary: a pure function of its status, what the pods say, and the time.
struct CanaryMachine {
    /// How long the numbers of an analysis stay in the status before newer ones take their place.
    static let numbersPeriod: TimeInterval = 15

    /// What the pods say about a canary.
    struct Facts: Equatable {
        /// Whether each pod that counts has taken up the step.
        var isTakenUp = false
        /// How many have, in words.
        var progress = ""
        /// Why the version cannot go on, whatever its requests say; nil where nothing is wrong.
        var failure: String?
        /// What the version answered in this step.
        var canary = CanaryTraffic()
        /// What the version before it answered in this step.
        var stable = CanaryTraffic()
        /// How far the forecasts of both in this step are from what came true; nil where that is not known yet.
        var errors: CanaryErrorsStatus?
        /// Why the latest comparison of forecasts failed; nil where it did not.
        var trouble: String?
    }

    /// What follows.
    enum Move: Equatable {
        /// It goes on like this; looked at again after so many seconds, or when the pods say something new.
        case stays(CanaryStatus, message: String, wait: Double?)
        /// It is over.
        case ends(CanaryResultStatus.Result, message: String, analysis: CanaryAnalysisStatus?)
    }

    var spec: CanarySpec
    var now: Date

    /// What becomes of a canary.
    func next(_ status: CanaryStatus, _ facts: Facts) -> Move {
        let (version, stable) = (status.version, status.stable)
        if let decision = spec.decision, decision.version == version {
            switch decision.action {
            case .promote:
                return .ends(.promoted, message: "spec.canary.decision promotes it", analysis: status.analysis)
            case .abort:
                let message = "spec.canary.decision aborts it; version \(stable) answers everything"
                return .ends(.aborted, message: message, analysis: status.analysis)
            }
        }
        if let failure = facts.failure {
            let message = "\(failure); version \(stable) answers everything"
            return .ends(.rolledBack, message: message, analysis: status.analysis)
        }
        var status = status
        guard let step = adopt(&status) else {
            return .ends(.promoted, message: "spec.canary has no steps", analysis: nil)
        }
        guard let since = status.since else {
            guard facts.isTakenUp else { return .stays(status, message: facts.progress, wait: nil) }
            status.since = now
            return .stays(status, message: "all pods have taken up the step", wait: Double(step.holdSeconds))
        }
        return judge(status, step, since, facts)
    }

    /// The step that the status stands at, or the last where the specification has fewer by now; nil where it has none.
    /// A step whose share was changed begins anew.
    private func adopt(_ status: inout CanaryStatus) -> CanarySpec.Step? {
        guard !spec.steps.isEmpty else { return nil }
        status.step = min(max(1, status.step), spec.steps.count)
        let step = spec.steps[status.step - 1]
        if status.trafficPercent != step.trafficPercent {
            status.trafficPercent = step.trafficPercent
            status.since = nil
            status.analysis = nil
            status.errors = nil
        }
        return step
    }

    private func judge(_ before: CanaryStatus, _ step: CanarySpec.Step, _ since: Date, _ facts: Facts) -> Move {
        var status = before
        let left = Double(step.holdSeconds) - now.timeIntervalSince(since)
        guard let limits = spec.analysis else {
            guard left <= 0 else { return .stays(status, message: Self.remaining(left), wait: left) }
            guard facts.isTakenUp else { return .stays(status, message: facts.progress, wait: nil) }
            return advance(status, "by the clock", nil)
        }
        let analysis = CanaryAnalysis(
            limits: limits,
            canary: facts.canary,
            stable: facts.stable,
            errors: facts.errors,
            trouble: facts.trouble
        )
        .outcome(now: now)
        if analysis.outcome == .failed {
            let message = "\(analysis.message); version \(status.stable) answers everything"
            return .ends(.rolledBack, message: message, analysis: analysis)
        }
        if left <= 0, facts.isTakenUp, analysis.outcome == .passed {
            return advance(status, analysis.message, analysis)
        }
        let shown = Self.paced(analysis, after: status.analysis)
        status.analysis = shown
        let ending = left > 0 ? Self.remaining(left) : "it is held until there is more to tell by"
        let text = facts.isTakenUp ? ending : facts.progress
        return .stays(status, message: "\(shown.message); \(text)", wait: left > 0 ? left : nil)
    }

    private func advance(_ before: CanaryStatus, _ why: String, _ analysis: CanaryAnalysisStatus?) -> Move {
        guard before.step < spec.steps.count else {
            let message = "it passed its \(before.step) steps: \(why)"
            return .ends(.promoted, message: message, analysis: analysis)
        }
        var status = before
        status.step += 1
        status.trafficPercent = spec.steps[status.step - 1].trafficPercent
        status.since = nil
        status.analysis = nil
        status.errors = nil
        let message = "step \(before.step) passed: \(why)"
        return .stays(status, message: message, wait: nil)
    }

    /// Numbers change with each request; the status has new ones when they say something else, and now and then.
    private static func paced(
        _ analysis: CanaryAnalysisStatus,
        after before: CanaryAnalysisStatus?
    ) -> CanaryAnalysisStatus {
        guard let before, before.outcome == analysis.outcome,
            analysis.time.timeIntervalSince(before.time) < numbersPeriod
        else { return analysis }
        return before
    }

    /// In words that change seldom: each change of a message is a write.
    private static func remaining(_ seconds: Double) -> String {
        if seconds <= 60 { return "the step ends within a minute" }
        return "the step ends within \(Int((seconds / 60).rounded(.up))) minutes"
    }
}
