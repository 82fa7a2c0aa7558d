// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import KubeCore

/// Folds what is known of a run's steps into its status. Pure: the operator and `almanac run` share it.
package struct RunReducer: Sendable {
    private let plan: RunPlan
    private let spec: ForecastPipelineSpec

    /// Makes the reducer of a run of that specification.
    package init(plan: RunPlan, spec: ForecastPipelineSpec) {
        self.plan = plan
        self.spec = spec
    }

    /// The steps that are to be started now: not started, or failed with another attempt left, and all that they wait
    /// for done.
    package func startable(_ observations: [String: StepObservation]) -> [PlannedStep] {
        func succeeded(_ name: String) -> Bool {
            if case .succeeded(let result) = observations[name]?.state { result.skipped != true } else { false }
        }
        return plan.steps.filter { step in
            guard step.dependsOn.allSatisfy(succeeded) else { return false }
            let observation = observations[step.name] ?? .none
            switch observation.state {
            case .absent: return true
            case .failed(_, let isRetryable): return isRetryable && observation.attempts < step.limits.attempts
            case .running, .waiting, .succeeded: return false
            }
        }
    }

    /// The status of the run that those observations make.
    package func status(
        of observations: [String: StepObservation],
        previous: ForecastRunStatus?,
        generation: Int64?,
        now: Date
    ) -> ForecastRunStatus {
        var status = previous ?? ForecastRunStatus()
        status.observedGeneration = generation
        status.startTime = status.startTime ?? now
        let before = Dictionary((previous?.steps ?? []).map { ($0.name, $0) }) { $1 }
        status.steps = plan.steps.map { stepStatus($0, observations[$0.name] ?? .none, previous: before[$0.name]) }
        collectResults(observations, into: &status)
        let skip = observations.values.lazy.compactMap(\.skip).first
        if skip != nil { leaveOutPending(&status) }
        var conditions = status.conditions ?? []
        let succeeded = skip.map(Self.skippedCondition) ?? succeededCondition(observations, status)
        for var condition in observations.values.flatMap(\.dataConditions) + [succeeded] {
            condition.observedGeneration = generation
            conditions.set(condition, now: now)
        }
        status.conditions = conditions
        if status.isFinished { status.completionTime = status.completionTime ?? now }
        return status
    }

    private func leaveOutPending(_ status: inout ForecastRunStatus) {
        status.steps = status.steps?.map { step in
            var step = step
            if step.state == .pending { step.state = .skipped }
            return step
        }
    }

    private static func skippedCondition(_ objection: StepFailure) -> Condition {
        Condition(
            ConditionType.succeeded,
            .no,
            reason: Reason.skipped.rawValue,
            message: "no model was trained (\(objection.reason.rawValue)): \(objection.message)"
        )
    }

    private func stepStatus(
        _ step: PlannedStep,
        _ observation: StepObservation,
        previous: StepStatus?
    ) -> StepStatus {
        var status = StepStatus(name: step.name, attempts: observation.attempts)
        status.failures = previous?.failures
        status.image = observation.image ?? previous?.image
        status.cacheKey = observation.cacheKey ?? previous?.cacheKey
        status.cachedFrom = observation.cachedFrom
        status.job = observation.job
        status.startTime = observation.startTime
        switch observation.state {
        case .absent:
            status.state = .pending
        case .running:
            status.state = .running
            // What was known stays until there is more, for instance after a restart of the operator.
            status.progress = observation.progress ?? (previous?.job == observation.job ? previous?.progress : nil)
        case .waiting(let problem):
            status.state = .running
            status.reason = problem.reason.rawValue
            status.message = problem.message
        case .succeeded:
            status.state = .succeeded
            status.completionTime = observation.completionTime
        case .failed(let failure, let isRetryable):
            let isFinal = !isRetryable || observation.attempts >= step.limits.attempts
            status.state = isFinal ? .failed : .running
            status.completionTime = isFinal ? observation.completionTime : nil
            status.reason = failure.reason.rawValue
            status.message = failure.message
            status.remember(failure, observation)
        }
        return status
    }

    private func collectResults(_ observations: [String: StepObservation], into status: inout ForecastRunStatus) {
        var evaluated: ModelMetrics?
        for step in plan.steps {
            guard case .succeeded(let result) = observations[step.name]?.state else { continue }
            status.dataset = result.dataset ?? status.dataset
            status.model = result.model ?? status.model
            status.training = result.training ?? status.training
            status.backtest = result.backtest?.rounded ?? status.backtest
            evaluated = result.metrics?.rounded ?? evaluated
        }
        // A result whose pod is gone by now was folded in before: what it said stays.
        guard let metrics = evaluated else { return }
        status.metrics = metrics
        status.gate =
            spec.gate?.decide(metrics: metrics, backtest: status.backtest)
            ?? GateSpec.open(metrics: metrics, backtest: status.backtest)
    }

    private func succeededCondition(
        _ observations: [String: StepObservation],
        _ status: ForecastRunStatus
    ) -> Condition {
        let steps = status.steps ?? []
        if let failed = steps.first(where: { $0.state == .failed }) {
            let most = plan.steps.first { $0.name == failed.name }?.limits.attempts ?? failed.attempts
            let attempts = failed.attempts > 1 ? " (attempt \(failed.attempts) of \(most))" : ""
            return Condition(
                ConditionType.succeeded,
                .no,
                reason: failed.reason ?? Reason.workerFailed.rawValue,
                message: "step \(failed.name) failed\(attempts): \(failed.message ?? "no message")"
            )
        }
        if steps.allSatisfy({ $0.state == .succeeded }) {
            return Condition(
                ConditionType.succeeded,
                .yes,
                reason: Reason.completed.rawValue,
                message: status.gate?.message ?? "all steps are done"
            )
        }
        if let held = steps.first(where: { $0.state == .running && $0.reason != nil }) {
            return Condition(
                ConditionType.succeeded,
                .unknown,
                reason: held.reason ?? Reason.running.rawValue,
                message: "step \(held.name): \(held.message ?? "waits")"
            )
        }
        let done = steps.count { $0.state == .succeeded }
        let current = steps.first { $0.state == .running }?.name ?? steps.first { $0.state == .pending }?.name ?? ""
        return Condition(
            ConditionType.succeeded,
            .unknown,
            reason: Reason.running.rawValue,
            message: "step \(current), \(done) of \(steps.count) done"
        )
    }
}

extension StepStatus {
    /// Keeps why an attempt failed, once, for the next one takes the place of `reason` and `message`.
    fileprivate mutating func remember(_ failure: StepFailure, _ observation: StepObservation) {
        let attempt = observation.attempts
        guard failures?.contains(where: { $0.attempt == attempt }) != true else { return }
        let record = AttemptFailure(
            attempt: attempt,
            reason: failure.reason.rawValue,
            message: String(failure.message.prefix(1_000)),
            time: observation.completionTime
        )
        failures = ((failures ?? []) + [record]).suffix(Self.maximumFailures)
    }
}

extension ModelMetrics {
    /// The same errors with six significant digits.
    package var rounded: ModelMetrics {
        ModelMetrics(
            mae: Significant.round(mae),
            mse: Significant.round(mse),
            rmse: Significant.round(rmse),
            r2: r2.map(Significant.round),
            mase: mase.map(Significant.round),
            scaledMae: Significant.round(scaledMae),
            scaledMse: Significant.round(scaledMse),
            windows: windows,
            mape: mape.map(Significant.round),
            smape: smape.map(Significant.round),
            intervals: intervals.map { $0.map(\.rounded) }
        )
    }
}
