// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore
import Scheduling

extension ObservedPipeline {
    /// Follows the schedule: starts at most one run, notes what was skipped and why, and says when to look again.
    func followSchedule(
        _ status: inout ForecastPipelineStatus?,
        _ result: inout Plan<ForecastPipelineStatus>,
        _ now: Date
    ) throws {
        guard let spec = pipeline.spec.schedule else {
            status?.schedule = nil
            return
        }
        let facts = ScheduleFacts(
            schedule: try spec.schedule(zones: options.zones),
            policy: try spec.policy(suspend: pipeline.spec.suspend ?? false),
            status: pipeline.status?.schedule?.remembered,
            changeTime: changeTime(now),
            runs: runs.map(\.scheduled) + result.writes.compactMap(\.createdRun).map(\.scheduled),
            now: now
        )
        let decision = facts.decide()
        if let start = decision.start { try begin(start, &status, &result, now) }
        result.statusEvents += decision.skips.map { skipped($0, now) }
        if let next = decision.lookAgain {
            // A moment after the instant, so that a clock which is a little behind does not come too early.
            result.requeueAfter = .milliseconds(Int64(max(0, next.timeIntervalSince(now)) * 1_000) + 5)
        }
        var updated = status ?? ForecastPipelineStatus()
        updated.observedGeneration = pipeline.metadata.generation
        updated.schedule = PipelineScheduleStatus(decision.status, lastSuccessfulTime: lastSuccess)
        status = updated
    }

    /// When the schedule was last changed, as far as one can know: a new object says so itself.
    private func changeTime(_ now: Date) -> Date {
        pipeline.metadata.generation == 1 ? pipeline.metadata.creationTimestamp ?? now : now
    }

    private func begin(
        _ start: ScheduleDecision.Start,
        _ status: inout ForecastPipelineStatus?,
        _ result: inout Plan<ForecastPipelineStatus>,
        _ now: Date
    ) throws {
        for run in runs where start.replaces.contains(run.metadata.name) {
            result.writes.append(.deleteRun(run.key, uid: run.metadata.uid))
            let message = "run \(run.metadata.name) gives way to that of \(KubeTime.format(start.time))"
            result.events.append(
                EventNote(isWarning: true, reason: Reason.replaced.rawValue, action: "DeleteRun", message: message)
            )
        }
        let run = makeRun(
            Naming.run(pipeline: pipeline.metadata.name, scheduledTime: start.time),
            .schedule,
            scheduledTime: start.time
        )
        result.writes.append(.createRun(run))
        result.events.append(started(run))
        status = PipelineReducer.status(of: pipeline(with: status), run: run, kept: keptVersions, now: now)
    }

    private func skipped(_ skip: ScheduleDecision.Skip, _ now: Date) -> EventNote {
        let latest = KubeTime.format(skip.latest)
        let what =
            skip.count == 1 ? "the run of \(latest) was skipped" : "\(skip.count) runs up to \(latest) were skipped"
        return EventNote(
            isWarning: skip.reason != .suspended,
            reason: skip.reason.rawValue,
            action: "SkipRun",
            message: "\(what): \(explanation(of: skip, now))"
        )
    }

    /// Why, for a person.
    private func explanation(of skip: ScheduleDecision.Skip, _ now: Date) -> String {
        switch skip.reason {
        case .stillRunning: return "a run was still active, and spec.schedule.concurrencyPolicy is Forbid"
        case .notCaughtUp: return "it was noticed late, and spec.schedule.catchUpPolicy is None"
        case .superseded: return "it was noticed late, and a later one took its place"
        case .suspended: return "spec.suspend was true"
        case .deadlinePassed:
            let late = Int(now.timeIntervalSince(skip.latest))
            let deadline = pipeline.spec.schedule?.startingDeadlineSeconds ?? 0
            let advice =
                deadline < 60 ? "; nobody looks while the operator restarts, so allow for a minute or more" : ""
            return "it was noticed \(late) s late, and spec.schedule.startingDeadlineSeconds is \(deadline)\(advice)"
        }
    }

    private var lastSuccess: Date? {
        let times = runs.filter { $0.spec.trigger == .schedule && $0.hasSucceeded }.compactMap(\.status?.completionTime)
        return (times + [pipeline.status?.schedule?.lastSuccessfulTime].compactMap { $0 }).max()
    }
}

extension ForecastRun {
    /// The run as a schedule sees it.
    fileprivate var scheduled: ScheduledRun {
        ScheduledRun(
            name: metadata.name,
            scheduledTime: spec.scheduledTime,
            isActive: status?.isFinished != true && metadata.deletionTimestamp == nil
        )
    }

    /// Whether the run ended with a model, whatever the gate said of it.
    var hasSucceeded: Bool { status?.conditions?.condition(ConditionType.succeeded)?.status == .yes }
}

extension Write {
    /// The run that this makes.
    var createdRun: ForecastRun? {
        if case .createRun(let run) = self { run } else { nil }
    }
}
