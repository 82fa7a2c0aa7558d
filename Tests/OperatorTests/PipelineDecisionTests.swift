// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import Operator

@Suite("What is decided about a pipeline")
struct PipelineDecisionTests {
    private let now = Objects.now

    private func observed(_ pipeline: ForecastPipeline, runs: [ForecastRun] = []) -> ObservedPipeline {
        let name = Naming.run(pipeline: "demo", generation: pipeline.metadata.generation ?? 0)
        return ObservedPipeline(
            pipeline: pipeline,
            runs: runs,
            runOfGeneration: runs.first { $0.metadata.name == name },
            claim: StoreClaim(pipeline: pipeline, options: Objects.options).build(),
            ownServices: [],
            options: Objects.options
        )
    }

    private func ready(_ plan: Plan<ForecastPipelineStatus>) -> Condition? {
        plan.status?.conditions?.condition(ConditionType.ready)
    }

    /// The pipeline after its first look, with the run that it started.
    private func started() throws -> (ForecastPipeline, ForecastRun) {
        var pipeline = Objects.pipeline()
        pipeline.status = try observed(pipeline).decide(now: now).status
        return (pipeline, Objects.run(of: pipeline, gate: nil))
    }

    @Test("a new pipeline gets its claim and its first run, by a name that follows from its generation")
    func first() throws {
        var facts = observed(Objects.pipeline())
        facts.claim = nil
        let plan = try facts.decide(now: now)
        guard case .createClaim(let claim) = plan.writes.first, case .createRun(let run) = plan.writes.last else {
            Issue.record("\(plan.writes)")
            return
        }
        #expect(claim.metadata.name == "demo-store" && claim.metadata.isControlled(by: "pipeline-uid"))
        #expect(run.metadata.name == "demo-g1" && run.spec.trigger == .specChange)
        #expect(run.template != nil && run.template?.service == nil)
        #expect(ready(plan)?.reason == "Running")
        #expect(plan.events.map(\.reason) == ["RunStarted"])
    }

    @Test("deleting the object of the latest run undoes nothing, and ends the wait for one that went on")
    func deletedRun() throws {
        let (pipeline, run) = try started()
        var facts = observed(pipeline, runs: [])
        let status = try facts.decide(now: now + 1).status
        #expect(status?.lastRun?.name == run.metadata.name && status?.lastRun?.outcome == .cancelled)
        #expect(status?.conditions?.condition(ConditionType.ready)?.message.contains("was deleted") == true)
        #expect(status?.conditions?.holds(ConditionType.reconciling) == false)
        facts.pipeline.status = status
        #expect(try facts.decide(now: now + 2) == Plan())
        let earlier = Objects.run(of: pipeline, gate: .passed, version: "v0")
        facts.pipeline.status?.model = Objects.model("v1")
        facts.pipeline.status?.lastRun?.outcome = .promoted
        facts.pipeline.status?.lastRun?.startTime = now
        facts.runs = [earlier]
        facts.runs[0].metadata.name = "demo-g0"
        facts.runs[0].metadata.creationTimestamp = now - 60
        #expect(try facts.decide(now: now + 2).status == nil)
    }

    @Test(
        "a claim or a bucket of the user's own is used, and no claim is made",
        arguments: [
            StoreSpec(persistentVolumeClaim: ClaimReference(claimName: "mine")),
            StoreSpec(s3: S3StoreSpec(bucket: "models")),
        ]
    )
    func ownStore(store: StoreSpec) throws {
        var pipeline = Objects.pipeline()
        pipeline.spec.store = store
        var facts = observed(pipeline)
        facts.claim = nil
        #expect(try facts.decide(now: now).writes.count == 1)
    }

    @Test("a look at the same facts again changes nothing")
    func steady() throws {
        let (pipeline, run) = try started()
        #expect(try observed(pipeline, runs: [run]).decide(now: now.addingTimeInterval(60)).writes.isEmpty)
        var facts = observed(pipeline, runs: [run])
        facts.pipeline.status = try facts.decide(now: now).status ?? pipeline.status
        #expect(try facts.decide(now: now.addingTimeInterval(60)) == Plan())
    }

    @Test("a passed gate promotes the version and makes the service; the metrics and the threshold are in the status")
    func promotes() throws {
        var (pipeline, _) = try started()
        let plan = try observed(pipeline, runs: [Objects.run(of: pipeline, gate: .passed)]).decide(now: now)
        #expect(plan.status?.model?.version == "v1" && plan.status?.model?.claimName == "demo-store")
        #expect(ready(plan)?.status == .yes && ready(plan)?.reason == "GatePassed")
        #expect(plan.status?.gate?.threshold == 1 && plan.status?.lastRun?.outcome == .promoted)
        guard case .applyService(let service) = plan.writes.first else {
            Issue.record("\(plan.writes)")
            return
        }
        #expect(service.spec.model.version == "Latest" && service.spec.replicas == nil)
        pipeline.status = plan.status
        var again = observed(pipeline, runs: [Objects.run(of: pipeline, gate: .passed)])
        again.service = service
        again.ownServices = [service]
        #expect(try again.decide(now: now) == Plan())
    }

    @Test("a number of pods set by hand on the service stays where the pipeline names none")
    func scaledByHand() throws {
        var (pipeline, _) = try started()
        let run = Objects.run(of: pipeline, gate: .passed)
        pipeline.status = try observed(pipeline, runs: [run]).decide(now: now).status
        var facts = observed(pipeline, runs: [run])
        facts.service = Objects.service(replicas: 3)
        facts.service?.metadata.ownerReferences = pipeline.controllerReference.map { [$0] }
        #expect(try facts.decide(now: now).writes.isEmpty)
        facts.pipeline.spec.service?.replicas = 2
        #expect(try facts.decide(now: now).writes.count == 1)
    }

    @Test("a failed gate leaves the promoted version where it is and says so")
    func gateFails() throws {
        var (pipeline, _) = try started()
        pipeline.status?.model = Objects.model("v0")
        let plan = try observed(pipeline, runs: [Objects.run(of: pipeline, gate: .failed)]).decide(now: now)
        #expect(plan.status?.model?.version == "v0" && plan.status?.lastRun?.outcome == .gateFailed)
        #expect(ready(plan)?.reason == "GateFailed" && ready(plan)?.message.contains("version v0 stays") == true)
        #expect(plan.statusEvents.last?.isWarning == true)
    }

    @Test("a new value of runRequest starts a run, the same value none, and one run at a time")
    func runRequest() throws {
        var (pipeline, first) = try started()
        pipeline.metadata.generation = 2
        pipeline.spec.runRequest = "again"
        #expect(try observed(pipeline, runs: [first]).decide(now: now).writes.isEmpty)
        first = Objects.run(of: Objects.pipeline(), gate: .passed)
        let plan = try observed(pipeline, runs: [first]).decide(now: now)
        let runs = plan.writes.compactMap { write in
            if case .createRun(let run) = write { run } else { nil }
        }
        #expect(runs.map(\.metadata.name) == ["demo-g2"] && runs.first?.spec.trigger == .runRequest)
        #expect(plan.status?.observedRunRequest == "again")
    }

    @Test("a change of what only the service needs starts no run")
    func serviceChange() throws {
        var (pipeline, _) = try started()
        let run = Objects.run(of: pipeline, gate: .passed)
        pipeline.metadata.generation = 2
        pipeline.spec.service?.replicas = 2
        let plan = try observed(pipeline, runs: [run]).decide(now: now)
        #expect(
            plan.writes.allSatisfy { write in
                if case .applyService = write { true } else { false }
            }
        )
    }

    @Test("a suspended pipeline starts nothing and says what it waits for")
    func suspended() throws {
        var pipeline = Objects.pipeline()
        pipeline.spec.suspend = true
        let plan = try observed(pipeline).decide(now: now)
        #expect(plan.writes.isEmpty && ready(plan)?.reason == "Suspended")
    }

    @Test("a run that waits for an image gives way to a new specification")
    func superseded() throws {
        var (pipeline, run) = try started()
        run.status = ForecastRunStatus()
        run.status?.conditions = [
            Condition(ConditionType.succeeded, .unknown, reason: "ImagePullFailed", message: "no such image")
        ]
        pipeline.metadata.generation = 2
        pipeline.spec.model.horizon = 3
        let plan = try observed(pipeline, runs: [run]).decide(now: now)
        guard case .deleteRun(let key, _) = plan.writes.first, case .createRun(let next) = plan.writes.last else {
            Issue.record("\(plan.writes)")
            return
        }
        #expect(key.name == "demo-g1" && next.metadata.name == "demo-g2")
        #expect(plan.events.first?.reason == "Superseded")
    }

    @Test("a specification that contradicts itself is answered on the object, with all its problems")
    func invalid() throws {
        var pipeline = Objects.pipeline()
        pipeline.spec.source.csv?.url = "http://both/"
        pipeline.spec.model.horizon = 0
        let plan = try observed(pipeline).decide(now: now)
        #expect(plan.writes.isEmpty && ready(plan)?.reason == "InvalidSpec")
        #expect(ready(plan)?.message.contains("spec.source.csv") == true)
        #expect(ready(plan)?.message.contains("spec.model.horizon") == true)
        #expect(plan.status?.conditions?.holds(ConditionType.stalled) == true)
    }

    @Test("finished runs beyond the history are deleted, oldest first, never the latest")
    func history() throws {
        var (pipeline, _) = try started()
        pipeline.spec.history = HistorySpec(successfulRuns: 1, failedRuns: 0)
        let runs = (1...4).map { index in
            var each = pipeline
            each.metadata.generation = Int64(index)
            var run = Objects.run(of: each, gate: .passed, version: "v\(index)")
            run.metadata.creationTimestamp = now.addingTimeInterval(Double(index))
            return run
        }
        let deleted = try observed(pipeline, runs: runs).decide(now: now).writes.compactMap { write in
            if case .deleteRun(let key, _) = write { key.name } else { nil }
        }
        #expect(Set(deleted) == ["demo-g1", "demo-g2", "demo-g3"])
    }

    @Test("a service of a former name is deleted")
    func renamed() throws {
        var (pipeline, _) = try started()
        let run = Objects.run(of: pipeline, gate: .passed)
        pipeline.status = try observed(pipeline, runs: [run]).decide(now: now).status
        var facts = observed(pipeline, runs: [run])
        var former = Objects.service()
        former.metadata.name = "former"
        facts.ownServices = [former]
        let plan = try facts.decide(now: now)
        #expect(plan.writes.contains(.deleteService(former.key, uid: "service-uid")))
    }

    @Test("a service of that name that is somebody else's is left alone")
    func foreignService() throws {
        var facts = observed(Objects.pipeline())
        facts.service = Objects.service()
        let plan = try facts.decide(now: now)
        #expect(plan.writes.isEmpty && ready(plan)?.reason == "NameConflict" && plan.requeueAfter != nil)
    }

    @Test("a pipeline that is being deleted is left to garbage collection")
    func deleted() throws {
        var pipeline = Objects.pipeline()
        pipeline.metadata.deletionTimestamp = now
        #expect(try observed(pipeline).decide(now: now) == Plan())
    }
}
