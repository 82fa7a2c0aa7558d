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
    "Promotion at a real API server",
    .enabled(if: TestControlPlane.isAvailable),
    .serialized,
    .timeLimit(.minutes(2))
)
struct PromotionIntegrationTests {
    private func promote(_ version: String, _ cluster: TestCluster) async throws {
        try await cluster.patch(
            "/apis/almanac.dev/v1alpha1/namespaces/\(cluster.namespace)/forecastpipelines/demo",
            #"{"spec":{"promote":"\#(version)"}}"#,
            type: "application/merge-patch+json"
        )
    }

    private func reason(_ cluster: TestCluster) async throws -> String? {
        try await cluster.pipeline().status?.conditions?.condition(ConditionType.ready)?.reason
    }

    @Test("with mode Manual spec.promote moves the served version forward, and back")
    func manual() async throws {
        let cluster = try await TestCluster.make()
        try await cluster.run(works: true) { cluster in
            var pipeline = Objects.pipeline()
            pipeline.spec.gate = GateSpec(threshold: 1, baseline: GateBaselineSpec(kind: .both), mode: .manual)
            pipeline.spec.backtest = BacktestSpec(windows: 5, strideSteps: 6, mode: .expanding)
            pipeline.spec.dataChecks = DataChecksSpec(maxAgeSteps: 3)
            try await cluster.apply(pipeline)
            try await cluster.until("the first version waits") {
                try await reason(cluster) == "AwaitingPromotion"
            }
            #expect(try await cluster.service() == nil)
            try await promote("version-demo-g1", cluster)
            try await cluster.until("it is served") {
                try await cluster.service()?.status?.stable == "version-demo-g1"
            }
            try await cluster.request("next")
            let waiting = try await cluster.until("the second version waits") {
                let pipeline = try await cluster.pipeline()
                return pipeline.status?.lastRun?.outcome == .awaitingPromotion ? pipeline : nil
            }
            #expect(waiting.status?.versions?.map(\.version) == ["version-demo-g3", "version-demo-g1"])
            let job = try await cluster.client.get(Job.self, namespace: cluster.namespace, name: "demo-g3-train")
            let request = job.spec?.template.metadata?.annotations?[Naming.requestAnnotation] ?? ""
            #expect(request.contains(#""incumbent":{"#) && request.contains(#""version":"version-demo-g1""#))
            for version in ["version-demo-g3", "version-demo-g1"] {
                try await promote(version, cluster)
                try await cluster.until("\(version) is served") {
                    try await cluster.service()?.status?.stable == version
                }
            }
            try await promote("nonsense", cluster)
            try await cluster.until("an unknown version is answered") {
                try await reason(cluster) == "VersionNotFound"
            }
            #expect(try await cluster.service()?.status?.stable == "version-demo-g1")
            let events = try await cluster.client.list(Event.self, namespace: cluster.namespace).items
            #expect(events.contains { $0.reason == "VersionPromoted" })
            let runs = try await cluster.client.list(ForecastRun.self, namespace: cluster.namespace).items
            #expect(runs.count == 2, "promoting starts no run")
            let scored = runs.compactMap { $0.status?.backtest }
            #expect(scored.count == 2 && scored.allSatisfy { $0.baseline(.seasonalNaive)?.metrics?.mae == 2 })
        }
    }

    @Test("a run that leaves its data out says so, and the version before it is served on")
    func skipped() async throws {
        let cluster = try await TestCluster.make()
        try await cluster.run(works: true) { cluster in
            try await cluster.apply(Objects.pipeline())
            try await cluster.until("the first version is served") {
                try await cluster.service()?.status?.stable == "version-demo-g1"
            }
            var pipeline = Objects.pipeline()
            pipeline.spec.dataChecks = DataChecksSpec(maxAgeSteps: 0)
            try await cluster.apply(pipeline)
            let skipped = try await cluster.until("the run is skipped") {
                let pipeline = try await cluster.pipeline()
                return pipeline.status?.lastRun?.outcome == .skipped ? pipeline : nil
            }
            let conditions = skipped.status?.conditions ?? []
            #expect(conditions.condition(ConditionType.ready)?.status == .yes)
            #expect(conditions.condition(ConditionType.ready)?.reason == "Skipped")
            #expect(conditions.condition(ConditionType.dataFresh)?.status == .no)
            #expect(skipped.status?.model?.version == "version-demo-g1")
            let run = try await cluster.client.get(ForecastRun.self, namespace: cluster.namespace, name: "demo-g2")
            #expect(run.status?.steps?.map(\.state) == [.succeeded, .skipped])
            let jobs = try await cluster.client.list(Job.self, namespace: cluster.namespace).items
            #expect(!jobs.contains { $0.metadata.name == "demo-g2-train" })
        }
    }
}
