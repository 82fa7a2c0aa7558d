// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// What becomes of a service's comparisons now: what the latest one says, and which Jobs are made and removed.
struct MonitorCourse {
    /// The numbers; nil before the first comparison.
    var accuracy: AccuracyStatus?
    /// How the comparisons go; nil where there are none.
    var monitoring: MonitoringStatus?
    /// The canary with the errors that were compared in its step.
    var canary: CanaryStatus?
    /// What is written.
    var writes: [Write] = []
    /// What people are told about the writes.
    var events: [EventNote] = []
    /// In how many seconds the clock alone may change something; nil for never.
    var wait: Double?
}

extension ObservedService {
    /// How long until a Job is looked at again that has ended while its pod has not been seen to.
    private static let patience = 2.0

    /// What becomes of the comparisons. Never two at once: the next Job is made when the one before it has ended and was
    /// taken up.
    func monitorCourse(_ goal: ServingGoal, _ now: Date) throws -> MonitorCourse {
        var course = MonitorCourse(canary: service.status?.canary)
        guard let rule = service.spec.monitoring, let pipeline else {
            course.writes = monitorJobs.map { .deleteJob($0.key, uid: $0.metadata.uid) }
            return course
        }
        course.accuracy = service.status?.accuracy
        course.monitoring = service.status?.monitoring ?? MonitoringStatus()
        let known = monitorJobs.compactMap { job in job.monitorSubject.map { (job, $0) } }
            .sorted { $0.1.time < $1.1.time }
        if let (job, subject) = known.last, isNew(subject) {
            takeUp(job, subject, &course, now)
            return course
        }
        let last = [known.last?.1.time, course.monitoring?.time].compactMap(\.self).max()
        try startNext(rule, pipeline, goal, after: last, &course, now)
        course.writes += surplus(known.map(\.0))
        return course
    }

    /// Whether the status does not say yet what became of it.
    private func isNew(_ subject: MonitorJob.Subject) -> Bool {
        guard let seen = MonitorSchedule.seconds(service.status?.monitoring?.time) else { return true }
        return MonitorSchedule.seconds(subject.time) ?? .min > seen
    }

    /// Takes up what the latest Job came to; nothing while it goes on.
    private func takeUp(
        _ job: Job,
        _ subject: MonitorJob.Subject,
        _ course: inout MonitorCourse,
        _ now: Date
    ) {
        let step = PlannedStep(name: MonitorJob.step, tasks: [.monitor], dependsOn: [])
        let observation = StepObserver(jobs: [job], pods: monitorPods, now: now).observe(step)
        let time = observation.completionTime ?? now
        switch observation.state {
        case .absent, .running, .waiting:
            // A Job whose pod has not been seen to end is looked at again: no event may come.
            if job.hasEnded { course.wait = Self.patience }
            return
        case .failed(let failure, _):
            course.monitoring?.failure = MonitoringStatus.Failure(advised(failure), time: time)
        case .succeeded(let result):
            guard let found = result.monitoring else {
                let message = "Job \(job.metadata.name) ended without a result; see its pod's log"
                let failure = StepFailure(reason: .workerFailed, message: message)
                course.monitoring?.failure = MonitoringStatus.Failure(failure, time: time)
                break
            }
            course.monitoring?.failure = nil
            fold(found, subject, time, &course)
        }
        course.monitoring?.job = job.metadata.name
        course.monitoring?.time = subject.time
    }

    private func fold(
        _ found: MonitorResult,
        _ subject: MonitorJob.Subject,
        _ time: Date,
        _ course: inout MonitorCourse
    ) {
        guard let canary = subject.canary else {
            course.accuracy = AccuracyStatus(found, version: subject.version, time: time)
            return
        }
        // One that is over, or at another step by now, is not judged by it.
        guard let trial = course.canary, subject.isAbout(trial) else { return }
        course.canary?.errors = CanaryErrorsStatus(
            found.comparison,
            canary: canary,
            stable: subject.version,
            time: time
        )
    }

    /// The field that the observer of a run's steps names is another one here.
    private func advised(_ failure: StepFailure) -> StepFailure {
        guard failure.reason == .deadlineExceeded else { return failure }
        let limit = service.spec.monitoring?.deadlineSeconds ?? MonitoringSpec.defaultDeadlineSeconds
        let advice = "raise spec.monitoring.deadlineSeconds, or compare less by spec.monitoring.windowSeconds"
        return StepFailure(reason: .deadlineExceeded, message: "it took longer than its \(limit) s; \(advice)")
    }

    private func startNext(
        _ rule: MonitoringSpec,
        _ pipeline: ForecastPipeline,
        _ goal: ServingGoal,
        after last: Date?,
        _ course: inout MonitorCourse,
        _ now: Date
    ) throws {
        // A service that was put to rest makes no pods.
        guard wantedPods > 0 else { return }
        let name = "\(service.metadata.namespace ?? "")/\(service.metadata.name)"
        let trial = goal.canary == nil ? nil : course.canary
        let schedule = MonitorSchedule(rule, of: name, canary: trial, spec: service.spec.canary)
        guard let instant = schedule.due(after: last, now: now) else {
            course.wait = schedule.wait(now: now)
            return
        }
        var subject = MonitorJob.Subject(time: instant.time, version: goal.stable.version)
        if instant.isTrial, let trial {
            subject.canary = trial.version
            subject.since = trial.since
        }
        let builder = MonitorJob(service: service, pipeline: pipeline, goal: goal, rule: rule, options: options)
        course.writes.append(.createJob(try builder.build(subject, now: now)))
    }

    /// The Jobs that are not kept: beside the latest one, the last that ended well and the last that did not.
    private func surplus(_ jobs: [Job]) -> [Write] {
        let ended = jobs.dropLast().filter(\.hasEnded)
        let well = jobs.last { $0.isComplete }
        let badly = jobs.last { $0.hasEnded && !$0.isComplete }
        let kept = Set([well, badly].compactMap { $0?.metadata.name })
        return ended.filter { !kept.contains($0.metadata.name) }
            .map { .deleteJob($0.key, uid: $0.metadata.uid) }
    }
}

extension Job {
    /// Whether it has ended well.
    fileprivate var isComplete: Bool {
        status?.conditions?.contains { $0.type == "Complete" && $0.status == "True" } ?? false
    }
}
