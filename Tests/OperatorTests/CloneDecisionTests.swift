// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import Operator

@Suite("What is decided about runs that people make and end")
struct CloneDecisionTests {
    private let now = Objects.now
    private let pipeline = Objects.pipeline()

    /// A clone of the pipeline's first run, already adopted where `isOwned`.
    private func observed(
        name: String = "longer",
        overrides: JSONValue = .object(["model": .object(["lookback": .int(48)])]),
        isOwned: Bool = true
    ) -> ObservedRun {
        var metadata = Objects.meta(name, uid: "clone-uid")
        if isOwned { metadata.ownerReferences = pipeline.controllerReference.map { [$0] } }
        let spec = ForecastRunSpec(
            pipelineRef: NameReference(name: "demo"),
            fromRun: "demo-g1",
            overrides: TemplateOverrides(overrides)
        )
        return ObservedRun(
            run: ForecastRun(metadata: metadata, spec: spec),
            pipeline: pipeline,
            origin: Objects.run(of: pipeline, gate: .passed),
            jobs: [],
            pods: [],
            options: Objects.options
        )
    }

    private func condition(_ plan: Plan<ForecastRunStatus>) -> Condition? {
        plan.status?.conditions?.condition(ConditionType.succeeded)
    }

    @Test("a clone is adopted, then gets its template once, then its first Job with what was changed")
    func takenUp() throws {
        var facts = observed(isOwned: false)
        #expect(try facts.decide(now: now).writes == [.adoptRun(facts.run, by: pipeline)])
        facts = observed()
        let plan = try facts.decide(now: now)
        #expect(plan.writes.isEmpty && plan.status?.template?.model.lookback == 48)
        #expect(plan.status?.template?.service == nil && condition(plan)?.status == .unknown)
        facts.run.status = plan.status
        // What it comes from is not needed any more.
        facts.origin = nil
        guard case .createJob(let job) = try facts.decide(now: now).writes.first else {
            Issue.record("no Job")
            return
        }
        let text = try #require(job.spec?.template.metadata?.annotations?[Naming.requestAnnotation])
        let request = try KubeJSON.decoder().decode(StepRequest.self, from: Data(text.utf8))
        #expect(request.spec.model.lookback == 48 && request.version.hasPrefix("20270115-080000-"))
    }

    @Test("a bad override is answered on the object, with its path")
    func badOverride() throws {
        let facts = observed(overrides: .object(["model": .object(["horzon": .int(1)])]))
        let plan = try facts.decide(now: now)
        #expect(plan.writes.isEmpty && condition(plan)?.status == .no && condition(plan)?.reason == "InvalidSpec")
        #expect(condition(plan)?.message.contains("spec.overrides.model.horzon") == true)
    }

    @Test("a run that is not there, another pipeline's run and a pipeline that is not there are told apart")
    func missing() throws {
        var facts = observed()
        facts.origin = nil
        #expect(condition(try facts.decide(now: now))?.reason == "RunNotFound")
        facts = observed()
        facts.origin?.spec.pipelineRef.name = "other"
        #expect(condition(try facts.decide(now: now))?.message.contains("is of pipeline other") == true)
        facts = observed()
        facts.pipeline = nil
        #expect(condition(try facts.decide(now: now))?.reason == "PipelineNotFound")
    }

    @Test("a clone of a clone waits until that one has its template, and ends where it never gets one")
    func chain() throws {
        var facts = observed()
        facts.origin?.spec.template = nil
        facts.origin?.status = nil
        #expect(try facts.decide(now: now) == Plan(requeueAfter: .seconds(2)))
        facts.origin?.status = ForecastRunStatus()
        facts.origin?.status?.conditions = [Condition(ConditionType.succeeded, .no, reason: "InvalidSpec", message: "")]
        #expect(condition(try facts.decide(now: now))?.reason == "RunNotFound")
    }

    @Test("names that the pipeline itself will need are refused", arguments: ["demo-g7", "demo-29812345"])
    func keptNames(name: String) throws {
        let plan = try observed(name: name).decide(now: now)
        #expect(condition(plan)?.message.contains("metadata.name") == true)
        #expect(!Naming.isKept("demo-fast", forRunsOf: "demo") && !Naming.isKept("demo-g", forRunsOf: "demo"))
    }

    @Test("what a server without CEL lets through is refused here")
    func contradictions() throws {
        var facts = observed()
        facts.run.spec.trigger = .schedule
        #expect(condition(try facts.decide(now: now))?.message.contains("spec.trigger") == true)
        facts = observed()
        facts.run.spec.fromRun = nil
        #expect(condition(try facts.decide(now: now))?.message.contains("there is none") == true)
    }

    @Test("cancel deletes the Job that runs, then ends the run; a Job that has ended stays")
    func cancel() throws {
        var facts = observed()
        facts.run.status = try facts.decide(now: now).status
        var ended = Job(metadata: Objects.meta("longer-prepare", uid: "a", labels: [Naming.stepLabel: "prepare"]))
        ended.status = JobStatus(conditions: [StatusCondition(type: "Complete", status: "True")])
        let active = Job(metadata: Objects.meta("longer-train", uid: "b", labels: [Naming.stepLabel: "train"]))
        facts.jobs = [ended, active]
        var train = StepStatus(name: "train", state: .running, attempts: 1)
        train.job = "longer-train"
        facts.run.status?.steps = [StepStatus(name: "prepare", state: .succeeded, attempts: 1), train]
        facts.run.spec.cancel = true
        let plan = try facts.decide(now: now)
        #expect(plan.writes == [.deleteJob(active.key, uid: "b")] && plan.status == nil)
        facts.jobs = [ended]
        let done = try facts.decide(now: now)
        #expect(condition(done)?.reason == "Cancelled" && condition(done)?.status == .no)
        #expect(condition(done)?.message == "ended by spec.cancel, in step train, 1 of 2 steps done")
        #expect(done.status?.steps?.map(\.state) == [.succeeded, .failed])
        #expect(done.statusEvents.map(\.reason) == ["Cancelled"] && done.statusEvents.first?.isWarning == false)
        facts.run.status = done.status
        #expect(try facts.decide(now: now) == Plan())
    }

    @Test("ending the latest run leaves a pipeline as ready as it was")
    func cancelledLatest() {
        var pipeline = pipeline
        pipeline.status = ForecastPipelineStatus()
        pipeline.status?.conditions = [Condition(ConditionType.ready, .yes, reason: "GatePassed", message: "")]
        pipeline.status?.model = Objects.model("v1")
        var run = Objects.run(of: pipeline, gate: nil)
        run.status = ForecastRunStatus()
        run.status?.conditions = [Condition(ConditionType.succeeded, .no, reason: "Cancelled", message: "ended")]
        let status = PipelineReducer.status(of: pipeline, run: run, now: now)
        #expect(status.lastRun?.outcome == .cancelled && status.model?.version == "v1")
        let ready = status.conditions?.condition(ConditionType.ready)
        #expect(ready?.status == .yes && ready?.reason == "Cancelled")
        #expect(status.conditions?.holds(ConditionType.stalled) == false)
    }
}
