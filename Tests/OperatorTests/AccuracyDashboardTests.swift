// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import PrometheusMetrics
import TestServers
import Testing

@testable import Operator

@Suite(
    "The dashboard of live accuracy",
    .enabled(if: PrometheusServer.isAvailable, "no prometheus"),
    .enabled(if: CannedServer.isAvailable),
    .timeLimit(.minutes(1))
)
struct AccuracyDashboardTests {
    private func service(_ name: String, mae: Double) -> ForecastService {
        var service = Objects.service()
        (service.metadata.name, service.metadata.namespace) = (name, "team")
        service.status = ForecastServiceStatus()
        var result = Live.result(version: "v1", values: 500, mae: mae)
        result.stable?.intervals = [LiveCoverage(level: 80, coverage: 77.5), LiveCoverage(level: 95, coverage: 94)]
        result.drift = [ColumnDrift(column: "value", rows: 168, psi: 0.125, ks: 0.1)]
        service.status?.accuracy = AccuracyStatus(result, version: "v1", time: .now - 60)
        return service
    }

    @Test("asks a real Prometheus nothing that the operator's metrics have no answer to")
    func questions() async throws {
        let registry = MetricsRegistry()
        AccuracyMetrics(registry).show([service("traffic", mae: 2.5), service("parking", mae: 4)])
        let page = CannedServer.answer("200 OK", registry.render(), type: MetricsRegistry.contentType)
        let exporter = try await CannedServer([page])
        // What the operator says of a service's namespace must not be taken for the operator's own.
        let target = PrometheusServer.Target(url: exporter.url, labels: ["namespace": "almanac-system"])
        let server = try await PrometheusServer(scraping: target)
        defer { server.stop() }
        let dashboard = try GrafanaDashboard("live-accuracy", values: ["namespace": "team", "service": "traffic"])
        let questions = dashboard.questions.filter { $0.query.contains(/almanac_services?_/) }
        #expect(questions.count == dashboard.questions.count - 1, "the last one is about the pods")
        var found: [String: [PrometheusServer.Sample]] = [:]
        for question in questions {
            let samples = try await server.ask(question.query)
            #expect(!samples.isEmpty, "\(question.title): \(question.query)")
            for sample in samples {
                for label in question.labels { #expect(sample.labels[label] != nil, "\(question.title): \(label)") }
            }
            found[question.title] = samples
        }
        func values(_ title: String) -> [Double]? { found[title]?.map(\.value).sorted() }
        #expect(values("Mean absolute error") == [2.5])
        #expect(values("Values that prediction intervals held") == [77.5, 94])
        #expect(values("Drift of the column that moved furthest (PSI)") == [0.125])
        #expect(values("Values compared") == [500])
        #expect((values("Last comparison")?.first).map { (60..<120).contains($0) } == true)
        #expect(Set(found["service"]?.compactMap { $0.labels["service"] } ?? []) == ["traffic", "parking"])
        #expect(Set(found["namespace"]?.compactMap { $0.labels["namespace"] } ?? []) == ["team"])
    }
}
