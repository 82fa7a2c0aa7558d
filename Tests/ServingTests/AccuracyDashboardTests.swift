// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestServers
import Testing

@testable import Serving

@Suite(
    "The dashboard's panel about serving pods",
    .enabled(if: PrometheusServer.isAvailable, "no prometheus"),
    .timeLimit(.minutes(1))
)
struct AccuracyDashboardTests {
    @Test("tells what became of the forecasts of that service, and of no other")
    func remembered() async throws {
        let model = try ServedModel.naive("g12")
        let metrics = ServingMetrics(model: model)
        for outcome in ForecastMemory.Outcome.allCases { metrics.remembered(outcome, 5) }
        let admin = AdminRoutes(shelf: ModelShelf(model), readiness: Readiness(), metrics: metrics)
        try await LoopbackServer.with(admin.router()) { address in
            let labels = ["namespace": "team", "pod": "traffic-1"]
            let server = try await PrometheusServer(scraping: .init(url: address, labels: labels))
            defer { server.stop() }
            func outcomes(of service: String) async throws -> [String] {
                let values = ["namespace": "team", "service": service]
                let questions = try GrafanaDashboard("live-accuracy", values: values).questions
                let own = try #require(questions.first { $0.query.contains("almanac_serving_") })
                #expect(own.labels == ["outcome"])
                return try await server.ask(own.query).compactMap { $0.labels["outcome"] }.sorted()
            }
            #expect(try await outcomes(of: model.name) == ForecastMemory.Outcome.allCases.map(\.rawValue).sorted())
            #expect(try await outcomes(of: "another").isEmpty)
        }
    }
}
