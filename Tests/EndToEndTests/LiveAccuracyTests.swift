// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite(
    "Live accuracy on a real cluster",
    .enabled(if: RealCluster.isAvailable),
    .serialized,
    .timeLimit(.minutes(12))
)
struct LiveAccuracyTests {
    private static let pipeline = """
        apiVersion: almanac.dev/v1alpha1
        kind: ForecastPipeline
        metadata: {name: wave}
        spec:
          source: {csv: {url: "URL"}}
          series: {timestamp: time, targets: [value], frequency: 1h}
          model: {lookback: 48, horizon: 12, nlinear: {}}
          service: {name: wave}
        """

    private static let monitored = """
        {"spec":{"monitoring":{"intervalSeconds":30,"minValues":50,"maxMAE":10},\
        "canary":{"steps":[{"trafficPercent":20,"holdSeconds":90}],\
        "analysis":{"maxErrorIncreasePercent":50,"minValues":50}}}}
        """

    @Test("accuracy comes into the status, and a canary that forecasts worse rolls itself back")
    func rollback() async throws {
        let cluster = try await RealCluster.make("live")
        defer { cluster.remove() }
        let data = try await DataServer()
        let truth = DataServer.wave(days: 60, noise: 0.01)
        try data.publish(truth, as: "wave.csv")
        try cluster.apply(Self.pipeline.replacingOccurrences(of: "URL", with: "\(data.url)/wave.csv"))
        try await cluster.until("the service is ready") {
            try cluster.condition("fsvc wave", "Ready", "status") == "True"
        }
        let first = try cluster.get("fsvc wave", "{.status.stable}")
        try cluster.kubectl("patch", "fsvc", "wave", "--type=merge", "-p", Self.monitored)
        try await cluster.until("pods remember forecasts") {
            try cluster.condition("fsvc wave", "Ready", "status") == "True"
                && cluster.condition("fsvc wave", "ForecastAccurate", "reason") != ""
        }
        // A pod writes down what it remembers within a minute or so.
        let load = try Load(url: cluster.address(of: "wave"), histories: DataServer.histories(of: truth, rows: 48))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await load.run() }
            defer { load.stop() }
            try await cluster.until("the forecasts are accurate", seconds: 240) {
                try cluster.condition("fsvc wave", "ForecastAccurate", "reason") == "Accurate"
            }
            let table = try cluster.kubectl("get", "fsvc", "-o", "wide")
            for cell in ["ACCURATE", "MAE", "MASE", "Accurate"] { #expect(table.contains(cell), "\(table)") }

            // A model of another world, which its own test rows have nothing against.
            try data.publish(DataServer.wave(days: 60, noise: 0.01, period: 7, amplitude: 300), as: "wave.csv")
            try cluster.kubectl("patch", "fpipe", "wave", "--type=merge", "-p", #"{"spec":{"runRequest":"worse"}}"#)
            try await cluster.until("the canary begins") {
                try cluster.get("fsvc wave", "{.status.canary.stable}") == first
            }
            try data.publish(truth, as: "wave.csv")
            try await cluster.until("it is rolled back", seconds: 300) {
                try cluster.get("fsvc wave", "{.status.lastCanary.result}") == "RolledBack"
            }
            load.stop()
            try await group.waitForAll()
        }
        #expect(load.result.failures == [], "of \(load.result.answers) requests")
        let message = try cluster.get("fsvc wave", "{.status.lastCanary.message}")
        #expect(message.contains("above the") && message.contains("forecast values"), "\(message)")
        try await cluster.serving(first, "wave")
        let jobs = try cluster.get("jobs -l almanac.dev/monitor=wave", "{.items[*].metadata.name}")
        #expect((1...4).contains(jobs.split(separator: " ").count), "\(jobs)")
    }
}
