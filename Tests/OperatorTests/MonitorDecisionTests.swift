// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import TestSupport
import Testing

@testable import Operator

@Suite("A service whose forecasts are compared")
struct MonitorDecisionTests {
    private func service(maxMAE: Double? = 2) -> ForecastService {
        var service = Objects.service()
        service.spec.monitoring = MonitoringSpec(intervalSeconds: 600, maxMAE: maxMAE)
        return service
    }

    private func begun() throws -> ServiceWorld {
        var world = ServiceWorld(service())
        try world.settle()
        return world
    }

    private func accurate(_ world: ServiceWorld) -> Condition? {
        world.status?.conditions?.condition(ConditionType.forecastAccurate)
    }

    @Test("without spec.monitoring nothing is remembered, no Job is made, and nothing is stated")
    func without() throws {
        var world = ServiceWorld()
        try world.settle()
        #expect(world.facts.monitorJobs.isEmpty && world.configuration?.remembering == nil)
        #expect(accurate(world) == nil && world.status?.monitoring == nil)
        let store = world.facts.deployment?.spec?.template.spec.volumes?.first { $0.name == "store" }
        #expect(store?.persistentVolumeClaim?.readOnly == true)
    }

    @Test("pods may write into the store and are told what to remember; the first Job is made at once")
    func begins() throws {
        let world = try begun()
        #expect(world.configuration?.remembering?.forecastsPerSecond == 10)
        #expect(world.configuration?.remembering?.shadowsCanary == false)
        let pod = world.facts.deployment?.spec?.template.spec
        let store = pod?.volumes?.first { $0.name == "store" }
        #expect(store?.persistentVolumeClaim?.readOnly == nil)
        let job = try #require(world.monitorJob)
        #expect(world.facts.monitorJobs.count == 1 && job.metadata.name.hasPrefix("demo-monitor-"))
        #expect(job.metadata.labels?[Naming.serviceLabel] == nil, "the Service must not send it requests")
        #expect(accurate(world)?.status == .unknown && accurate(world)?.reason == "NotMonitored")
        #expect(world.ready?.status == .yes)
    }

    @Test("the numbers come into the status, each once; what is good again is told as what is bad")
    func folds() throws {
        var world = try begun()
        world.now += 10
        try world.finishMonitor(Live.result(version: "v1", values: 500, mae: 1))
        try world.settle()
        #expect(accurate(world)?.reason == "Accurate")
        #expect(world.status?.accuracy?.mae == 1 && world.status?.accuracy?.time == world.now)
        #expect(world.status?.accuracy?.bands?.first?.toStep == 6)
        #expect(try world.facts.decide(now: world.now).status == nil)
        for (mae, reason) in [(3.0, "AccuracyLost"), (4.0, "AccuracyLost"), (1.5, "Accurate")] {
            world.now += 600
            try world.settle()
            try world.finishMonitor(Live.result(version: "v1", values: 500, mae: mae))
            try world.settle()
            #expect(accurate(world)?.reason == reason && world.status?.accuracy?.mae == mae)
            #expect(world.ready?.status == .yes && world.ready?.reason == "Serving")
        }
        #expect(world.told == ["Serving", "Accurate", "AccuracyLost", "Accurate"])
    }

    @Test("never two at once, however long one takes; what passed meanwhile is one comparison")
    func oneAtATime() throws {
        var world = try begun()
        for _ in 0..<5 {
            world.now += 600
            try world.settle()
            #expect(world.facts.monitorJobs.count == 1)
        }
        try world.finishMonitor(Live.result(version: "v1", values: 500, mae: 1))
        try world.settle()
        #expect(world.facts.monitorJobs.count == 2 && world.monitorJob != nil)
    }

    @Test("a failure is a condition with the worker's words, the service stays Ready, and the next turn tries again")
    func fails() throws {
        var world = try begun()
        try world.failMonitor(StepFailure(reason: .sourceUnreachable, message: "http://influx:8086 does not answer"))
        try world.settle()
        #expect(accurate(world)?.reason == "MonitoringFailed" && world.ready?.status == .yes)
        #expect(accurate(world)?.message == "SourceUnreachable: http://influx:8086 does not answer")
        #expect(world.monitorJob == nil && world.status?.monitoring?.failure?.reason == "SourceUnreachable")
        world.now += 600
        try world.settle()
        try world.finishMonitor(Live.result(version: "v1", values: 500, mae: 1))
        try world.settle()
        #expect(accurate(world)?.reason == "Accurate" && world.status?.monitoring?.failure == nil)
    }

    @Test("a pod that cannot write down what it forecasts is in the condition, until it can again")
    func unremembered() throws {
        var world = try begun()
        try world.finishMonitor(Live.result(version: "v1", values: 500, mae: 1))
        try world.settle()
        #expect(accurate(world)?.reason == "Accurate")
        var report = Objects.report(try #require(world.configuration))
        report.memory = StepFailure(reason: .storeUnreachable, message: "cannot write /var/lib/almanac: disk full")
        world.answer("a", report)
        try world.settle()
        #expect(accurate(world)?.reason == "ForecastsNotRemembered" && accurate(world)?.status == .unknown)
        #expect(accurate(world)?.message == "StoreUnreachable: pod a: cannot write /var/lib/almanac: disk full")
        #expect(world.ready?.status == .yes && world.ready?.reason == "Serving")
        report.memory = nil
        world.answer("a", report)
        try world.settle()
        #expect(accurate(world)?.reason == "Accurate")
        #expect(world.told == ["Serving", "Accurate", "ForecastsNotRemembered", "Accurate"])
    }

    @Test("a Job whose pod is gone, or that ran into its deadline, is told in words that help")
    func gone() throws {
        var world = try begun()
        try world.finishMonitor(Live.result(version: "v1", values: 500, mae: 1))
        world.facts.monitorPods = []
        let waiting = try world.step()
        #expect(world.status?.accuracy == nil && waiting.requeueAfter != nil)
        world.now += 31
        try world.settle()
        #expect(accurate(world)?.message.contains("is gone") == true)
        world.now += 600
        try world.settle()
        let index = try #require(world.facts.monitorJobs.indices.last)
        world.facts.monitorJobs[index].status = JobStatus(
            conditions: [StatusCondition(type: "Failed", status: "True", reason: "DeadlineExceeded")]
        )
        try world.settle()
        #expect(accurate(world)?.message.contains("1800 s; raise spec.monitoring.deadlineSeconds") == true)
    }

    @Test("nothing grows: beside the latest Job the last that ended well and the last that did not are kept")
    func trims() throws {
        var world = try begun()
        for turn in 0..<20 {
            if turn.isMultiple(of: 3) {
                try world.failMonitor(StepFailure(reason: .sourceUnreachable, message: "away"))
            } else {
                try world.finishMonitor(Live.result(version: "v1", values: 500, mae: 1))
            }
            try world.settle()
            world.now += 600
            try world.settle()
            #expect(world.facts.monitorJobs.count <= 3)
        }
    }

    @Test("without spec.monitoring again, Jobs, numbers and conditions go")
    func removed() throws {
        var world = try begun()
        try world.finishMonitor(Live.result(version: "v1", values: 500, mae: 3))
        try world.settle()
        world.facts.service.spec.monitoring = nil
        try world.settle()
        #expect(world.facts.monitorJobs.isEmpty && world.status?.accuracy == nil && accurate(world) == nil)
    }

    @Test("another version has to earn its own verdict; one at rest makes no pods")
    func otherVersion() throws {
        var world = try begun()
        try world.finishMonitor(Live.result(version: "v1", values: 500, mae: 3))
        try world.settle()
        world.promote("v2")
        try world.settle()
        #expect(accurate(world)?.reason == "NotMonitored" && world.status?.accuracy?.version == "v1")
        world.facts.service.spec.replicas = 0
        world.facts.pods = []
        world.now += 6_000
        try world.settle()
        #expect(world.monitorJob == nil)
    }
}

@Suite("A canary that is judged by its live error")
struct LiveCanaryTests {
    private func begun(requests: Double? = nil) throws -> ServiceWorld {
        var service = Objects.service()
        service.spec.monitoring = MonitoringSpec(intervalSeconds: 3_600)
        let step = CanarySpec.Step(trafficPercent: 10, holdSeconds: 60)
        service.spec.canary = CanarySpec(
            steps: [step, CanarySpec.Step(trafficPercent: 50, holdSeconds: 60)],
            analysis: CanarySpec.Analysis(maxErrorPercent: requests, maxErrorIncreasePercent: 20)
        )
        var world = ServiceWorld(service)
        try world.settle()
        try world.finishMonitor(Live.result(version: "v1", values: 500, mae: 1))
        try world.settle()
        world.promote("v2")
        try world.settle()
        return world
    }

    /// The step's end comes, and the comparison that is made then ends like this.
    private func compare(_ world: inout ServiceWorld, canary: Double, stable: Double, values: Int = 500) throws {
        world.now += 61
        try world.settle()
        try world.finishMonitor(Live.comparison(("v2", canary), ("v1", stable), values: values))
        try world.settle()
    }

    @Test("both versions forecast from the same histories, and the Job compares them since the step began")
    func asks() throws {
        var world = try begun()
        #expect(world.configuration?.remembering?.shadowsCanary == true)
        let since = try #require(world.status?.canary?.since)
        #expect(world.monitorJob == nil)
        world.now += 61
        try world.settle()
        let subject = try #require(world.monitorJob?.monitorSubject)
        #expect(subject.version == "v1" && subject.canary == "v2" && subject.since == since)
        let text = world.monitorJob?.spec?.template.metadata?.annotations?[Naming.requestAnnotation] ?? ""
        let request = try KubeJSON.decoder().decode(StepRequest.self, from: Data(text.utf8))
        #expect(request.tasks == [.monitor] && request.monitor?.canary?.version == "v2")
        #expect(request.monitor?.since == since && request.monitor?.stable.version == "v1")
    }

    @Test("a good canary goes step by step to its promotion, each step by its own comparison")
    func passes() throws {
        var world = try begun()
        try compare(&world, canary: 1.1, stable: 1)
        #expect(world.status?.canary?.step == 2 && world.status?.canary?.errors == nil)
        #expect(world.status?.accuracy?.mae == 1, "the service's own numbers are of all its forecasts")
        try compare(&world, canary: 0.9, stable: 1)
        #expect(world.status?.stable == "v2" && world.status?.lastCanary?.result == .promoted)
        #expect(world.status?.lastCanary?.message.contains("10% below the 1 of the version before it") == true)
    }

    @Test("a bad canary is rolled back with its numbers, although its requests say nothing against it")
    func rollback() throws {
        var world = try begun(requests: 1)
        world.traffic("v2", requests: 1_000)
        try compare(&world, canary: 3, stable: 1)
        #expect(world.configuration?.canary == nil && world.status?.stable == "v1")
        #expect(world.status?.lastCanary?.result == .rolledBack)
        let text = "MAE 3, 200% above the 1 of the version before it (limit 20% above), over 500 forecast values"
        #expect(world.ready?.message.contains(text) == true, "\(world.ready?.message ?? "")")
        #expect(world.told.suffix(1) == ["CanaryRolledBack"])
    }

    @Test("too few values, or a comparison that fails, hold the step until there is another")
    func waits() throws {
        var world = try begun()
        try compare(&world, canary: 3, stable: 1, values: 99)
        #expect(world.status?.canary?.step == 1 && world.status?.canary?.analysis?.outcome == .inconclusive)
        world.now += CanaryMachine.numbersPeriod
        try world.settle()
        #expect(world.ready?.message.contains("99 of the 100 forecast values that must have come true") == true)
        world.now += 61
        try world.settle()
        try world.failMonitor(StepFailure(reason: .sourceUnreachable, message: "away"))
        try world.settle()
        world.now += CanaryMachine.numbersPeriod
        try world.settle()
        #expect(world.ready?.message.contains("the last comparison failed: SourceUnreachable: away") == true)
        #expect(world.status?.canary?.step == 1)
        try compare(&world, canary: 1, stable: 1)
        #expect(world.status?.canary?.step == 2)
    }

    @Test("what was asked about another step, or another version, judges nothing")
    func stale() throws {
        var world = try begun()
        world.now += 61
        try world.settle()
        #expect(world.monitorJob?.monitorSubject?.canary == "v2")
        world.promote("v3")
        try world.settle()
        try world.finishMonitor(Live.comparison(("v2", 9), ("v1", 1), values: 500))
        try world.settle()
        #expect(world.status?.canary?.version == "v3" && world.status?.canary?.errors == nil)
        try compare(&world, canary: 9, stable: 1)
        #expect(world.status?.canary?.version == "v3", "a worker that speaks of v2 says nothing of v3")
    }

    @Test(
        "whatever the order of clocks, stops and answers: a bad version never gets all requests, a good one does",
        arguments: UInt64(0)..<6
    )
    func property(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let isBad = seed.isMultiple(of: 2)
        var world = try begun()
        for _ in 0..<200 {
            let plan = try world.facts.decide(now: world.now)
            let isStopped = Int.random(in: 0..<8, using: &random) == 0
            let done = isStopped ? Int.random(in: 0...plan.writes.count, using: &random) : plan.writes.count
            for write in plan.writes.prefix(done) { world.carryOut(write) }
            if plan.writes.isEmpty, !isStopped, let status = plan.status { world.facts.service.status = status }
            if Bool.random(using: &random) { world.takeUp() }
            #expect(world.facts.monitorJobs.count(where: { !$0.hasEnded }) <= 1)
            if isBad { #expect(world.configuration?.stable.version == "v1") }
            if let subject = world.monitorJob?.monitorSubject, Int.random(in: 0..<3, using: &random) == 0 {
                let values = Bool.random(using: &random) ? 500 : 10
                if Int.random(in: 0..<5, using: &random) == 0 {
                    try world.failMonitor(StepFailure(reason: .sourceUnreachable, message: "away"))
                } else if subject.canary == nil {
                    try world.finishMonitor(Live.result(version: subject.version, values: values, mae: 1))
                } else {
                    try world.finishMonitor(Live.comparison(("v2", isBad ? 2 : 1), ("v1", 1), values: values))
                }
            }
            world.now += Double.random(in: 0...80, using: &random)
        }
        #expect(world.status?.lastCanary?.result == (isBad ? .rolledBack : .promoted))
    }
}
