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
    "Runs that people make and end, at a real API server",
    .enabled(if: TestControlPlane.isAvailable),
    .serialized,
    .timeLimit(.minutes(2))
)
struct CloneIntegrationTests {
    /// Writes a run as `kubectl create -f` does.
    private func create(_ name: String, _ spec: String, in cluster: TestCluster) async throws {
        let body = """
            {"apiVersion": "almanac.dev/v1alpha1", "kind": "ForecastRun", "metadata": {"name": "\(name)"},
             "spec": \(spec)}
            """
        let path = "/apis/almanac.dev/v1alpha1/namespaces/\(cluster.namespace)/forecastruns"
        _ = try await cluster.client.send(
            KubeRequest(.post, path: path, contentType: "application/json", body: Data(body.utf8))
        )
    }

    private func run(_ name: String, in cluster: TestCluster) async throws -> ForecastRun {
        try await cluster.client.get(ForecastRun.self, namespace: cluster.namespace, name: name)
    }

    private func finished(_ name: String, in cluster: TestCluster) async throws -> ForecastRun {
        try await cluster.until("\(name) has ended") {
            let runs = try await cluster.client.list(ForecastRun.self, namespace: cluster.namespace).items
            return runs.first { $0.metadata.name == name && $0.status?.isFinished == true }
        }
    }

    @Test("a clone with another model block is run and kept, never promoted; a null survives the server")
    func clone() async throws {
        let cluster = try await TestCluster.make(role: "operator/rbac.yaml")
        try await cluster.run(works: true) { cluster in
            try await cluster.apply(Objects.pipeline())
            try await cluster.until("the first version") {
                try await cluster.service()?.status?.stable == "version-demo-g1"
            }
            let spec = """
                {"pipelineRef": {"name": "demo"}, "fromRun": "demo-g1",
                 "overrides": {"model": {"lookback": 48, "dlinear": {"kernelSize": 13}}, "gate": null}}
                """
            try await create("wider", spec, in: cluster)
            let clone = try await finished("wider", in: cluster)
            #expect(clone.spec.trigger == .clone && clone.spec.template == nil)
            #expect(clone.status?.template?.model.dlinear?.kernelSize == 13)
            #expect(clone.status?.template?.model.nlinear == nil && clone.status?.template?.model.lookback == 48)
            #expect(clone.status?.gate?.reason == "NoGate" && clone.status?.model?.version == "version-wider")
            let pipeline = try await cluster.pipeline()
            #expect(clone.metadata.isControlled(by: pipeline.metadata.uid))
            #expect(clone.metadata.labels?[Naming.pipelineLabel] == "demo")
            #expect(pipeline.status?.model?.version == "version-demo-g1" && pipeline.status?.lastRun?.name == "demo-g1")

            // A clone of the clone, with a typing error.
            let typo = #"{"pipelineRef": {"name": "demo"}, "fromRun": "wider", "overrides": {"model": {"horzon": 3}}}"#
            try await create("typo", typo, in: cluster)
            let refused = try await finished("typo", in: cluster)
            let condition = refused.status?.conditions?.condition(ConditionType.succeeded)
            #expect(condition?.reason == "InvalidSpec")
            #expect(condition?.message == "spec.overrides.model.horzon: is not a field of a run's template")

            let before = try await cluster.writesOnceQuiet()
            try await Task.sleep(for: .seconds(2))
            #expect(cluster.writes() == before, "a cluster at rest is written to")
        }
    }

    @Test("a second run on the same data takes the result of the first, and its version stays the promoted one")
    func cache() async throws {
        var cluster = try await TestCluster.make(role: "operator/rbac.yaml")
        cluster.imageID = "sha256:0123"
        try await cluster.run(works: true) { cluster in
            try await cluster.apply(Objects.pipeline())
            let first = try await finished("demo-g1", in: cluster)
            #expect(first.status?.steps?.map(\.cachedFrom) == [nil, nil])
            try await cluster.request("again")
            let second = try await finished("demo-g2", in: cluster)
            #expect(second.status?.steps?.last?.cachedFrom == "demo-g1")
            #expect(second.status?.model?.version == "version-demo-g1" && second.status?.metrics?.mae == 0.5)
            let jobs = try await cluster.client.list(Job.self, namespace: cluster.namespace).items
            #expect(jobs.map(\.metadata.name).sorted() == ["demo-g1-prepare", "demo-g1-train", "demo-g2-prepare"])
            try await cluster.until("the pipeline follows") {
                try await cluster.pipeline().status?.lastRun?.outcome == .promoted
            }
            #expect(try await cluster.pipeline().status?.model?.version == "version-demo-g1")
        }
    }

    @Test("what a worker writes into its log comes into the run's status")
    func progress() async throws {
        var cluster = try await TestCluster.make(role: "operator/rbac.yaml")
        cluster.readLog = { key in
            #expect(key.name == "demo-g1-prepare-pod")
            return Data("noise\n{\"task\":\"Prepare\",\"message\":\"reading\",\"fraction\":0.5,\"rows\":7}\n".utf8)
        }
        try await cluster.run(works: false) { cluster in
            try await cluster.apply(Objects.pipeline())
            let job = try await cluster.until("the first Job") {
                try await cluster.client.list(Job.self, namespace: cluster.namespace).items.first
            }
            try await FakeNode(client: cluster.client, namespace: cluster.namespace).start(job)
            let step = try await cluster.until("progress is shown") {
                try await run("demo-g1", in: cluster).status?.steps?.first { $0.progress != nil }
            }
            #expect(step.progress?.message == "reading" && step.progress?.rows == 7 && step.state == .running)
            let before = try await run("demo-g1", in: cluster)
            try await Task.sleep(for: .seconds(6))
            #expect(try await run("demo-g1", in: cluster) == before, "the same progress is written again")
        }
    }

    @Test("spec.cancel ends a run: its Job goes, its status says so, and the pipeline starts its next run")
    func cancel() async throws {
        let cluster = try await TestCluster.make(role: "operator/rbac.yaml")
        try await cluster.run(works: false) { cluster in
            try await cluster.apply(Objects.pipeline())
            try await cluster.until("the first Job") {
                try await !cluster.client.list(Job.self, namespace: cluster.namespace).items.isEmpty
            }
            let path = "/apis/almanac.dev/v1alpha1/namespaces/\(cluster.namespace)/forecastruns/demo-g1"
            try await cluster.patch(path, #"{"spec":{"cancel":true}}"#, type: "application/merge-patch+json")
            let ended = try await finished("demo-g1", in: cluster)
            #expect(ended.status?.conditions?.condition(ConditionType.succeeded)?.reason == "Cancelled")
            #expect(try await cluster.client.list(Job.self, namespace: cluster.namespace).items.isEmpty)
            try await cluster.until("the pipeline says so") {
                try await cluster.pipeline().status?.lastRun?.outcome == .cancelled
            }
            try await cluster.request("again")
            try await cluster.until("the next run") {
                try await cluster.client.list(Job.self, namespace: cluster.namespace).items
                    .contains { $0.metadata.name == "demo-g2-prepare" }
            }
        }
    }
}
