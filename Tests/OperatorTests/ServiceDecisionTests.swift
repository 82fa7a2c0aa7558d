// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import Operator

@Suite("What is decided about a service")
struct ServiceDecisionTests {
    private func served(_ service: ForecastService = Objects.service()) throws -> ServiceWorld {
        var world = ServiceWorld(service)
        try world.settle()
        return world
    }

    @Test("a promoted version gets a ConfigMap, a Service and a Deployment, once, and is Ready when its pod says so")
    func first() throws {
        var world = ServiceWorld()
        let plan = try world.step()
        #expect(plan.writes.count == 3)
        try world.step()
        #expect(world.ready?.reason == "RollingOut", "what the pod serves is not known yet")
        world.takeUp()
        try world.settle()
        #expect(world.ready?.reason == "Serving" && world.ready?.status == .yes)
        #expect(world.status?.stable == "v1" && world.status?.updating == nil)
        #expect(world.status?.url == "http://demo.default.svc")
        #expect(world.status?.selector == "almanac.dev/service=demo")
        world.now += 3_600
        world.takeUp()
        #expect(try world.facts.decide(now: world.now) == Plan())
    }

    @Test("a new version changes the ConfigMap and no pod; kubelets are asked to bring it")
    func newVersion() throws {
        var world = try served()
        let deployment = world.facts.deployment?.spec
        world.promote("v2")
        let plan = try world.step()
        #expect(world.configuration?.stable.version == "v2")
        #expect(world.facts.deployment?.spec == deployment, "no pod is restarted: \(plan.writes)")
        let asked = try world.step()
        guard case .annotatePod(let pod, let annotations) = try #require(asked.writes.first) else {
            Issue.record("\(asked.writes)")
            return
        }
        #expect(pod.name == "a" && asked.writes.count == 1)
        let mark = RefreshMark(annotations[Naming.servingRevisionAnnotation])
        #expect(mark?.revision == world.configuration?.revision)
        let waiting = try world.step()
        #expect(world.ready?.status == .no && world.ready?.reason == "RollingOut")
        #expect(world.ready?.message == "0 of 1 pods answer with version v2; version v1 still answers")
        #expect(world.status?.stable == "v1" && world.status?.updating == "v2")
        #expect(waiting.requeueAfter != nil)
        #expect(try world.step().writes.isEmpty, "a kubelet has its time")
        world.now += ObservedService.refreshPatience + 1
        #expect(try world.step().writes.count == 1, "then it is asked again")
        world.takeUp()
        try world.settle()
        #expect(world.ready?.status == .yes && world.status?.stable == "v2")
    }

    @Test("a Deployment of the former form is replaced by a rolling update, and its pods count as what they are")
    func migration() throws {
        var world = ServiceWorld(pods: [Objects.servingPod("old", version: "v1")])
        var former = Deployment(
            metadata: Objects.meta("demo", uid: "deployment-uid"),
            spec: DeploymentSpec(
                replicas: 1,
                selector: LabelSelector(matchLabels: ServingDeployment.selector(world.facts.service)),
                template: PodTemplateSpec(spec: PodSpec(containers: [Container(name: "worker")]))
            )
        )
        former.spec?.template.spec.containers[0].image = "almanac.dev/worker:before"
        world.facts.deployment = former
        try world.step()
        #expect(world.facts.deployment?.spec?.strategy?.rollingUpdate?.maxUnavailable == 0)
        #expect(world.facts.deployment?.spec?.template.spec.containers[0].image == Objects.options.workerImage)
        world.facts.pods.append(Objects.servingPod("new", isReady: false))
        world.facts.deployment?.status?.updatedReplicas = 1
        world.facts.deployment?.status?.replicas = 2
        try world.settle(takingUp: false)
        #expect(world.status?.stable == "v1" && world.ready?.status == .no)
        world.facts.pods = [Objects.servingPod("new")]
        world.rolledOut()
        world.takeUp()
        try world.settle()
        #expect(world.status?.stable == "v1" && world.ready?.status == .yes)
    }

    @Test("another worker image restarts nothing and comes with the next version; one set by hand is undone")
    func operatorUpgrade() throws {
        var world = try served()
        for image in ["almanac.dev/worker:next", "almanac.dev/worker:before"] {
            world.facts.options.workerImage = image
            #expect(try world.facts.decide(now: world.now) == Plan())
        }
        var edited = world
        edited.facts.deployment?.spec?.template.spec.containers[0].image = "example.com/other:1"
        #expect(try image(of: edited) == "almanac.dev/worker:before")
        var scaled = world
        scaled.facts.service.spec.replicas = 2
        #expect(try image(of: scaled) == Objects.options.workerImage, "another number of pods is no reason either")
        world.promote("v2")
        #expect(try image(of: world) == "almanac.dev/worker:before")
    }

    private func image(of world: ServiceWorld) throws -> String? {
        for case .applyDeployment(let deployment) in try world.facts.decide(now: world.now).writes {
            return deployment.spec?.template.spec.containers.first?.image
        }
        return nil
    }

    @Test("a service without its pipeline, or before its first model, says which of the two it waits for")
    func nothingToServe() throws {
        var missing = ServiceWorld(pods: [])
        missing.facts.pipeline = nil
        #expect(try missing.step().writes.isEmpty)
        #expect(missing.ready?.reason == "PipelineNotFound")
        #expect(missing.ready?.message.contains("ForecastPipeline demo") == true)
        var early = ServiceWorld(promoted: nil, pods: [])
        let plan = try early.step()
        #expect(early.ready?.reason == "NoModel" && plan.writes.isEmpty)
        #expect(plan.statusEvents.first?.isWarning == false)
    }

    @Test("a version of one's own choice is served although the pipeline promoted another, and others beside it")
    func pinned() throws {
        var service = Objects.service(version: "v0")
        service.spec.model.otherVersions = ["v1", "v0"]
        var world = ServiceWorld(service)
        try world.settle()
        #expect(world.configuration?.stable.uri == "models/default/demo/v0")
        #expect(world.configuration?.others?.map(\.version) == ["v1"])
        #expect(world.ready?.status == .yes)
    }

    @Test("pods that answer with different versions leave the old one the stable one, and nothing is Ready that is not")
    func mixed() throws {
        var world = ServiceWorld(Objects.service(replicas: 2), pods: ["a", "b"].map { Objects.servingPod($0) })
        try world.settle()
        world.promote("v2")
        try world.step()
        world.takeUp(["a"])
        try world.settle(takingUp: false)
        #expect(world.status?.stable == "v1" && world.status?.updating == "v2" && world.ready?.status == .no)
        #expect(world.ready?.message == "1 of 2 pods answer with version v2; version v1 still answers")
        #expect(world.status?.conditions?.holds(ConditionType.available) == true)
        #expect(world.status?.conditions?.holds(ConditionType.modelLoaded) == false)
    }

    @Test(
        "a pod's own words say why a version cannot be served, while it goes on with the one before",
        arguments: [Reason.artifactNotFound, .artifactDigestMismatch, .storeUnreachable]
    )
    func cannotLoad(reason: Reason) throws {
        var world = try served()
        world.promote("v2")
        try world.step()
        var report = Objects.report(try #require(world.configuration))
        report.revision = try #require(world.facts.answers["a"]?.report?.revision)
        report.problem = StepFailure(reason: reason, message: "models/default/demo/v2 is not in the store")
        report.versions[0].state = .failed
        report.versions[0].failure = report.problem
        world.answer("a", report)
        try world.settle(takingUp: false)
        #expect(world.ready?.reason == reason.rawValue && world.ready?.status == .no)
        let message = "pod a: models/default/demo/v2 is not in the store; version v1 still answers"
        #expect(world.ready?.message == message)
        #expect(world.status?.conditions?.holds(ConditionType.stalled) == (reason != .storeUnreachable))
        #expect(world.status?.stable == "v1" && world.told.last == reason.rawValue)
    }

    @Test("an unknown end of a pod shows its exit code and the end of its log")
    func crash() throws {
        let ended = ContainerState(terminated: ContainerStateTerminated(exitCode: 139, message: "Segmentation fault"))
        var world = ServiceWorld(pods: [Objects.servingPod("a", isReady: false, lastState: ended)])
        try world.settle(takingUp: false)
        #expect(world.ready?.reason == "CrashLoop")
        #expect(world.ready?.message == "pod a ended with exit code 139, 2 restarts: Segmentation fault")
        #expect(world.status?.stable == nil)
    }

    @Test("a pod that cannot be asked once changes nothing; one that stays silent is named")
    func silent() throws {
        var world = try served()
        let before = world.status
        let answer = try #require(world.facts.answers["a"])
        let start = world.now
        world.facts.answers["a"] = answer.with(failure: "no answer within 1 s", now: start).answer
        try world.settle(takingUp: false)
        #expect(world.status == before)
        world.now += PodAnswer.longestTrust + 1
        try world.settle(takingUp: false)
        #expect(world.ready?.reason == "PodNotReporting")
        #expect(world.ready?.message.hasPrefix("pod a does not say what it serves: no answer within 1 s;") == true)
        #expect(world.ready?.message.contains("8081") == true)
    }

    @Test("an operator that has just started leaves the status as it is until it has asked the pods")
    func restarted() throws {
        var world = try served()
        let before = world.status
        world.facts.answers = [:]
        let plan = try world.step()
        #expect(plan.status == nil && plan.writes.isEmpty && plan.requeueAfter != nil)
        #expect(world.status == before)
    }

    @Test("no replicas asked for is no fault")
    func scaledToZero() throws {
        var world = ServiceWorld(Objects.service(replicas: 0), pods: [])
        try world.settle()
        #expect(world.ready?.reason == "ScaledToZero" && world.told == ["ScaledToZero"])
        #expect(world.status?.conditions?.holds(ConditionType.stalled) == false)
    }

    @Test("limits and batching reach the pods without a restart")
    func limits() throws {
        var world = try served()
        let deployment = world.facts.deployment?.spec
        let revision = world.configuration?.revision
        world.facts.service.spec.limits = ServingLimitsSpec(requestsPerSecond: 100)
        world.facts.service.spec.batching = ServingBatchingSpec(maxBatchSize: 16)
        try world.step()
        #expect(world.configuration?.limits?.requestsPerSecond == 100)
        #expect(world.configuration?.batching?.maxBatchSize == 16)
        #expect(world.configuration?.revision != revision && world.facts.deployment?.spec == deployment)
        try world.settle(takingUp: false)
        #expect(world.ready?.status == .no)
        world.takeUp()
        try world.settle()
        #expect(world.ready?.status == .yes)
    }

    @Test("a name that somebody else has stops everything and is looked at again")
    func conflict() throws {
        var world = ServiceWorld(pods: [])
        world.facts.conflict = "Deployment demo is there and not Almanac's; rename one of them or delete it"
        let plan = try world.step()
        #expect(plan.writes.isEmpty && world.ready?.reason == "NameConflict" && plan.requeueAfter != nil)
    }

    @Test("a service that is being deleted is left to garbage collection")
    func deleted() throws {
        var world = ServiceWorld()
        world.facts.service.metadata.deletionTimestamp = world.now
        #expect(try world.facts.decide(now: world.now) == Plan())
    }

    @Test("a certificate that is not renewed is told while the pods answer, and one that has expired ends Ready")
    func access() throws {
        var service = Objects.service()
        service.spec.tls = ServingTLSSpec(secretRef: SecretReference(name: "certificate"))
        var world = try served(service)
        #expect(world.status?.url == "https://demo.default.svc")
        var report = Objects.report(try #require(world.configuration))
        report.access = [.init(.certificateInvalid, "tls.key is not the key", keepsClientsOut: false)]
        world.answer("a", report)
        try world.step()
        #expect(world.ready?.status == .yes && world.ready?.reason == "CertificateInvalid")
        #expect(world.ready?.message == "1 pod answers with version v1; pod a: tls.key is not the key")
        #expect(world.told.last == "CertificateInvalid")
        // The one that keeps clients out goes before.
        report.access?.append(.init(.certificateExpired, "it expired", keepsClientsOut: true))
        world.answer("a", report)
        try world.step()
        #expect(world.ready?.status == .no && world.ready?.reason == "CertificateExpired")
        #expect(
            ReportFollower.pace(try #require(world.facts.answers["a"]), wanted: report.revision, now: world.now) < 30
        )
        world.takeUp()
        try world.step()
        #expect(world.ready?.status == .yes && world.ready?.reason == "Serving")
    }

    @Test("pods that have no certificate yet take no requests, and the condition says what they wait for")
    func withoutCertificate() throws {
        var service = Objects.service()
        service.spec.tls = ServingTLSSpec(secretRef: SecretReference(name: "certificate"))
        var world = ServiceWorld(service, pods: [Objects.servingPod("a", isReady: false)])
        try world.step()
        var report = Objects.report(try #require(world.configuration))
        report.isReady = false
        report.access = [.init(.certificateInvalid, "tls.crt cannot be read", keepsClientsOut: true)]
        world.answer("a", report)
        world.rolledOut()
        try world.step()
        #expect(world.ready?.status == .no && world.ready?.reason == "CertificateInvalid")
        #expect(world.ready?.message == "pod a: tls.crt cannot be read")
    }
}
