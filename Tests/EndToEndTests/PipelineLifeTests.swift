// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite(
    "A pipeline on a real cluster",
    .enabled(if: RealCluster.isAvailable),
    .serialized,
    .timeLimit(.minutes(8))
)
struct PipelineLifeTests {
    private func pipeline(_ url: String, extra: String = "", worker: String = "") -> String {
        """
        apiVersion: almanac.dev/v1alpha1
        kind: ForecastPipeline
        metadata: {name: wave}
        spec:
          source: {csv: {url: "\(url)"}}
          series: {timestamp: time, targets: [value], frequency: 1h}
          model: {lookback: 48, horizon: 12, nlinear: {}}
          gate: {metric: MAE, threshold: 2}
          service: {name: wave}
          \(extra)
          \(worker)
        """
    }

    @Test("applied, gated, served, retrained without a failed request, held by its gate, and gone without a trace")
    func life() async throws {
        let cluster = try await RealCluster.make("life")
        defer { cluster.remove() }
        let data = try await DataServer()
        try data.publish(DataServer.wave(days: 60, noise: 0.01), as: "wave.csv")
        try cluster.apply(pipeline("\(data.url)/wave.csv"))
        try await cluster.until("the pipeline is ready") {
            try cluster.condition("fpipe wave", "Ready", "status") == "True"
        }
        let table = try cluster.kubectl("get", "fpipe")
        let version = try cluster.get("fpipe wave", "{.status.model.version}")
        let mae = try cluster.get("fpipe wave", "{.status.metrics.mae}")
        for cell in ["GatePassed", version, mae, "Passed", "2"] { #expect(table.contains(cell), "\(table)") }
        #expect(Double(mae).map { $0 > 0 && $0 < 2 } ?? false)
        try await cluster.serving(version, "wave")
        let load = try Load(url: cluster.address(of: "wave"), lookback: 48)
        let forecast = try await load.once()
        #expect(forecast.count == 12 && forecast.allSatisfy { $0 > 60 && $0 < 160 })

        let second = try await retrain(cluster, data, load)
        #expect(second > version)

        try data.publish(DataServer.wave(days: 60, noise: 1), as: "wave.csv")
        try request("worse", cluster)
        try await cluster.until("the gate fails") {
            try cluster.condition("fpipe wave", "Ready", "reason") == "GateFailed"
        }
        #expect(try cluster.condition("fpipe wave", "Ready", "message").contains("version \(second) stays"))
        #expect(try cluster.get("fpipe wave", "{.status.model.version}") == second)
        #expect(try cluster.get("fsvc wave", "{.status.stable}") == second)
        #expect(try await load.once().count == 12)
        let story = try cluster.kubectl("get", "events.events.k8s.io", "-o", "jsonpath={.items[*].reason}")
        for reason in ["RunStarted", "GatePassed", "GateFailed", "Serving"] { #expect(story.contains(reason)) }

        try cluster.kubectl("delete", "fpipe", "wave", "--timeout=60s")
        try await nothingIsLeft(cluster)
    }

    /// Publishes more data, asks for a run, and waits until its version is served, under load all the while.
    private func retrain(_ cluster: RealCluster, _ data: DataServer, _ load: Load) async throws -> String {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await load.run() }
            defer { load.stop() }
            let before = try cluster.get("fpipe wave", "{.status.model.version}")
            try data.publish(DataServer.wave(days: 70, noise: 0.01), as: "wave.csv")
            try request("more data", cluster)
            try await cluster.until("there is a new version") {
                try cluster.get("fpipe wave", "{.status.model.version}") != before
            }
            let version = try cluster.get("fpipe wave", "{.status.model.version}")
            try await cluster.serving(version, "wave")
            // The old pod is on its way out for some seconds more.
            try await Task.sleep(for: .seconds(8))
            load.stop()
            try await group.waitForAll()
            let (answers, failures) = load.result
            #expect(failures == [], "of \(answers) requests")
            #expect(answers > 200)
            return version
        }
    }

    @Test("data that cannot be had or used ends in a reason and a message that tell what to do")
    func badData() async throws {
        let cluster = try await RealCluster.make("bad-data")
        defer { cluster.remove() }
        let data = try await DataServer()
        try data.publish("time,value\n2024-01-01T00:00:00Z,1\n2024-01-01T01:00:00Z,abc\n", as: "text.csv")
        try cluster.apply(pipeline("\(data.url)/text.csv"))
        try await cluster.until("the run fails") { try cluster.condition("fpipe wave", "Stalled", "status") == "True" }
        #expect(try cluster.condition("fpipe wave", "Ready", "reason") == "BadData")
        let message = try cluster.condition("fpipe wave", "Ready", "message")
        for part in ["line 3", "value", "abc"] { #expect(message.contains(part), "\(message)") }

        try cluster.apply(pipeline("\(data.url)/missing.csv"))
        try await cluster.until("the source is missed") {
            try cluster.condition("fpipe wave", "Ready", "reason") == "SourceUnreachable"
        }
        #expect(try cluster.condition("fpipe wave", "Ready", "message").contains("\(data.url)/missing.csv"))
    }

    @Test("of three scheduled runs over data that grows one is skipped, one refused and one promoted, all visibly")
    func schedule() async throws {
        let cluster = try await RealCluster.make("schedule")
        defer { cluster.remove() }
        let data = try await DataServer()
        try data.publish(DataServer.wave(days: 60, noise: 0.01), as: "wave.csv")
        let schedule = """
            schedule: {crons: ["* * * * *"], timeZone: Europe/Amsterdam}
              dataChecks: {policy: Skip, ranges: [{column: value, minimum: -1000, maximum: 1000}]}
            """
        try cluster.apply(pipeline("\(data.url)/wave.csv", extra: schedule))
        try await cluster.until("the specification's own run is done") {
            try cluster.condition("fpipe wave", "Ready", "status") == "True"
        }
        let first = try cluster.get("fpipe wave", "{.status.model.version}")
        let next = try cluster.get("fpipe wave", "{.status.schedule.nextScheduleTime}")

        let broken = DataServer.wave(days: 61, noise: 0.01) + "2024-03-02T00:00:00Z,5000\n"
        try data.publish(broken, as: "wave.csv")
        try await outcome("Schedule Skipped", cluster)
        #expect(try cluster.condition("fpipe wave", "DataValid", "message").contains("5000"))
        #expect(try cluster.condition("fpipe wave", "Ready", "status") == "True")

        try data.publish(DataServer.wave(days: 62, noise: 1), as: "wave.csv")
        try await outcome("Schedule GateFailed", cluster)
        #expect(try cluster.get("fpipe wave", "{.status.model.version}") == first)

        try data.publish(DataServer.wave(days: 63, noise: 0.01), as: "wave.csv")
        try await outcome("Schedule Promoted", cluster)
        #expect(try cluster.get("fpipe wave", "{.status.model.version}") > first)
        #expect(try cluster.get("fpipe wave", "{.status.schedule.lastScheduleTime}") >= next)
        let table = try cluster.kubectl("get", "fpipe,frun")
        for cell in [":00Z", "Skipped", "Failed", "Passed", "Schedule"] { #expect(table.contains(cell), "\(table)") }
    }

    private func outcome(_ expected: String, _ cluster: RealCluster) async throws {
        try await cluster.until("the last run is \(expected)") {
            try cluster.get("fpipe wave", "{.status.lastRun.trigger} {.status.lastRun.outcome}") == expected
        }
    }

    @Test("a worker killed for memory names its limit")
    func memory() async throws {
        let cluster = try await RealCluster.make("memory")
        defer { cluster.remove() }
        let data = try await DataServer()
        try data.publish(DataServer.wave(days: 2_000, noise: 0.01), as: "wave.csv")
        try cluster.apply(pipeline("\(data.url)/wave.csv", worker: "worker: {resources: {limits: {memory: 8Mi}}}"))
        try await cluster.until("the run fails") { try cluster.condition("fpipe wave", "Stalled", "status") == "True" }
        #expect(try cluster.condition("fpipe wave", "Ready", "reason") == "OOMKilled")
        let message = try cluster.condition("fpipe wave", "Ready", "message")
        #expect(message.contains("8Mi") && message.contains("spec.worker.resources.limits.memory"), "\(message)")
    }

    @Test("a pipeline deleted in the middle of a run leaves nothing behind")
    func deletedWhileRunning() async throws {
        let cluster = try await RealCluster.make("deleted")
        defer { cluster.remove() }
        let data = try await DataServer()
        try cluster.apply(pipeline("\(data.url)/silence"))
        try await cluster.until("a pod runs") { try cluster.get("pods", "{.items[*].status.phase}") == "Running" }
        try cluster.kubectl("delete", "fpipe", "wave", "--timeout=60s")
        try await nothingIsLeft(cluster)
    }

    @Test("an artifact that is gone keeps no running pod from answering, and a new pod says what is missing")
    func artifactGone() async throws {
        let cluster = try await RealCluster.make("artifact")
        defer { cluster.remove() }
        let data = try await DataServer()
        try data.publish(DataServer.wave(days: 60, noise: 0.01), as: "wave.csv")
        try cluster.apply(pipeline("\(data.url)/wave.csv"))
        try await cluster.until("the service is ready") {
            try cluster.condition("fsvc wave", "Ready", "status") == "True"
        }
        let volume = try cluster.get("pvc wave-store", "{.spec.volumeName}")
        let folder = try cluster.get("pv \(volume)", "{.spec.hostPath.path}")
        let model = try cluster.get("fpipe wave", "{.status.model.uri}")
        try FileManager.default.removeItem(atPath: "\(folder)/\(model)")
        let load = try Load(url: cluster.address(of: "wave"), lookback: 48)
        #expect(try await load.once().count == 12)
        try cluster.kubectl("scale", "fsvc", "wave", "--replicas=2")
        try await cluster.until("the missing artifact is told") {
            try cluster.condition("fsvc wave", "Ready", "reason") == "ArtifactNotFound"
        }
        #expect(try cluster.condition("fsvc wave", "Ready", "message").contains(model))
        #expect(try cluster.condition("fsvc wave", "Available", "status") == "True")
        #expect(try await load.once().count == 12)
    }

    @Test("an image that cannot be pulled is told, and a new run goes on once the image is right")
    func image() async throws {
        let cluster = try await RealCluster.make("image")
        defer { cluster.remove() }
        let right = try cluster.operatorArguments()
        try await cluster.setOperatorArguments(#"["--worker-image", "almanac.invalid/worker:none"]"#)
        let data = try await DataServer()
        try data.publish(DataServer.wave(days: 60, noise: 0.01), as: "wave.csv")
        try cluster.apply(pipeline("\(data.url)/wave.csv"))
        try await cluster.until("the image is missed") {
            try cluster.condition("fpipe wave", "Ready", "reason") == "ImagePullFailed"
        }
        #expect(try cluster.condition("fpipe wave", "Ready", "message").contains("almanac.invalid/worker:none"))
        try await cluster.setOperatorArguments(right)
        try request("again", cluster)
        try await cluster.until("the pipeline is ready") {
            try cluster.condition("fpipe wave", "Ready", "status") == "True"
        }
    }

    private func request(_ value: String, _ cluster: RealCluster) throws {
        try cluster.kubectl("patch", "fpipe", "wave", "--type=merge", "-p", #"{"spec":{"runRequest":"\#(value)"}}"#)
    }

    private func nothingIsLeft(_ cluster: RealCluster) async throws {
        let kinds = "fpipe,frun,fsvc,jobs,deployments,services,configmaps,pvc,pods"
        try await cluster.until("nothing is left") {
            try cluster.kubectl("get", kinds, "-o", "name").split(separator: "\n")
                .allSatisfy { $0.hasSuffix("/kube-root-ca.crt") || $0.hasPrefix("No resources found") }
        }
    }
}
