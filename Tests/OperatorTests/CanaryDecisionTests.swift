// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import TestSupport
import Testing

@testable import Operator

@Suite("A service with a canary")
struct CanaryDecisionTests {
    private var spec: CanarySpec {
        CanarySpec(
            steps: [
                CanarySpec.Step(trafficPercent: 10, holdSeconds: 60),
                CanarySpec.Step(trafficPercent: 50, holdSeconds: 60),
            ],
            stickyHeader: "X-Client",
            analysis: CanarySpec.Analysis(maxErrorPercent: 1, minRequests: 100)
        )
    }

    private func service() -> ForecastService {
        var service = Objects.service(replicas: 2)
        service.spec.canary = spec
        return service
    }

    /// A service that has served v1, whose pipeline has just promoted v2, and whose pods have taken up the first step.
    private func begun() throws -> ServiceWorld {
        var world = ServiceWorld(service(), pods: ["a", "b"].map { Objects.servingPod($0) })
        try world.settle()
        world.promote("v2")
        try world.settle()
        return world
    }

    /// One step passes.
    private func pass(_ world: inout ServiceWorld, requests: Int = 100) throws {
        world.takeUp()
        world.traffic("v2", requests: requests)
        world.now += 61
        try world.settle(takingUp: false)
        world.takeUp()
        try world.settle()
    }

    @Test("the first version of a service takes over at once")
    func firstVersion() throws {
        var world = ServiceWorld(service(), pods: ["a", "b"].map { Objects.servingPod($0) })
        try world.settle()
        #expect(world.status?.stable == "v1" && world.status?.canary == nil && world.ready?.reason == "Serving")
    }

    @Test("a new version goes step by step, restarts nothing, and the service stays Ready all the way")
    func stepByStep() throws {
        var world = try begun()
        let pods = world.facts.deployment?.spec?.template
        #expect(world.configuration?.stable.version == "v1")
        #expect(world.configuration?.canary?.version.version == "v2")
        #expect(world.configuration?.canary?.trafficPercent == 10)
        #expect(world.configuration?.canary?.stickyHeader == "X-Client")
        #expect(world.ready?.status == .yes && world.ready?.reason == "CanaryProgressing")
        #expect(world.status?.stable == "v1" && world.status?.canary?.since != nil)
        #expect(world.status?.conditions?.holds(ConditionType.reconciling) == true)
        try pass(&world)
        #expect(world.configuration?.canary?.trafficPercent == 50 && world.status?.canary?.step == 2)
        #expect(world.ready?.message.contains("step 2 of 2") == true && world.ready?.status == .yes)
        try pass(&world)
        #expect(world.configuration?.stable.version == "v2" && world.configuration?.canary == nil)
        #expect(world.status?.canary == nil && world.status?.lastCanary?.result == .promoted)
        #expect(world.status?.stable == "v2" && world.ready?.reason == "Serving")
        #expect(world.facts.deployment?.spec?.template == pods)
        #expect(world.told == ["Serving", "CanaryStarted", "CanaryStep", "CanaryPromoted", "RollingOut", "Serving"])
        #expect(try world.facts.decide(now: world.now).status == nil)
    }

    @Test("a version that fails is rolled back at once, told with its numbers, and not tried again")
    func rollback() throws {
        var world = try begun()
        world.traffic("v2", requests: 200, failures: 20)
        world.traffic("v1", requests: 900)
        try world.settle()
        #expect(world.configuration?.stable.version == "v1" && world.configuration?.canary == nil)
        #expect(world.status?.lastCanary?.result == .rolledBack)
        #expect(world.status?.lastCanary?.analysis?.canary.requests == 400, "over both pods")
        #expect(world.ready?.status == .yes && world.ready?.reason == "CanaryRolledBack")
        #expect(world.ready?.message.contains("failed requests 10% (limit 1%, the version before it 0%)") == true)
        #expect(world.told.suffix(1) == ["CanaryRolledBack"])
        world.now += 3_600
        world.takeUp()
        #expect(try world.facts.decide(now: world.now) == Plan())
        world.facts.service.spec.replicas = 3
        try world.step()
        #expect(world.configuration?.canary == nil, "another number of pods is no reason to try again")
        world.facts.service.spec.replicas = 2
        world.promote("v3")
        try world.settle()
        #expect(world.configuration?.canary?.version.version == "v3" && world.configuration?.stable.version == "v1")
    }

    @Test("a changed canary tries a refused version again; a decision promotes it")
    func again() throws {
        var world = try begun()
        world.traffic("v2", requests: 200, failures: 20)
        try world.settle()
        world.facts.service.spec.canary?.decision = CanarySpec.Decision(version: "v2", action: .promote)
        try world.settle()
        #expect(world.status?.stable == "v2" && world.status?.lastCanary?.result == .promoted)
    }

    @Test("a person aborts and nothing is Stalled; the version stays refused")
    func abort() throws {
        var world = try begun()
        world.facts.service.spec.canary?.decision = CanarySpec.Decision(version: "v2", action: .abort)
        try world.settle()
        #expect(world.configuration?.canary == nil && world.configuration?.stable.version == "v1")
        #expect(world.ready?.reason == "CanaryAborted" && world.ready?.status == .yes)
        #expect(world.status?.conditions?.holds(ConditionType.stalled) == false)
    }

    @Test("another version promoted meanwhile takes the canary's place; the former one promoted again ends it")
    func superseded() throws {
        var world = try begun()
        world.promote("v3")
        world.facts.pipeline?.status?.versions = [Objects.model("v1")]
        try world.settle()
        #expect(world.status?.canary?.version == "v3" && world.status?.canary?.stable == "v1")
        #expect(world.status?.lastCanary?.result == .superseded && world.status?.lastCanary?.version == "v2")
        world.promote("v1")
        try world.settle()
        #expect(world.status?.canary == nil && world.configuration?.canary == nil)
        #expect(world.status?.stable == "v1" && world.ready?.reason == "Serving")
    }

    @Test("without spec.canary the version on trial takes over at once")
    func removed() throws {
        var world = try begun()
        world.facts.service.spec.canary = nil
        try world.settle()
        #expect(world.status?.stable == "v2" && world.status?.canary == nil)
    }

    @Test("a version in another store takes over at once, by a rollout: no pod has both stores")
    func otherStore() throws {
        var world = ServiceWorld(service(), pods: ["a", "b"].map { Objects.servingPod($0) })
        try world.settle()
        world.promote("v2")
        world.facts.pipeline?.status?.model?.claimName = "other"
        try world.settle()
        #expect(world.configuration?.stable.version == "v2" && world.configuration?.canary == nil)
        let volumes = world.facts.deployment?.spec?.template.spec.volumes ?? []
        #expect(volumes.contains { $0.persistentVolumeClaim?.claimName == "other" })
    }

    @Test("where nothing answers there is nothing to compare with, and the new version takes over")
    func nothingAnswers() throws {
        var world = ServiceWorld(service(), pods: ["a", "b"].map { Objects.servingPod($0) })
        try world.settle()
        world.facts.pods = ["a", "b"].map { Objects.servingPod($0, isReady: false) }
        world.rolledOut()
        world.promote("v2")
        try world.settle(takingUp: false)
        #expect(world.configuration?.stable.version == "v2" && world.status?.lastCanary?.result == .promoted)
    }

    @Test("a canary that cannot be loaded is rolled back with the pod's words; a store that is away is waited for")
    func cannotLoad() throws {
        for (reason, isFinal) in [(Reason.artifactDigestMismatch, true), (.storeUnreachable, false)] {
            var world = try begun()
            var report = try #require(world.facts.answers["b"]?.report)
            report.versions[1].state = .failed
            report.versions[1].failure = StepFailure(reason: reason, message: "models/default/demo/v2 is what it is")
            world.answer("b", report)
            try world.settle(takingUp: false)
            #expect((world.status?.lastCanary?.result == .rolledBack) == isFinal)
            let text = isFinal ? world.status?.lastCanary?.message : world.ready?.message
            #expect(text?.contains("pod b: ") == true && text?.contains("v2 is what it is") == true, "\(text ?? "")")
        }
    }

    @Test("a pod that dies while it holds both versions ends the canary; one that died before does not")
    func outOfMemory() throws {
        for (finished, ends) in [(Objects.now - 60, false), (Objects.now + 60, true)] {
            var world = try begun()
            let ended = ContainerStateTerminated(exitCode: 137, reason: "OOMKilled", finishedAt: finished)
            world.facts.pods[0] = Objects.servingPod("a", lastState: ContainerState(terminated: ended))
            try world.settle(takingUp: false)
            #expect((world.status?.lastCanary?.result == .rolledBack) == ends)
        }
    }

    @Test("an operator that is stopped between any two writes goes on where it was", arguments: UInt64(0)..<6)
    func stoppedAnywhere(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var world = ServiceWorld(service(), pods: ["a", "b"].map { Objects.servingPod($0) })
        try world.settle()
        world.promote("v2")
        let isBad = seed.isMultiple(of: 3)
        var shares: [Double] = []
        for _ in 0..<150 {
            let plan = try world.facts.decide(now: world.now)
            // Any part of the plan may have been carried out when the process ends; the reports are lost with it.
            let isStopped = Int.random(in: 0..<3, using: &random) == 0
            let done = isStopped ? Int.random(in: 0...plan.writes.count, using: &random) : plan.writes.count
            for write in plan.writes.prefix(done) { world.carryOut(write) }
            if plan.writes.isEmpty, !isStopped, let status = plan.status { world.facts.service.status = status }
            if isStopped { world.facts.answers = [:] }
            let share =
                world.configuration?.stable.version == "v2" ? 100 : world.configuration?.canary?.trafficPercent ?? 0
            if shares.last != share { shares.append(share) }
            if Bool.random(using: &random) { world.takeUp() }
            if Bool.random(using: &random) { world.traffic("v2", requests: 100, failures: isBad ? 50 : 0) }
            world.now += Double.random(in: 0...80, using: &random)
        }
        #expect(shares == (isBad ? [0, 10, 0] : [0, 10, 50, 100]))
        #expect(world.status?.lastCanary?.result == (isBad ? .rolledBack : .promoted))
    }
}
