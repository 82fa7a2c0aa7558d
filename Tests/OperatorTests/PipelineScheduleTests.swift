// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Scheduling
import Testing

@testable import Operator

@Suite("A pipeline's schedule")
struct PipelineScheduleTests {
    /// 2027-01-15 08:00 UTC, when the pipeline is made.
    private let start = Objects.now

    /// A pipeline of that schedule whose first run, that of its specification, has ended.
    private func settled(_ change: (inout ScheduleSpec) -> Void = { _ in }) throws -> ObservedPipeline {
        var pipeline = Objects.pipeline()
        pipeline.spec.service = nil
        var schedule = ScheduleSpec(crons: ["0 * * * *"])
        change(&schedule)
        pipeline.spec.schedule = schedule
        let run = Objects.run(of: pipeline, gate: .passed)
        var facts = ObservedPipeline(
            pipeline: pipeline,
            runs: [run],
            runOfGeneration: run,
            claim: StoreClaim(pipeline: pipeline, options: Objects.options).build(),
            ownServices: [],
            options: Objects.options
        )
        facts.pipeline.status = try facts.decide(now: start.addingTimeInterval(60)).status
        return facts
    }

    private func after(minutes: Double) -> Date { start.addingTimeInterval(minutes * 60 + 0.01) }

    private func created(_ plan: Plan<ForecastPipelineStatus>) -> [ForecastRun] {
        plan.writes.compactMap { write in
            if case .createRun(let run) = write { run } else { nil }
        }
    }

    @Test("the next instant is in the status, and the pipeline is looked at again just then")
    func waits() throws {
        let facts = try settled()
        #expect(facts.pipeline.status?.schedule?.nextScheduleTime == start.addingTimeInterval(3_600))
        let plan = try facts.decide(now: start.addingTimeInterval(60))
        #expect(plan == Plan(requeueAfter: .milliseconds(3_540_005)))
    }

    @Test("an instant starts one run, whose name and window follow from it")
    func starts() throws {
        var facts = try settled()
        let plan = try facts.decide(now: after(minutes: 60))
        let run = try #require(created(plan).first)
        #expect(run.metadata.name == "demo-\(Int(start.timeIntervalSince1970 / 60) + 60)")
        #expect(run.spec.trigger == .schedule && run.spec.scheduledTime == start.addingTimeInterval(3_600))
        #expect(plan.events.map(\.reason) == ["RunStarted"])
        // The run is there, the status was not written: nothing starts twice.
        facts.runs.append(run)
        let again = try facts.decide(now: after(minutes: 61))
        #expect(created(again).isEmpty)
        #expect(again.status?.schedule?.lastScheduleTime == start.addingTimeInterval(3_600))
        #expect(again.status?.lastRun?.trigger == .schedule)
    }

    @Test("an instant that comes while a run is active is skipped, in an event and in the status")
    func forbids() throws {
        var facts = try settled()
        facts.runs.append(contentsOf: created(try facts.decide(now: after(minutes: 60))))
        let plan = try facts.decide(now: after(minutes: 120))
        #expect(plan.writes.isEmpty)
        #expect(plan.status?.schedule?.missedCount == 1)
        #expect(plan.status?.schedule?.lastMissed?.reason == .stillRunning)
        let note = try #require(plan.statusEvents.first { $0.reason == "StillRunning" })
        #expect(note.message.contains("2027-01-15T10:00:00Z") && note.message.contains("concurrencyPolicy"))
    }

    @Test("Replace stops the active run, Allow leaves it", arguments: [ConcurrencyPolicy.replace, .allow])
    func otherPolicies(policy: ConcurrencyPolicy) throws {
        var facts = try settled { $0.concurrencyPolicy = policy }
        let first = created(try facts.decide(now: after(minutes: 60)))
        facts.runs.append(contentsOf: first)
        facts.pipeline.status = try facts.decide(now: after(minutes: 61)).status
        let plan = try facts.decide(now: after(minutes: 120))
        #expect(created(plan).count == 1)
        let deleted = plan.writes.contains { write in
            if case .deleteRun(let key, _) = write { key.name == first.first?.metadata.name } else { false }
        }
        #expect(deleted == (policy == .replace))
    }

    @Test("of two runs that overlap the earlier one is promoted although the later one goes on")
    func overlap() throws {
        var facts = try settled { $0.concurrencyPolicy = .allow }
        var first = try #require(created(try facts.decide(now: after(minutes: 60))).first)
        first.metadata.creationTimestamp = after(minutes: 60)
        var second = first
        second.metadata.name = "demo-later"
        second.metadata.creationTimestamp = after(minutes: 118)
        first.status = Objects.run(of: facts.pipeline, gate: .passed, version: "v2").status
        facts.runs += [first, second]
        let plan = try facts.decide(now: after(minutes: 119))
        #expect(plan.status?.model?.version == "v2" && plan.status?.lastRun?.name == "demo-later")
    }

    @Test("a suspended pipeline has no next instant, and starts none of those that passed when it resumes")
    func suspension() throws {
        var facts = try settled()
        facts.pipeline.spec.suspend = true
        facts.pipeline.metadata.generation = 2
        facts.pipeline.status = try facts.decide(now: after(minutes: 30)).status
        #expect(facts.pipeline.status?.schedule?.nextScheduleTime == nil)
        #expect(try facts.decide(now: after(minutes: 300)).writes.isEmpty)
        facts.pipeline.spec.suspend = false
        facts.pipeline.metadata.generation = 3
        let plan = try facts.decide(now: after(minutes: 330))
        #expect(plan.writes.isEmpty)
        #expect(plan.status?.schedule?.nextScheduleTime == start.addingTimeInterval(6 * 3_600))
        #expect(plan.status?.schedule?.missedCount == 0)
    }

    @Test("a schedule that is taken away leaves nothing behind")
    func removed() throws {
        var facts = try settled()
        facts.pipeline.spec.schedule = nil
        facts.pipeline.metadata.generation = 2
        let plan = try facts.decide(now: after(minutes: 70))
        #expect(plan.writes.isEmpty && plan.status?.schedule == nil && plan.requeueAfter == nil)
    }

    @Test("a change of the schedule alone starts no run")
    func edited() throws {
        var facts = try settled()
        facts.pipeline.spec.schedule?.crons = ["30 * * * *"]
        facts.pipeline.metadata.generation = 2
        facts.runOfGeneration = nil
        let plan = try facts.decide(now: after(minutes: 45))
        #expect(plan.writes.isEmpty)
        #expect(plan.status?.schedule?.nextScheduleTime == start.addingTimeInterval(5_400))
    }

    @Test("a deadline that is shorter than the operator's restart is told, with what to do")
    func deadline() throws {
        let facts = try settled { $0.startingDeadlineSeconds = 10 }
        let plan = try facts.decide(now: after(minutes: 60) + 25)
        let skip = plan.statusEvents.first { $0.reason == "DeadlinePassed" }
        #expect(plan.writes.isEmpty && plan.status?.schedule?.lastMissed?.reason == .deadlinePassed)
        #expect(skip?.message.contains("noticed 25 s late, and spec.schedule.startingDeadlineSeconds is 10;") == true)
        #expect(skip?.message.contains("while the operator restarts") == true)
    }

    @Test("a time zone that does not exist is answered on the object, with the one that was meant")
    func zone() throws {
        var facts = try settled()
        facts.pipeline.spec.schedule?.timeZone = "Europe/Amsterdm"
        let ready = try facts.decide(now: start).status?.conditions?.condition(ConditionType.ready)
        #expect(ready?.message.hasPrefix("spec.schedule.timeZone: ") == true)
        #expect(ready?.message.hasSuffix("did you mean Europe/Amsterdam?") == true)
    }

    @Test("a mistake is answered on the object", arguments: ["0 0 30 2 *", "*/0 * * * *", "0 0 3 * * *"])
    func mistakes(cron: String) throws {
        let facts = try settled()
        var broken = facts
        broken.pipeline.spec.schedule?.crons = [cron]
        let status = try broken.decide(now: start).status
        #expect(status?.schedule != nil && status?.schedule?.nextScheduleTime == nil)
        let ready = status?.conditions?.condition(ConditionType.ready)
        #expect(ready?.reason == "InvalidSpec" && ready?.message.hasPrefix("spec.schedule.crons: cron ") == true)
    }
}
