// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import KubeRuntime
import Testing

@testable import Operator

@Suite("What must stay in the store")
struct RetentionTests {
    private func observed() -> ObservedRun {
        var pipeline = Objects.pipeline()
        pipeline.status = ForecastPipelineStatus()
        pipeline.status?.model = Objects.model("v5")
        pipeline.status?.previousModel = Objects.model("v3")
        var pinned = Objects.service(version: "v1")
        pinned.status = ForecastServiceStatus()
        pinned.status?.stable = "v0"
        pinned.status?.updating = "v1"
        let run = Objects.run(of: pipeline, gate: nil)
        var observed = ObservedRun(run: run, pipeline: pipeline, jobs: [], pods: [], options: Objects.options)
        observed.family = [run, Objects.run(of: pipeline, gate: .failed, version: "v4")]
        observed.services = [Objects.service(), pinned]
        return observed
    }

    @Test("the promoted version, the one before, what services serve or name, and what runs made")
    func protected() {
        let retention = observed().retention
        #expect(retention?.versions == [RunIdentity(observed().run).version, "v0", "v1", "v3", "v4", "v5"])
        #expect(retention?.keepVersions == 5 && retention?.runs == ["demo-g1"])
    }

    @Test("what a canary compares, what a refused one goes back to, and what answers beside the stable version")
    func trials() {
        var facts = observed()
        var service = Objects.service()
        service.spec.model.otherVersions = ["a1"]
        let canary = CanaryStatus(version: "a3", stable: "a2", trafficPercent: 10, startTime: Objects.now)
        service.status = ForecastServiceStatus()
        service.status?.canary = canary
        service.status?.lastCanary = CanaryResultStatus(
            CanaryStatus(version: "gone", stable: "a0", trafficPercent: 10, startTime: Objects.now),
            result: .rolledBack,
            message: "",
            observedCanary: "",
            completionTime: Objects.now
        )
        facts.services.append(service)
        let kept = facts.retention?.versions.filter { $0.hasPrefix("a") }
        #expect(kept == ["a0", "a1", "a2", "a3"])
    }

    @Test("forecasts of all services of the namespace that are monitored, of whatever pipeline")
    func remembered() {
        var facts = observed()
        #expect(facts.retention?.services == [])
        facts.monitoredServices = ["web", "app"]
        #expect(facts.retention?.services == ["app", "web"])
        facts.monitoredServices = (0...1_000).map { "s\($0)" }
        #expect(facts.retention != nil && facts.retention?.services == nil)
        var service = Objects.service()
        #expect(ClusterCaches.monitoredIndex.values(service) == [])
        service.spec.monitoring = MonitoringSpec()
        #expect(ClusterCaches.monitoredIndex.values(service) == ["default"])
    }

    @Test("the version that a run which goes on may have published already")
    func unfinished() throws {
        var facts = observed()
        facts.family[0].status = nil
        let version = RunIdentity(facts.run).version
        #expect(facts.retention?.versions.contains(version) == true)
    }

    @Test("the steps that prepare and publish are told, and nothing is removed where the pipeline is not known")
    func request() throws {
        var facts = observed()
        facts.pipeline?.spec.history = HistorySpec(keepVersions: 0)
        let template = try #require(facts.run.template)
        let builder = StepJob(run: facts.run, template: template, options: Objects.options, retention: facts.retention)
        let requests = try RunPlan(for: template).steps.map { step in
            let annotations = try builder.build(step: step, attempt: 1).spec?.template.metadata?.annotations
            let text = try #require(annotations?[Naming.requestAnnotation])
            return try KubeJSON.decoder().decode(StepRequest.self, from: Data(text.utf8))
        }
        #expect(requests.map(\.retention?.keepVersions) == [0, 0])
        facts.pipeline = nil
        #expect(facts.retention == nil)
    }

    @Test("a pipeline remembers the version that it promoted before")
    func previous() throws {
        var pipeline = Objects.pipeline()
        pipeline.status = ForecastPipelineStatus()
        pipeline.status?.model = Objects.model("v1")
        let observed = ObservedPipeline(
            pipeline: pipeline,
            runs: [Objects.run(of: pipeline, gate: .passed, version: "v2")],
            claim: StoreClaim(pipeline: pipeline, options: Objects.options).build(),
            ownServices: [],
            options: Objects.options
        )
        let status = try observed.decide(now: Objects.now).status
        #expect(status?.model?.version == "v2" && status?.previousModel?.version == "v1")
    }
}
