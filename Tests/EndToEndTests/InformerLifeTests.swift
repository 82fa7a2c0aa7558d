// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import Testing

@Suite("An Informer on a real cluster", .enabled(if: RealCluster.isAvailable), .serialized, .timeLimit(.minutes(5)))
struct InformerLifeTests {
    private func pipeline(_ url: String) -> String {
        """
        apiVersion: almanac.dev/v1alpha1
        kind: ForecastPipeline
        metadata: {name: wave}
        spec:
          source: {csv: {url: "\(url)"}}
          series: {timestamp: time, targets: [value], frequency: 1h}
          model:
            lookback: 48
            horizon: 12
            informer: {labelLength: 24, dModel: 16, heads: 2, feedForward: 32, encoderLayers: 1}
          training: {epochs: 4, learningRate: 0.005}
          gate: {metric: MAE, threshold: 20}
          service: {name: wave}
        """
    }

    @Test("is trained in epochs, gated and served, and answers whoever says when the history ends")
    func life() async throws {
        let cluster = try await RealCluster.make("informer")
        defer { cluster.remove() }
        let data = try await DataServer()
        // A wave of 20 beside a trend of ten a month: a forecast of the mean has an MAE of some 13.
        try data.publish(DataServer.wave(days: 60, noise: 0.01), as: "wave.csv")
        try cluster.apply(pipeline("\(data.url)/wave.csv"))
        try await cluster.until("the pipeline is ready") {
            try cluster.condition("fpipe wave", "Ready", "status") == "True"
        }
        let version = try cluster.get("fpipe wave", "{.status.model.version}")
        #expect(try cluster.get("fpipe wave", "{.status.gate.outcome}") == "Passed")
        let mae = try cluster.get("fpipe wave", "{.status.metrics.mae}")
        #expect(Double(mae).map { $0 > 0 && $0 < 10 } ?? false, "MAE \(mae)")
        let run = try cluster.get("fpipe wave", "{.status.lastRun.name}")
        let epochs = try cluster.get("frun \(run)", "{.status.training.epochs}")
        #expect(Int(epochs).map { (1...4).contains($0) } ?? false, "epochs \(epochs)")
        try await cluster.serving(version, "wave")
        let url = try cluster.address(of: "wave")
        let forecast = try await Load(url: url, lookback: 48, end: "2024-03-01T23:00:00Z").once()
        #expect(forecast.count == 12 && forecast.allSatisfy { $0 > 60 && $0 < 160 }, "\(forecast)")
        let refusal = try await Load(url: url, lookback: 48).answer()
        #expect(refusal.status == 400 && String(decoding: refusal.body, as: UTF8.self).contains("end"))
    }
}
