// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// Reads a step's state off its Jobs and their pods.
struct StepObserver {
    /// How long a finished Job's pod may be missing from the cache before it counts as gone.
    static let patience: TimeInterval = 30

    var jobs: [Job]
    var pods: [Pod]
    var progress: [String: StepProgress] = [:]
    var previous: ForecastRunStatus?
    var now: Date

    /// The state of that step.
    func observe(_ step: PlannedStep) -> StepObservation {
        let mine = jobs.filter { $0.metadata.labels?[Naming.stepLabel] == step.name }
        guard let latest = mine.max(by: { attempt(of: $0) < attempt(of: $1) }) else { return cached(step) }
        var observation = StepObservation(
            state: .running,
            job: latest.metadata.name,
            attempts: attempt(of: latest),
            startTime: mine.compactMap(\.metadata.creationTimestamp).min()
        )
        let itsPods = pods.filter { $0.metadata.isControlled(by: latest.metadata.uid) }
        observation.cacheKey = latest.metadata.annotations?[Naming.cacheKeyAnnotation]
        observation.image = image(of: itsPods)
        observation.progress = itsPods.compactMap(\.metadata.uid).compactMap { progress[$0] }.first
        if condition("Complete", of: latest) != nil {
            observation.completionTime = latest.status?.completionTime
            observation.state = completed(latest, itsPods, step)
        } else if let failed = condition("Failed", of: latest) {
            observation.completionTime = failed.lastTransitionTime
            observation.state = self.failed(latest, itsPods, failed)
        } else if let problem = PodFailure.holdingBack(itsPods) {
            observation.state = .waiting(problem)
        }
        return observation
    }

    /// A step without a Job has not been started, or its result was taken from another run.
    private func cached(_ step: PlannedStep) -> StepObservation {
        guard let before = previous?.steps?.first(where: { $0.name == step.name }),
            let origin = before.cachedFrom
        else { return .none }
        var observation = StepObservation(state: .succeeded(StepResult(step: step.name)))
        observation.startTime = before.startTime
        observation.completionTime = before.completionTime
        observation.cachedFrom = origin
        return observation
    }

    /// Known once a container has ended, so that it costs no write of the status of its own.
    private func image(of pods: [Pod]) -> String? {
        let ended = pods.flatMap(PodFailure.containers(of:)).filter { $0.state?.terminated != nil }
        return ended.compactMap(\.imageID).first { !$0.isEmpty }
    }

    private func attempt(of job: Job) -> Int { job.metadata.labels?[Naming.attemptLabel].flatMap { Int($0) } ?? 1 }

    private func condition(_ type: String, of job: Job) -> StatusCondition? {
        job.status?.conditions?.first { $0.type == type && $0.status == "True" }
    }

    private func completed(_ job: Job, _ pods: [Pod], _ step: PlannedStep) -> StepObservation.State {
        let messages = pods.flatMap(PodFailure.containers(of:)).compactMap { $0.state?.terminated?.message }
        if let result = messages.lazy.compactMap(StepResult.decode).first(where: { $0.failure == nil }) {
            return .succeeded(result)
        }
        // What a pod said is folded into the run's status once; after that the pod may go.
        if previous?.steps?.first(where: { $0.name == step.name })?.state == .succeeded {
            return .succeeded(StepResult(step: step.name))
        }
        // Pods and Jobs are watched apart, so the pod's end may arrive after its Job's.
        guard let ended = job.status?.completionTime, now.timeIntervalSince(ended) > Self.patience else {
            return .running
        }
        let message = "the pod of Job \(job.metadata.name) is gone, and with it the step's result"
        return .failed(StepFailure(reason: .workerFailed, message: message), isRetryable: true)
    }

    private func failed(_ job: Job, _ pods: [Pod], _ condition: StatusCondition) -> StepObservation.State {
        // The pod says only that it was stopped, or is gone.
        if condition.reason == Reason.deadlineExceeded.rawValue {
            let limit = job.spec?.activeDeadlineSeconds.map { " its \($0) s" } ?? " it may"
            let advice = "raise deadlineSeconds of the step in spec.steps, or give it more resources"
            let failure = StepFailure(reason: .deadlineExceeded, message: "it took longer than\(limit); \(advice)")
            return .failed(failure, isRetryable: false)
        }
        if let pod = pods.first(where: { $0.status?.phase == "Failed" }) {
            let ending = PodFailure.ending(of: pod)
            return .failed(ending.failure, isRetryable: ending.isRetryable)
        }
        let ended = condition.lastTransitionTime ?? now
        if now.timeIntervalSince(ended) <= Self.patience { return .running }
        // The pod went with its node, or somebody deleted it.
        let message = "Job \(job.metadata.name) failed and its pod is gone: \(condition.message ?? "no message")"
        return .failed(StepFailure(reason: .workerFailed, message: message), isRetryable: true)
    }
}
