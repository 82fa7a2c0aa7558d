// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeClient
import KubeCore
import KubeRuntime
import KubeTestSupport
import Logging
import PrometheusMetrics
import Testing
import Yams

@testable import Operator

@Suite(
    "The operator at a real API server",
    .enabled(if: TestControlPlane.isAvailable),
    .serialized,
    .timeLimit(.minutes(2))
)
struct OperatorIntegrationTests {
    @Test("from an applied pipeline to a served version, then nothing is written until something changes")
    func wholeWay() async throws {
        try await withOperator { cluster in
            try await cluster.apply(Objects.pipeline())
            let service = try await cluster.until("the service is ready") {
                try await cluster.service().flatMap { $0.status?.conditions?.holds("Ready") == true ? $0 : nil }
            }
            #expect(service.status?.stable == "version-demo-g1")
            #expect(service.status?.url == "http://demo.\(cluster.namespace).svc")
            let pipeline = try await cluster.pipeline()
            #expect(pipeline.status?.metrics?.mae == 0.5 && pipeline.status?.gate?.threshold == 1)
            #expect(pipeline.status?.model?.version == "version-demo-g1")
            let jobs = try await cluster.client.list(Job.self, namespace: cluster.namespace).items
            #expect(jobs.map(\.metadata.name).sorted() == ["demo-g1-prepare", "demo-g1-train"])

            let before = try await cluster.writesOnceQuiet()
            try await Task.sleep(for: .seconds(3))
            #expect(cluster.writes() == before, "a cluster at rest is written to")
        }
    }

    @Test("a worse model fails the gate and the served version stays; a better one is rolled out")
    func gate() async throws {
        try await withOperator { cluster in
            try await cluster.apply(Objects.pipeline())
            try await cluster.until("the first version") {
                try await cluster.service()?.status?.stable == "version-demo-g1"
            }
            cluster.mae.set(5)
            try await cluster.request("worse")
            try await cluster.until("the gate fails") {
                try await cluster.pipeline().status?.lastRun?.outcome == .gateFailed
            }
            #expect(try await cluster.pipeline().status?.model?.version == "version-demo-g1")
            #expect(try await cluster.service()?.status?.stable == "version-demo-g1")
            cluster.mae.set(0.4)
            try await cluster.request("better")
            try await cluster.until("the new version") {
                try await cluster.service()?.status?.stable == "version-demo-g3"
            }
        }
    }

    @Test("a service that was scaled by hand, and a Deployment that somebody changed")
    func drift() async throws {
        try await withOperator { cluster in
            try await cluster.apply(Objects.pipeline())
            try await cluster.until("the service is ready") {
                try await cluster.service()?.status?.conditions?.holds("Ready") == true
            }
            let key = "/apis/apps/v1/namespaces/\(cluster.namespace)/deployments/demo"
            try await cluster.patch(
                key,
                #"{"spec":{"template":{"spec":{"containers":[{"name":"worker","image":"x/y:1"}]}}}}"#
            )
            try await cluster.until("the image is put right") {
                try await cluster.deployment().spec?.template.spec.containers.first?.image
                    == Objects.options.workerImage
            }
            let scaled = "/apis/almanac.dev/v1alpha1/namespaces/\(cluster.namespace)/forecastservices/demo"
            try await cluster.patch(scaled, #"{"spec":{"replicas":2}}"#, type: "application/merge-patch+json")
            try await cluster.until("the Deployment follows") { try await cluster.deployment().spec?.replicas == 2 }
            try await Task.sleep(for: .seconds(1))
            #expect(try await cluster.service()?.spec.replicas == 2)
        }
    }

    @Test("a new version restarts no pod; with a canary it waits for its requests, and kubectl alone promotes it")
    func canary() async throws {
        try await withOperator { cluster in
            try await cluster.apply(Objects.pipeline())
            try await cluster.until("the service is ready") {
                try await cluster.service()?.status?.conditions?.holds("Ready") == true
            }
            let pods = try await cluster.client.list(Pod.self, namespace: cluster.namespace).items
                .filter { $0.metadata.labels?[Naming.serviceLabel] == "demo" }.compactMap(\.metadata.uid)
            let service = "/apis/almanac.dev/v1alpha1/namespaces/\(cluster.namespace)/forecastservices/demo"
            let merge = "application/merge-patch+json"
            let canary = #"{"steps":[{"trafficPercent":25,"holdSeconds":1}],"analysis":{"maxErrorPercent":1}}"#
            try await cluster.patch(service, #"{"spec":{"canary":\#(canary)}}"#, type: merge)
            cluster.mae.set(0.4)
            try await cluster.request("better")
            let status = try await cluster.until("the canary has its share and too few requests") {
                let status = try await cluster.service()?.status
                return status?.canary?.analysis?.outcome == .inconclusive ? status : nil
            }
            #expect(status.canary?.trafficPercent == 25 && status.stable == "version-demo-g1")
            #expect(status.conditions?.holds("Ready") == true)
            let decision = #"{"version":"version-demo-g2","action":"Promote"}"#
            try await cluster.patch(service, #"{"spec":{"canary":{"decision":\#(decision)}}}"#, type: merge)
            try await cluster.until("the version is promoted") {
                let status = try await cluster.service()?.status
                return status?.stable == "version-demo-g2" && status?.lastCanary?.result == .promoted
            }
            let after = try await cluster.client.list(Pod.self, namespace: cluster.namespace).items
                .filter { $0.metadata.labels?[Naming.serviceLabel] == "demo" }
            #expect(after.compactMap(\.metadata.uid) == pods)
            let before = try await cluster.writesOnceQuiet()
            try await Task.sleep(for: .seconds(2))
            #expect(cluster.writes() == before, "a cluster at rest is written to")
        }
    }

    @Test("an autoscaler takes the number of pods over as it is, and gives it back; a budget comes and goes")
    func autoscaler() async throws {
        try await withOperator { cluster in
            try await cluster.apply(Objects.pipeline())
            try await cluster.until("the service is ready") {
                try await cluster.service()?.status?.conditions?.holds("Ready") == true
            }
            let service = "/apis/almanac.dev/v1alpha1/namespaces/\(cluster.namespace)/forecastservices/demo"
            let merge = "application/merge-patch+json"
            try await cluster.patch(service, #"{"spec":{"replicas":3}}"#, type: merge)
            try await cluster.until("the Deployment follows") { try await cluster.deployment().spec?.replicas == 3 }
            typealias Scaler = HorizontalPodAutoscaler<V2Beta2>
            typealias Budget = PodDisruptionBudget<V1Beta1>
            try await cluster.until("there is a budget") {
                try await !cluster.client.list(Budget.self, namespace: cluster.namespace).items.isEmpty
            }
            let scaling = #""autoscaling":{"maxReplicas":5,"targetRequestsPerSecond":200}"#
            let worker = #""worker":{"resources":{"requests":{"cpu":"100m"}}}"#
            try await cluster.patch(service, #"{"spec":{\#(scaling),\#(worker)}}"#, type: merge)
            try await cluster.until("there is an autoscaler by both measures") {
                let scaler = try await cluster.client.list(Scaler.self, namespace: cluster.namespace).items.first
                return scaler?.spec?.metrics?.map(\.type).sorted() == ["Pods", "Resource"]
            }
            #expect(try await cluster.deployment().spec?.replicas == 3)
            let scale = "/apis/apps/v1/namespaces/\(cluster.namespace)/deployments/demo/scale"
            try await cluster.patch(scale, #"{"spec":{"replicas":5}}"#, type: merge)
            try await cluster.until("the pods are counted") { try await cluster.service()?.status?.replicas == 5 }
            try await Task.sleep(for: .seconds(1))
            #expect(try await cluster.deployment().spec?.replicas == 5, "the operator does not fight the autoscaler")
            try await cluster.patch(service, #"{"spec":{"autoscaling":null,"replicas":1}}"#, type: merge)
            try await cluster.until("the number is the specification's") {
                try await cluster.deployment().spec?.replicas == 1
            }
            try await cluster.until("neither is left") {
                let scalers = try await cluster.client.list(Scaler.self, namespace: cluster.namespace).items
                let budgets = try await cluster.client.list(Budget.self, namespace: cluster.namespace).items
                return scalers.isEmpty && budgets.isEmpty
            }
        }
    }

    @Test("a claim of that name that is somebody else's is never touched, and the pipeline says whose name to change")
    func conflict() async throws {
        try await withOperator { cluster in
            let foreign = PersistentVolumeClaim(
                metadata: ObjectMeta(name: "demo-store", namespace: cluster.namespace),
                spec: PersistentVolumeClaimSpec(
                    accessModes: ["ReadWriteOnce"],
                    resources: ResourceRequirements(requests: ["storage": "1Mi"])
                )
            )
            let made = try await cluster.client.create(foreign)
            try await cluster.apply(Objects.pipeline())
            let pipeline = try await cluster.until("the conflict is told") {
                let pipeline = try await cluster.pipeline()
                return pipeline.status?.conditions?.condition("Ready")?.reason == "NameConflict" ? pipeline : nil
            }
            #expect(
                pipeline.status?.conditions?.condition("Ready")?.message
                    == "PersistentVolumeClaim demo-store is there and not Almanac's; rename one of them or delete it"
            )
            let after = try await cluster.client.get(
                PersistentVolumeClaim.self,
                namespace: cluster.namespace,
                name: "demo-store"
            )
            #expect(after == made)
        }
    }

    @Test("an operator that stops and starts again goes on where it was, and makes nothing twice")
    func restart() async throws {
        try await withOperator(works: false) { cluster in
            try await cluster.apply(Objects.pipeline())
            try await cluster.until("the first Job") {
                try await !cluster.client.list(Job.self, namespace: cluster.namespace).items.isEmpty
            }
        } then: { cluster in
            try await cluster.until("the service is ready") {
                try await cluster.service()?.status?.conditions?.holds("Ready") == true
            }
            let runs = try await cluster.client.list(ForecastRun.self, namespace: cluster.namespace).items
            let jobs = try await cluster.client.list(Job.self, namespace: cluster.namespace).items
            #expect(runs.count == 1 && jobs.count == 2)
        }
    }

    @Test("the server refuses what the schema forbids, with the field's name", arguments: ["horizon", "threshold"])
    func schema(field: String) async throws {
        let cluster = try await TestCluster.make()
        var pipeline = Objects.pipeline()
        pipeline.metadata = ObjectMeta(name: "demo", namespace: cluster.namespace)
        if field == "horizon" { pipeline.spec.model.horizon = 0 } else { pipeline.spec.gate = nil }
        var body = try #require(
            try Yams.load(yaml: String(decoding: KubeJSON.encoder().encode(pipeline), as: UTF8.self)) as? [String: Any]
        )
        if field == "threshold", var spec = body["spec"] as? [String: Any] {
            spec["gate"] = ["threshold": "low"]
            body["spec"] = spec
        }
        let request = KubeRequest(
            .post,
            path: "/apis/almanac.dev/v1alpha1/namespaces/\(cluster.namespace)/forecastpipelines",
            contentType: "application/json",
            body: try JSONSerialization.data(withJSONObject: body)
        )
        let error = await #expect(throws: KubeError.self) { _ = try await cluster.client.send(request) }
        #expect(error?.isInvalid == true && "\(error.map(\.description) ?? "")".contains(field))
    }

    /// Runs an operator, and a node beside it where it `works`, while `body` does; then, for `then`, another operator.
    private func withOperator(
        works: Bool = true,
        _ body: @Sendable (TestCluster) async throws -> Void,
        then next: (@Sendable (TestCluster) async throws -> Void)? = nil
    ) async throws {
        let cluster = try await TestCluster.make()
        try await cluster.run(works: works, body)
        if let next { try await cluster.run(works: true, next) }
    }
}
