// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import Operator

@Suite("What is decided about a service")
struct ServiceDecisionTests {
    private let now = Objects.now

    private func observed(
        _ service: ForecastService = Objects.service(),
        promoted: String? = "v1",
        pods: [Pod] = []
    ) -> ObservedService {
        var pipeline = Objects.pipeline()
        pipeline.status = ForecastPipelineStatus()
        pipeline.status?.model = promoted.map(Objects.model)
        return ObservedService(service: service, pipeline: pipeline, pods: pods, options: Objects.options)
    }

    /// Carries a plan out as the API server and the Deployment controller would.
    private func settled(_ facts: ObservedService, ready: Int32, updated: Int32, replicas: Int32) throws
        -> ObservedService
    {
        var facts = facts
        for write in try facts.decide(now: now).writes {
            switch write {
            case .applyDeployment(var deployment):
                deployment.metadata.uid = "deployment-uid"
                deployment.metadata.generation = 1
                facts.deployment = deployment
            case .applyNetwork(let network): facts.network = network
            default: Issue.record("\(write)")
            }
        }
        facts.deployment?.status = DeploymentStatus(
            observedGeneration: 1,
            replicas: replicas,
            updatedReplicas: updated,
            readyReplicas: ready,
            availableReplicas: ready
        )
        return facts
    }

    private func ready(_ plan: Plan<ForecastServiceStatus>) -> Condition? {
        plan.status?.conditions?.condition(ConditionType.ready)
    }

    @Test("a promoted version gets a Deployment and a Service, once")
    func first() throws {
        let plan = try observed().decide(now: now)
        #expect(plan.writes.count == 2)
        #expect(ready(plan)?.reason == "RollingOut" && ready(plan)?.status == .no)
        let pod = Objects.servingPod("a", version: "v1", isReady: true)
        var facts = try settled(observed(pods: [pod]), ready: 1, updated: 1, replicas: 1)
        let done = try facts.decide(now: now)
        #expect(done.writes.isEmpty)
        #expect(ready(done)?.reason == "Serving" && ready(done)?.status == .yes)
        #expect(done.status?.stable == "v1" && done.status?.updating == nil)
        #expect(done.status?.url == "http://demo.default.svc")
        #expect(done.status?.selector == "almanac.dev/service=demo")
        facts.service.status = done.status
        #expect(try facts.decide(now: now.addingTimeInterval(3600)) == Plan())
    }

    @Test("another worker image restarts nothing and comes with the next version; one set by hand is undone")
    func operatorUpgrade() throws {
        let pod = Objects.servingPod("a", version: "v1", isReady: true)
        var facts = try settled(observed(pods: [pod]), ready: 1, updated: 1, replicas: 1)
        facts.service.status = try facts.decide(now: now).status
        for image in ["almanac.dev/worker:next", "almanac.dev/worker:before"] {
            facts.options.workerImage = image
            #expect(try facts.decide(now: now) == Plan())
        }
        var edited = facts
        edited.deployment?.spec?.template.spec.containers[0].image = "example.com/other:1"
        #expect(try image(of: edited) == "almanac.dev/worker:before")
        facts.pipeline?.status?.model = Objects.model("v2")
        #expect(try image(of: facts) == "almanac.dev/worker:before")
    }

    private func image(of facts: ObservedService) throws -> String? {
        for case .applyDeployment(let deployment) in try facts.decide(now: now).writes {
            return deployment.spec?.template.spec.containers.first?.image
        }
        return nil
    }

    @Test("a service without its pipeline, or before its first model, says which of the two it waits for")
    func nothingToServe() throws {
        var facts = observed()
        facts.pipeline = nil
        let missing = try facts.decide(now: now)
        #expect(ready(missing)?.reason == "PipelineNotFound" && missing.writes.isEmpty)
        #expect(ready(missing)?.message.contains("ForecastPipeline demo") == true)
        let early = try observed(promoted: nil).decide(now: now)
        #expect(ready(early)?.reason == "NoModel" && early.writes.isEmpty)
        #expect(early.statusEvents.first?.isWarning == false)
    }

    @Test("a version of one's own choice is served although the pipeline promoted another")
    func pinned() throws {
        let plan = try observed(Objects.service(version: "v0"), promoted: "v1").decide(now: now)
        let deployment = plan.writes.compactMap { write in
            if case .applyDeployment(let deployment) = write { deployment } else { nil }
        }.first
        #expect(deployment?.spec?.template.spec.containers.first?.args?.contains("models/default/demo/v0") == true)
    }

    @Test("while a new version comes up the old one stays the stable one, and nothing is Ready that is not")
    func rollout() throws {
        let old = Objects.servingPod("old", version: "v1", isReady: true)
        let new = Objects.servingPod("new", version: "v2", isReady: false)
        var facts = try settled(observed(promoted: "v2", pods: [old, new]), ready: 1, updated: 1, replicas: 2)
        facts.service.status = ForecastServiceStatus()
        facts.service.status?.stable = "v1"
        let plan = try facts.decide(now: now)
        #expect(ready(plan)?.status == .no && ready(plan)?.reason == "RollingOut")
        #expect(
            ready(plan)?.message == "0 of 1 pods answer with version v2; the pods of the version before it still answer"
        )
        #expect(plan.status?.stable == "v1" && plan.status?.updating == "v2")
        #expect(plan.status?.conditions?.holds(ConditionType.available) == true)
        #expect(plan.status?.conditions?.holds(ConditionType.modelLoaded) == false)
    }

    @Test("both versions answering at once does not count as the end of a rollout")
    func mixed() throws {
        let pods = [
            Objects.servingPod("old", version: "v1", isReady: true),
            Objects.servingPod("new", version: "v2", isReady: true),
        ]
        var facts = try settled(observed(promoted: "v2", pods: pods), ready: 2, updated: 1, replicas: 2)
        facts.service.status = ForecastServiceStatus()
        facts.service.status?.stable = "v1"
        let plan = try facts.decide(now: now)
        #expect(plan.status?.stable == "v1" && plan.status?.updating == "v2" && ready(plan)?.status == .no)
    }

    @Test(
        "the worker's own words say why a version cannot be served",
        arguments: [Reason.artifactNotFound, .artifactDigestMismatch]
    )
    func cannotLoad(reason: Reason) throws {
        var result = StepResult(step: "serve")
        result.failure = StepFailure(reason: reason, message: "models/default/demo/v2 is not in the store")
        let message = String(decoding: try result.encoded(), as: UTF8.self)
        let ended = ContainerState(terminated: ContainerStateTerminated(exitCode: 78, message: message))
        let waiting = ContainerState(waiting: ContainerStateWaiting(reason: "CrashLoopBackOff"))
        let pods = [
            Objects.servingPod("old", version: "v1", isReady: true),
            Objects.servingPod("new", version: "v2", isReady: false, state: waiting, lastState: ended),
        ]
        let plan = try settled(observed(promoted: "v2", pods: pods), ready: 1, updated: 1, replicas: 2).decide(now: now)
        #expect(ready(plan)?.reason == reason.rawValue)
        #expect(ready(plan)?.message.contains("models/default/demo/v2 is not in the store") == true)
        #expect(ready(plan)?.message.contains("pod new") == true)
        #expect(plan.status?.conditions?.holds(ConditionType.stalled) == true)
        #expect(plan.status?.stable == "v1")
        #expect(plan.statusEvents.first?.isWarning == true)
    }

    @Test("an unknown end of a pod shows its exit code and the end of its log")
    func crash() throws {
        let ended = ContainerState(terminated: ContainerStateTerminated(exitCode: 139, message: "Segmentation fault"))
        let pod = Objects.servingPod("a", version: "v1", isReady: false, lastState: ended)
        let plan = try settled(observed(pods: [pod]), ready: 0, updated: 1, replicas: 1).decide(now: now)
        #expect(ready(plan)?.reason == "CrashLoop")
        #expect(ready(plan)?.message == "pod a ended with exit code 139, 2 restarts: Segmentation fault")
        #expect(plan.status?.stable == nil)
    }

    @Test("no replicas asked for is no fault")
    func scaledToZero() throws {
        let facts = try settled(observed(Objects.service(replicas: 0)), ready: 0, updated: 0, replicas: 0)
        let plan = try facts.decide(now: now)
        #expect(ready(plan)?.reason == "ScaledToZero" && plan.statusEvents.first?.isWarning == false)
        #expect(plan.status?.conditions?.holds(ConditionType.stalled) == false)
    }

    @Test("a name that somebody else has stops everything and is looked at again")
    func conflict() throws {
        var facts = observed()
        facts.conflict = "Deployment demo is there and not Almanac's; rename one of them or delete it"
        let plan = try facts.decide(now: now)
        #expect(plan.writes.isEmpty && ready(plan)?.reason == "NameConflict" && plan.requeueAfter != nil)
    }

    @Test("a service that is being deleted is left to garbage collection")
    func deleted() throws {
        var facts = observed()
        facts.service.metadata.deletionTimestamp = now
        #expect(try facts.decide(now: now) == Plan())
    }
}

@Suite("Drift")
struct DriftTests {
    private func deployment(_ change: (inout ForecastService) -> Void = { _ in }) throws -> Deployment {
        var service = Objects.service()
        change(&service)
        var pipeline = Objects.pipeline()
        pipeline.status = ForecastPipelineStatus()
        pipeline.status?.model = Objects.model("v1")
        let model = try #require(ServedVersion(service.spec, pipeline: pipeline))
        return try Drift.stamped(ServingDeployment(service: service, model: model, options: Objects.options).build())
    }

    @Test("fields that the server adds are no drift, those that somebody changed are")
    func changed() throws {
        let desired = try deployment()
        var live = desired
        live.metadata.uid = "uid"
        live.metadata.annotations?["deployment.kubernetes.io/revision"] = "1"
        live.spec?.progressDeadlineSeconds = 600
        live.spec?.template.spec.schedulerName = "default-scheduler"
        #expect(try Drift.isUpToDate(live, with: desired))
        live.spec?.template.spec.containers[0].image = "somebody/else:1"
        #expect(try !Drift.isUpToDate(live, with: desired))
        #expect(try !Drift.isUpToDate(nil, with: desired))
    }

    @Test("a field that is no longer wanted is drift")
    func removed() throws {
        let before = try deployment { $0.spec.worker = WorkerSpec(nodeSelector: ["disk": "ssd"]) }
        #expect(try !Drift.isUpToDate(before, with: deployment()))
    }

    @Test(
        "a quantity that the server wrote in another way is no drift",
        arguments: [
            ("0.5", "500m", true), ("1024Mi", "1Gi", true), ("1000m", "1", true), ("1e3", "1k", true),
            ("1Gi", "1G", false), ("2", "2000", false),
        ]
    )
    func quantities(desired: String, live: String, isSame: Bool) throws {
        let wanted = try deployment {
            $0.spec.worker = WorkerSpec(resources: ResourcesSpec(limits: ["cpu": Quantity(stringLiteral: desired)]))
        }
        var found = wanted
        found.spec?.template.spec.containers[0].resources?.limits?["cpu"] = live
        #expect(try Drift.isUpToDate(found, with: wanted) == isSame)
    }
}
