// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeClient
import KubeCore
import KubeRuntime
import KubeTestSupport
import PrometheusMetrics
import TestSupport
import Testing

@Suite("RuntimeClients", .enabled(if: TestControlPlane.isAvailable), .timeLimit(.minutes(1)))
struct RuntimeClientsTests {
    private func clients(_ bench: FaultBench) -> RuntimeClients {
        RuntimeClients(
            configuration: bench.proxy.configuration,
            userAgent: "one",
            metrics: RuntimeMetrics(registry: MetricsRegistry()).restClient
        )
    }

    @Test("a cache's request that breaks is left to the reflector, any other read is sent again")
    func retries() async throws {
        let rule = FaultRule.on([.list], of: "configmaps", .first(2), .disconnect)
        try await FaultBench.with([rule]) { bench in
            let clients = clients(bench)
            await #expect(throws: KubeError.self) {
                _ = try await clients.caches.list(ConfigMap.self, namespace: bench.namespace)
            }
            #expect(bench.proxy.log.count == 1)
            _ = try await clients.requests.list(ConfigMap.self, namespace: bench.namespace)
            #expect(bench.proxy.log.count == 3)
        }
    }

    @Test("a request about the lease says so, and is given up after half of the time that a leader has to renew")
    func leases() async throws {
        try await FaultBench.with([.on([.get], of: "leases", .all, .stall)]) { bench in
            let timing = LeaderStateMachine.Timing(renewDeadline: .milliseconds(2400))
            let clients = RuntimeClients(
                configuration: bench.proxy.configuration,
                userAgent: "one",
                timing: timing,
                metrics: RuntimeMetrics(registry: MetricsRegistry()).restClient
            )
            let start = ContinuousClock.now
            await #expect(throws: KubeError.self) {
                _ = try await clients.leases.get(Lease.self, namespace: bench.namespace, name: "operator")
            }
            #expect((Duration.seconds(1)...Duration.seconds(2)).contains(ContinuousClock.now - start))
            #expect(bench.proxy.log.map(\.request.agent) == ["one/leader-election"])
        }
    }

    @Test("a client that does not lead reads but sends no write")
    func guardedWrites() async throws {
        try await FaultBench.with { bench in
            let end = Shared<ContinuousClock.Instant?>(nil)
            let requests = clients(bench).writing { end.withLock { $0 } }.requests
            let map = ConfigMap(metadata: ObjectMeta(name: "a", namespace: bench.namespace))
            await #expect(throws: RuntimeError.self) { _ = try await requests.create(map) }
            await #expect(throws: RuntimeError.self) {
                try await requests.delete(ConfigMap.self, namespace: bench.namespace, name: "a")
            }
            #expect(bench.proxy.log.isEmpty)
            _ = try await requests.list(ConfigMap.self, namespace: bench.namespace)
            // The right that it had when it looked ends before the body is sent.
            end.withLock { $0 = .now - .milliseconds(1) }
            await #expect(throws: KubeError.self) { _ = try await requests.create(map) }
            #expect(bench.acceptedWrites.isEmpty)
            end.withLock { $0 = .now + .seconds(10) }
            _ = try await requests.create(map)
            _ = try await bench.client.get(ConfigMap.self, namespace: bench.namespace, name: "a")
        }
    }
}
