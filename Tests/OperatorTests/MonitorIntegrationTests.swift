// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeClient
import KubeCore
import KubeTestSupport
import Testing

@testable import Operator

@Suite(
    "Live accuracy against a real API server",
    .enabled(if: TestControlPlane.isAvailable),
    .serialized,
    .timeLimit(.minutes(2))
)
struct MonitorIntegrationTests {
    private func patchService(_ spec: String, _ cluster: TestCluster) async throws {
        try await cluster.patch(
            "/apis/almanac.dev/v1alpha1/namespaces/\(cluster.namespace)/forecastservices/demo",
            #"{"spec":\#(spec)}"#,
            type: "application/merge-patch+json"
        )
    }

    private func reason(_ cluster: TestCluster) async throws -> String? {
        try await cluster.service()?.status?.conditions?.condition(ConditionType.forecastAccurate)?.reason
    }

    private func serving(_ version: String, _ cluster: TestCluster) async throws {
        try await cluster.until("\(version) is served") { try await cluster.service()?.status?.stable == version }
    }

    @Test("accuracy comes into the status, its loss starts one run, and Jobs do not pile up")
    func retrains() async throws {
        let cluster = try await TestCluster.make(role: "operator/rbac.yaml")
        try await cluster.run(works: true) { cluster in
            var pipeline = Objects.pipeline()
            pipeline.spec.retrain = RetrainSpec(onAccuracyLoss: true, cooldownSeconds: 10)
            try await cluster.apply(pipeline)
            try await serving("version-demo-g1", cluster)
            try await patchService(#"{"monitoring":{"intervalSeconds":10,"maxMAE":2}}"#, cluster)
            try await cluster.until("forecasts are accurate") { try await reason(cluster) == "Accurate" }
            let status = try await cluster.service()?.status
            #expect(status?.accuracy?.mae == 1 && status?.accuracy?.version == "version-demo-g1")
            // Pods are replaced, since they may write into the store by now.
            try await cluster.until("the service is ready again") {
                try await cluster.service()?.status?.conditions?.holds(ConditionType.ready) == true
            }
            cluster.liveMAE.set(3)
            try await cluster.until("accuracy is lost") { try await reason(cluster) == "AccuracyLost" }
            let run = try await cluster.until("a run starts because of it") {
                let runs = try await cluster.client.list(ForecastRun.self, namespace: cluster.namespace).items
                return runs.first { $0.spec.trigger == .accuracy }
            }
            #expect(run.metadata.name.hasPrefix("demo-f"))
            try await serving("version-\(run.metadata.name)", cluster)
            let pipelineStatus = try await cluster.pipeline().status
            #expect(pipelineStatus?.retrain?.run == run.metadata.name && pipelineStatus?.retrain?.service == "demo")
            let jobs = try await cluster.client.list(Job.self, namespace: cluster.namespace).items
            #expect((1...3).contains(jobs.count { $0.metadata.name.hasPrefix("demo-monitor-") }))
            let events = try await cluster.client.list(Event.self, namespace: cluster.namespace).items
            #expect(events.contains { $0.reason == "AccuracyLost" })
        }
    }

    @Test("a canary whose forecasts come out worse is rolled back with the numbers")
    func canary() async throws {
        let cluster = try await TestCluster.make()
        try await cluster.run(works: true) { cluster in
            try await cluster.apply(Objects.pipeline())
            try await serving("version-demo-g1", cluster)
            let analysis = #"{"maxErrorIncreasePercent":20}"#
            let step = #"[{"trafficPercent":10,"holdSeconds":1}]"#
            try await patchService(
                #"{"monitoring":{},"canary":{"steps":\#(step),"analysis":\#(analysis)}}"#,
                cluster
            )
            try await cluster.until("forecasts are compared") { try await reason(cluster) == "NoLimit" }
            cluster.liveMAE.set(3)
            try await cluster.request("worse")
            try await cluster.until("it is rolled back") {
                try await cluster.service()?.status?.lastCanary?.result == .rolledBack
            }
            let last = try await cluster.service()?.status?.lastCanary
            #expect(last?.message.contains("MAE 3, 200% above the 1 of the version before it") == true)
            #expect(try await cluster.service()?.status?.stable == "version-demo-g1")
        }
    }
}
