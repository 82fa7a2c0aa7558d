// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeClient
import KubeRuntime
import KubeTestSupport
import Logging
import PrometheusMetrics
import ServiceLifecycle
import Testing

@testable import Operator

@Suite("The operator's own port", .timeLimit(.minutes(1)))
struct ObservationServerTests {
    private let transport = CurlTransport()

    private func get(_ url: String) async throws -> HTTPResponse {
        try await transport.send(HTTPRequest(url: url, timeout: .seconds(10)))
    }

    /// Runs a server while `body` asks it.
    private func serve(
        _ make: (ListenAddress, Logger) -> any ServiceLifecycle.Service,
        _ body: @Sendable (String) async throws -> Void
    ) async throws {
        let port = try #require(try FreePorts.take(1).first)
        var logger = Logger(label: "server")
        logger.logLevel = .critical
        let service = make(try #require(ListenAddress("127.0.0.1:\(port)")), logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            let url = "http://127.0.0.1:\(port)"
            for _ in 0..<200 {
                if (try? await get(url)) != nil { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            try await body(url)
            group.cancelAll()
            try? await group.waitForAll()
        }
    }

    @Test("health is told over HTTP with the check that fails, and checks can be left out")
    func health() async throws {
        let checks = HealthChecks()
        checks.add("caches", to: .readiness) { "no list yet of pods" }
        try await serve({ ObservationServer.health(checks, at: $0, logger: $1) }) { url in
            #expect(try await get(url + "/healthz").status == 200)
            let unready = try await get(url + "/readyz")
            #expect(unready.status == 503)
            #expect(String(decoding: unready.body, as: UTF8.self).contains("caches failed: no list yet of pods"))
            #expect(try await get(url + "/readyz?exclude=caches").status == 200)
        }
    }

    @Test("most answers about health come within 100 ms while sixteen tasks keep the machine busy")
    func underLoad() async throws {
        let checks = HealthChecks()
        for number in 0..<20 { checks.add("check-\(number)", to: .liveness) { nil } }
        try await serve({ ObservationServer.health(checks, at: $0, logger: $1) }) { url in
            var times: [Duration] = []
            await withTaskGroup(of: Void.self) { group in
                // As reconciliations do: a little work, then a wait for somebody else.
                for _ in 0..<16 {
                    group.addTask {
                        var sum = 0
                        while !Task.isCancelled {
                            for number in 0..<20_000 { sum &+= number }
                            await Task.yield()
                        }
                    }
                }
                for _ in 0..<21 {
                    let start = ContinuousClock.now
                    if (try? await get(url + "/healthz"))?.status == 200 { times.append(ContinuousClock.now - start) }
                }
                group.cancelAll()
            }
            #expect(times.count == 21)
            #expect(times.sorted().prefix(11).allSatisfy { $0 < .milliseconds(100) })
        }
    }

    @Test(
        "a token that the server refuses shows up in no log and no metric",
        .enabled(if: TestControlPlane.isAvailable)
    )
    func secretToken() async throws {
        let canary = "canary-\(UUID().uuidString)"
        let plane = try await TestControlPlane.shared()
        var configuration = plane.tokenConfiguration
        configuration.token = .inline(canary)
        let lines = LogLines()
        var logger = Logger(label: "operator") { _ in lines }
        logger.logLevel = .trace
        let registry = MetricsRegistry()
        let program = OperatorProgram(
            configuration: configuration,
            options: Objects.options,
            leaseNamespace: "default",
            logger: logger
        )
        let host = program.makeHost(registry: registry, checks: HealthChecks(), versions: ServerVersions())
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await host.run() }
            for _ in 0..<200 where !lines.text.contains("failed") { try? await Task.sleep(for: .milliseconds(50)) }
            group.cancelAll()
        }
        #expect(lines.text.contains("Unauthorized") || lines.text.contains("401"))
        #expect(!lines.text.contains(canary))
        #expect(!registry.render().contains(canary))
    }
}
