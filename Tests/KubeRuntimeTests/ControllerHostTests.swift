// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeClient
import KubeCore
import KubeTestSupport
import PrometheusMetrics
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("ControllerHost", .enabled(if: TestControlPlane.isAvailable), .timeLimit(.minutes(2)))
struct ControllerHostTests {
    /// One process of the operator: a controller of config maps, led by a lease.
    private struct Process {
        let host: ControllerHost
        let elector: LeaderElector
        let store: Store<ConfigMap>
        let registry = MetricsRegistry()

        init(_ name: String, client: KubeClient, namespace: String, reconciled: Shared<[String]>) {
            let metrics = RuntimeMetrics(registry: registry)
            store = Store<ConfigMap>()
            let reflector = Reflector(
                store: store,
                listWatch: ListWatch(client: client, namespace: namespace, labelSelector: "watched=yes"),
                environment: .test,
                metrics: metrics
            )
            elector = LeaderElector(
                client: LeaseClient(client: client, lease: ObjectKey(namespace: namespace, name: "operator")),
                identity: name,
                environment: .test,
                metrics: metrics
            )
            let events = EventRecorder(
                controller: "almanac.dev/test",
                instance: name,
                environment: .test,
                metrics: metrics
            ) { event in
                _ = try await client.apply(event, fieldManager: "test")
            }
            let controller = Controller(
                name: "maps",
                sources: [.reconciles(store)],
                environment: .test,
                metrics: metrics
            ) { [store] call in
                reconciled.withLock { $0.append("\(name):\(call.key.name)") }
                guard let map = store[call.key] else { return .done }
                for _ in 0..<50 {
                    events.record(.normal, about: map, reason: "Seen", action: "Look", message: "It was seen")
                }
                return .done
            }
            host = ControllerHost(
                caches: [reflector],
                controllers: [controller],
                elector: elector,
                events: events,
                environment: .test
            ) { _ in Issue.record("lost the lease") }
        }
    }

    private func wait(_ what: String, until isSo: @Sendable () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if try await isSo() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("not within 20 s: \(what)")
    }

    private func map(_ name: String, _ namespace: String) -> ConfigMap {
        ConfigMap(metadata: ObjectMeta(name: name, namespace: namespace, labels: ["watched": "yes"]))
    }

    @Test("of two processes one works with a warm standby, and an orderly end hands over within five seconds")
    func handsOver() async throws {
        let plane = try await TestControlPlane.shared()
        let client = plane.client
        let namespace = try await plane.makeNamespace("host")
        let reconciled = Shared<[String]>([])
        let first = Process("first", client: client, namespace: namespace, reconciled: reconciled)
        let second = Process("second", client: client, namespace: namespace, reconciled: reconciled)
        _ = try await client.create(map("one", namespace))

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await first.host.run() }
            try await wait("the first leads") { reconciled.withLock { $0 } == ["first:one"] }
            group.addTask { try await second.host.run() }
            try await wait("the standby is warm") { second.store.count == 1 }
            #expect(first.elector.isLeading)
            #expect(!second.elector.isLeading)

            first.host.stop()
            let stopped = ContinuousClock.now
            try await wait("the second leads") { reconciled.withLock { $0.contains("second:one") } }
            #expect(ContinuousClock.now - stopped < .seconds(5))
            #expect(!first.elector.isLeading)

            _ = try await client.create(map("two", namespace))
            try await wait("a new object is seen") { reconciled.withLock { $0.contains("second:two") } }
            second.host.stop()
            try await group.waitForAll()
        }
        let lease = try await client.get(Lease.self, namespace: namespace, name: "operator")
        #expect(lease.spec?.holderIdentity == "")
        let events = try await client.list(Event.self, namespace: namespace).items
        #expect(Set(events.map(\.reportingInstance)) == ["first", "second"])
        #expect(events.allSatisfy { $0.series?.count == 50 })
        #expect(first.registry.render().contains("leader_election_master_status{name=\"operator\"} 0\n"))
    }
}
