// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Scheduling
import TestSupport
import Testing

@testable import Operator

@Suite("Runs that start because of served forecasts")
struct RetrainDecisionTests {
    private let start = Objects.now
    private let day = 86_400.0

    /// A pipeline that has promoted v1 by its first run, and a service of it.
    private func settled(_ change: (inout ForecastPipelineSpec) -> Void = { _ in }) throws -> ObservedPipeline {
        var pipeline = Objects.pipeline()
        pipeline.spec.service = nil
        pipeline.spec.retrain = RetrainSpec(onAccuracyLoss: true, onDrift: true)
        change(&pipeline.spec)
        let run = Objects.run(of: pipeline, gate: .passed)
        var facts = ObservedPipeline(
            pipeline: pipeline,
            runs: [run],
            runOfGeneration: run,
            claim: StoreClaim(pipeline: pipeline, options: Objects.options).build(),
            ownServices: [],
            options: Objects.options
        )
        facts.pipeline.status = try facts.decide(now: start + 60).status
        return facts
    }

    /// A service that has found that of a version.
    private func service(
        _ reason: Reason,
        at time: Date,
        version: String = "v1",
        name: String = "demo"
    ) -> ForecastService {
        var service = Objects.service()
        service.metadata.name = name
        service.spec.monitoring = MonitoringSpec(maxMAE: 1)
        var status = ForecastServiceStatus()
        status.accuracy = AccuracyStatus(
            Live.result(version: version, values: 500, mae: 2),
            version: version,
            time: time
        )
        let isDrift = reason == .inputsDrifted
        let type = isDrift ? ConditionType.inputsStable : ConditionType.forecastAccurate
        let holds = reason == .accurate
        status.conditions = [
            Condition(type, holds ? .yes : .no, reason: reason.rawValue, message: "MAE 2 (limit 1)")
        ]
        service.status = status
        return service
    }

    private func created(_ plan: Plan<ForecastPipelineStatus>) -> [ForecastRun] {
        plan.writes.compactMap(\.createdRun)
    }

    @Test("lost accuracy and drift start a run of their own trigger, with the service's words in the event")
    func starts() throws {
        for (reason, trigger) in [(Reason.accuracyLost, RunTrigger.accuracy), (.inputsDrifted, .drift)] {
            var facts = try settled()
            let found = start + day
            facts.servingServices = [service(reason, at: found)]
            let plan = try facts.decide(now: found + 5)
            let run = try #require(created(plan).first)
            #expect(run.spec.trigger == trigger && run.metadata.name == "demo-f\(Int(found.timeIntervalSince1970))")
            #expect(
                plan.events.first?.message.hasSuffix("(\(trigger.rawValue)): service demo says MAE 2 (limit 1)") == true
            )
            #expect(Naming.isKept(run.metadata.name, forRunsOf: "demo"), "no clone takes that name")
            // The run is there, the status was not written: nothing starts twice.
            var made = run
            made.metadata.creationTimestamp = found + 5
            facts.runs.append(made)
            let again = try facts.decide(now: found + 6)
            #expect(created(again).isEmpty)
            #expect(again.status?.retrain?.run == run.metadata.name && again.status?.retrain?.time == found)
            #expect(again.status?.lastRun?.trigger == trigger)
        }
    }

    @Test(
        "what is fine, of another version, not asked for, or of a service that is not compared any more starts nothing"
    )
    func ignores() throws {
        var facts = try settled()
        let found = start + day
        var unmonitored = service(.accuracyLost, at: found)
        unmonitored.spec.monitoring = nil
        var unknown = service(.accuracyLost, at: found)
        unknown.status?.conditions?[0].status = .unknown
        for one in [
            service(.accurate, at: found), service(.accuracyLost, at: found, version: "v0"), unmonitored, unknown,
        ] {
            facts.servingServices = [one]
            #expect(created(try facts.decide(now: found + 5)).isEmpty)
        }
        facts = try settled { $0.retrain = RetrainSpec(onDrift: true) }
        facts.servingServices = [service(.accuracyLost, at: found)]
        #expect(created(try facts.decide(now: found + 5)).isEmpty)
        facts = try settled { $0.retrain = nil }
        facts.servingServices = [service(.accuracyLost, at: found)]
        #expect(try facts.decide(now: found + 5) == Plan())
    }

    @Test("the cooldown counts from the latest run of any trigger, however it ended, and is waited for")
    func cooldown() throws {
        var facts = try settled()
        facts.servingServices = [service(.accuracyLost, at: start + 3_600)]
        let early = try facts.decide(now: start + 7_200)
        #expect(created(early).isEmpty && early.requeueAfter == .milliseconds(Int64(day - 7_200) * 1_000 + 1))
        facts.runs = []
        #expect(created(try facts.decide(now: start + 7_200)).isEmpty, "also where the run was deleted")
        #expect(created(try facts.decide(now: start + day)).count == 1)
    }

    @Test("suspend and the concurrency policy are obeyed")
    func policies() throws {
        let found = start + day
        var suspended = try settled { $0.suspend = true }
        suspended.servingServices = [service(.accuracyLost, at: found)]
        #expect(created(try suspended.decide(now: found + 5)).isEmpty)
        for (policy, starts, stops) in [
            (ConcurrencyPolicy.forbid, 0, 0), (.allow, 1, 0), (.replace, 1, 1),
        ] {
            var facts = try settled {
                $0.schedule = ScheduleSpec(crons: ["0 0 1 1 *"])
                $0.schedule?.concurrencyPolicy = policy
            }
            facts.servingServices = [service(.accuracyLost, at: found)]
            facts.runs[0].status = nil
            let plan = try facts.decide(now: found + 5)
            #expect(created(plan).count == starts, "\(policy)")
            let deleted = plan.writes.count { if case .deleteRun = $0 { true } else { false } }
            #expect(deleted == stops, "\(policy)")
        }
    }

    @Test(
        "whatever is found, and whenever processes stop: never two runs in one cooldown, none twice of one finding",
        arguments: UInt64(0)..<20
    )
    func simulation(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let cooldown = Int.random(in: 600...20_000, using: &random)
        var facts = try settled { $0.retrain?.cooldownSeconds = cooldown }
        var now = start + 60
        var starts: [Date] = [start]
        var names: Set<String> = []
        for _ in 0..<400 {
            now += Double.random(in: 1...1_200, using: &random)
            let version = facts.pipeline.status?.model?.version ?? ""
            if random.chance(60) {
                let reason = random.pick([Reason.accuracyLost, .inputsDrifted, .accurate])
                let name = random.pick(["a", "b"])
                facts.servingServices.removeAll { $0.metadata.name == name }
                facts.servingServices.append(
                    service(reason, at: now, version: random.chance(90) ? version : "v0", name: name)
                )
            }
            let plan = try facts.decide(now: now)
            let isStopped = random.chance(20)
            for write in plan.writes {
                if case .createRun(var run) = write {
                    #expect(now.timeIntervalSince(starts.max() ?? now) >= Double(cooldown))
                    #expect(names.insert(run.metadata.name).inserted, "\(run.metadata.name) twice")
                    run.metadata.creationTimestamp = now
                    starts.append(now)
                    facts.runs.append(run)
                }
                if case .deleteRun(let key, _) = write { facts.runs.removeAll { $0.key == key } }
            }
            if plan.writes.isEmpty, !isStopped, let status = plan.status { facts.pipeline.status = status }
            end(&facts, &random)
        }
        #expect(starts.count > 2)
        #expect(starts.count <= Int(now.timeIntervalSince(start)) / cooldown + 2)
    }

    /// Runs that go on may end, with a version that passes its gate, one that does not, or without one.
    private func end(_ facts: inout ObservedPipeline, _ random: inout SeededRandom) {
        for index in facts.runs.indices where facts.runs[index].status == nil && random.chance(40) {
            let name = facts.runs[index].metadata.name
            let version = "w\(facts.runs[index].metadata.creationTimestamp?.timeIntervalSince1970 ?? 0)"
            var ended = Objects.run(of: facts.pipeline, gate: random.chance(30) ? .passed : .failed, version: version)
            if random.chance(30) {
                ended.status?.model = nil
                ended.status?.gate = nil
                let failure = Condition(ConditionType.succeeded, .no, reason: "BadData", message: "\(name): no rows")
                ended.status?.conditions = [failure]
            }
            facts.runs[index].status = ended.status
        }
    }
}
