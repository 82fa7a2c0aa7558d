// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite(
    "A service on a real cluster",
    .enabled(if: RealCluster.isAvailable),
    .serialized,
    .timeLimit(.minutes(8))
)
struct ServiceLifeTests {
    private static let pipeline = """
        apiVersion: almanac.dev/v1alpha1
        kind: ForecastPipeline
        metadata: {name: wave}
        spec:
          source: {csv: {url: "URL"}}
          series: {timestamp: time, targets: [value], frequency: 1h}
          model: {lookback: 48, horizon: 12, nlinear: {}}
          gate: {metric: MAE, threshold: 2}
          service: {name: wave}
        """

    private static let canary = """
        {"spec":{"canary":{"steps":[{"trafficPercent":20,"holdSeconds":5},{"trafficPercent":60,"holdSeconds":5}],\
        "analysis":{"maxErrorPercent":1,"minRequests":50}}}}
        """

    /// A cluster with a service of two pods that answers.
    private func make(_ name: String) async throws -> (cluster: RealCluster, data: DataServer, load: Load) {
        let cluster = try await RealCluster.make(name)
        let data = try await DataServer()
        try data.publish(DataServer.wave(days: 60, noise: 0.01), as: "wave.csv")
        try cluster.apply(Self.pipeline.replacingOccurrences(of: "URL", with: "\(data.url)/wave.csv"))
        try await cluster.until("the service is ready") {
            try cluster.condition("fsvc wave", "Ready", "status") == "True"
        }
        try cluster.kubectl("scale", "fsvc", "wave", "--replicas=2")
        try await cluster.until("both pods answer") {
            try cluster.get("fsvc wave", "{.status.readyReplicas}") == "2"
                && cluster.condition("fsvc wave", "Ready", "status") == "True"
        }
        return (cluster, data, try Load(url: cluster.address(of: "wave"), lookback: 48))
    }

    /// Asks for a run over more data and waits for its version.
    private func train(_ cluster: RealCluster, _ data: DataServer, days: Int) async throws -> String {
        let before = try cluster.get("fpipe wave", "{.status.model.version}")
        try data.publish(DataServer.wave(days: days, noise: 0.01), as: "wave.csv")
        let request = #"{"spec":{"runRequest":"\#(days)"}}"#
        try cluster.kubectl("patch", "fpipe", "wave", "--type=merge", "-p", request)
        try await cluster.until("there is a new version") {
            try cluster.get("fpipe wave", "{.status.model.version}") != before
        }
        return try cluster.get("fpipe wave", "{.status.model.version}")
    }

    private func pods(_ cluster: RealCluster) throws -> String {
        try cluster.get("pods -l almanac.dev/service=wave", "{.items[*].metadata.uid}")
    }

    /// Runs the load while `body` does; no request may fail.
    private func underLoad(_ load: Load, _ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await load.run() }
            defer { load.stop() }
            try await body()
            load.stop()
            try await group.waitForAll()
        }
        let (answers, failures) = load.result
        #expect(failures == [], "of \(answers) requests")
        #expect(answers > 200)
    }

    @Test("a version switch and a canary under load: no failed request, no pod restarted, soon, and on the record")
    func switchAndCanary() async throws {
        let (cluster, data, load) = try await make("canary")
        defer { cluster.remove() }
        let before = try pods(cluster)
        try await underLoad(load) {
            let second = try await train(cluster, data, days: 70)
            let start = ContinuousClock.now
            try await cluster.serving(second, "wave")
            #expect(ContinuousClock.now - start < .seconds(20), "kubelets were asked to bring the change at once")

            try cluster.kubectl("patch", "fsvc", "wave", "--type=merge", "-p", Self.canary)
            let third = try await train(cluster, data, days: 80)
            try await cluster.until("the canary has its first share") {
                try cluster.get("fsvc wave", "{.status.canary.trafficPercent}") == "20"
            }
            #expect(try cluster.condition("fsvc wave", "Ready", "status") == "True")
            let table = try cluster.kubectl("get", "fsvc")
            for cell in ["CANARY", "TRAFFIC", second, third] { #expect(table.contains(cell), "\(table)") }
            try await cluster.serving(third, "wave")
        }
        #expect(try pods(cluster) == before)
        #expect(try cluster.get("fsvc wave", "{.status.lastCanary.result}") == "Promoted")
        let story = try cluster.kubectl("get", "events.events.k8s.io", "-o", "jsonpath={.items[*].reason}")
        for reason in ["CanaryStarted", "CanaryStep", "CanaryPromoted"] { #expect(story.contains(reason)) }
    }

    @Test("a canary is aborted by kubectl alone under load, and an operator that starts anew leaves it so")
    func abort() async throws {
        let (cluster, data, load) = try await make("abort")
        defer { cluster.remove() }
        let first = try cluster.get("fsvc wave", "{.status.stable}")
        let held = Self.canary.replacingOccurrences(of: "\"holdSeconds\":5", with: "\"holdSeconds\":600")
        try cluster.kubectl("patch", "fsvc", "wave", "--type=merge", "-p", held)
        try await underLoad(load) {
            let second = try await train(cluster, data, days: 70)
            try await cluster.until("the canary is judged") {
                try cluster.get("fsvc wave", "{.status.canary.analysis.outcome}") == "Passed"
            }
            let decision = #"{"spec":{"canary":{"decision":{"version":"\#(second)","action":"Abort"}}}}"#
            try cluster.kubectl("patch", "fsvc", "wave", "--type=merge", "-p", decision)
            try await cluster.until("it is aborted") {
                try cluster.condition("fsvc wave", "Ready", "reason") == "CanaryAborted"
            }
            let programs = ["deployment/almanac-operator", "--namespace=almanac-system"]
            try cluster.kubectl("rollout", "restart", programs[0], programs[1])
            try cluster.kubectl("rollout", "status", programs[0], programs[1], "--timeout=60s")
            try await Task.sleep(for: .seconds(5))
        }
        #expect(try cluster.get("fsvc wave", "{.status.stable}") == first)
        #expect(try cluster.get("fsvc wave", "{.status.canary.version}") == "")
        #expect(try cluster.condition("fsvc wave", "Ready", "status") == "True")
    }
}
