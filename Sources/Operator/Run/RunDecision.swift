// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

extension ObservedRun: Observation {
    var subject: ForecastRun { run }

    /// What is to be done about the run now. Pure and total: the same facts and time always give the same plan.
    func decide(now: Date) throws -> Plan<ForecastRunStatus> {
        guard run.metadata.deletionTimestamp == nil, run.status?.isFinished != true else { return Plan() }
        if run.spec.cancel == true { return cancelled(now) }
        guard let template = run.template else { return try takeUpClone(now) }
        let ofTemplate = run.isClone ? [] : template.problems() + template.zoneProblems(zones: options.zones)
        let problems = run.problems() + ofTemplate
        guard problems.isEmpty else { return refused(problems, now) }
        if let conflict { return final(.nameConflict, conflict, now) }

        let plan = RunPlan(for: template)
        let observer = StepObserver(jobs: jobs, pods: pods, progress: progress, previous: run.status, now: now)
        var observations = Dictionary(uniqueKeysWithValues: plan.steps.map { ($0.name, observer.observe($0)) })
        let reducer = RunReducer(plan: plan, spec: template)
        let builder = StepJob(
            run: run,
            template: template,
            options: options,
            retention: retention,
            incumbent: incumbent
        )
        var result = Plan<ForecastRunStatus>()
        for step in reducer.startable(observations) {
            let observation = observations[step.name] ?? .none
            let wait = delay(of: step, after: observation, now: now)
            if wait > 0 {
                result.lookAgain(after: wait)
                continue
            }
            let key = try cacheKey(of: builder.request(step), observations)
            if let key, observation.attempts == 0, template.cache != .disabled, let origin = origin(of: key, step) {
                observations[step.name] = taken(step, from: origin, key, now)
                result.statusEvents.append(cached(step, origin))
                continue
            }
            let job = try builder.build(step: step, attempt: observation.attempts + 1, cacheKey: key)
            result.writes.append(.createJob(job))
            result.events.append(started(step, job, observation))
        }
        let status = reducer.status(
            of: observations,
            previous: run.status,
            generation: run.metadata.generation,
            now: now
        )
        let wait = status == run.status ? 0 : status.delay(after: run.status, now: now)
        if status != run.status, wait == 0 { result.status = status }
        if wait > 0 { result.lookAgain(after: wait) }
        result.statusEvents += ended(status)
        // A Job whose pod has not been seen to end is looked at again: no event may come.
        if result.requeueAfter == nil, jobs.contains(where: \.hasEnded) { result.requeueAfter = .seconds(2) }
        return result
    }

    /// Seconds to wait before the next attempt.
    private func delay(of step: PlannedStep, after observation: StepObservation, now: Date) -> TimeInterval {
        guard let ended = observation.completionTime else { return 0 }
        return step.limits.pause(after: observation.attempts) - now.timeIntervalSince(ended)
    }

    private func started(_ step: PlannedStep, _ job: Job, _ observation: StepObservation) -> EventNote {
        let again = observation.attempts > 0 ? ", attempt \(observation.attempts + 1)" : ""
        return EventNote(
            isWarning: false,
            reason: "StepStarted",
            action: "CreateJob",
            message: "step \(step.name) started as Job \(job.metadata.name)\(again)"
        )
    }

    func ended(_ status: ForecastRunStatus) -> [EventNote] {
        guard status.isFinished, let condition = status.conditions?.condition(ConditionType.succeeded) else {
            return []
        }
        let isWarning = condition.status == .no
        return [
            EventNote(isWarning: isWarning, reason: condition.reason, action: "FinishRun", message: condition.message)
        ]
    }

    func refused(_ problems: [SpecProblem], _ now: Date) -> Plan<ForecastRunStatus> {
        final(.invalidSpec, problems.map(\.description).joined(separator: "; "), now)
    }

    /// The end of a run that goes no further.
    func final(_ reason: Reason, _ message: String, _ now: Date) -> Plan<ForecastRunStatus> {
        var status = run.status ?? ForecastRunStatus()
        status.observedGeneration = run.metadata.generation
        status.startTime = status.startTime ?? now
        status.completionTime = now
        status.summarize(.no, reason, message, now)
        return Plan(status: status, statusEvents: ended(status))
    }
}

extension ForecastRunStatus {
    /// Sets the one condition of a run.
    mutating func summarize(_ value: Condition.Status, _ reason: Reason, _ message: String, _ now: Date) {
        var conditions = conditions ?? []
        conditions.set(
            Condition(
                ConditionType.succeeded,
                value,
                reason: reason.rawValue,
                message: message,
                observedGeneration: observedGeneration
            ),
            now: now
        )
        self.conditions = conditions
    }
}

extension Job {
    /// Whether it has ended, well or not.
    var hasEnded: Bool {
        status?.conditions?.contains { ($0.type == "Complete" || $0.type == "Failed") && $0.status == "True" } ?? false
    }
}
