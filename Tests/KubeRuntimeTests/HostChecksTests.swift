// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore
import PrometheusMetrics
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("ControllerHost checks", .timeLimit(.minutes(1)))
struct HostChecksTests {
    private struct Feed: CacheFeed {
        var resource: ResourceType { ConfigMap.resource }
        var hasSynced: Bool
        var silence: Duration
        var idleness: Duration
        func run() async {}
    }

    private func checks(_ feed: Feed, _ elector: LeaderElector? = nil) -> HealthChecks {
        let health = HealthChecks()
        let host = ControllerHost(
            caches: [feed],
            controllers: [],
            elector: elector,
            events: nil,
            environment: .test
        ) { _ in }
        host.addChecks(to: health)
        return health
    }

    @Test("a process is ready once its caches have been filled, and alive as long as something comes out of them")
    func caches() {
        let fresh = checks(Feed(hasSynced: false, silence: .seconds(9000), idleness: .seconds(20)))
        #expect(!fresh.report(.readiness).isHealthy)
        // An API server that refuses for hours is no reason to throw a warm cache away.
        #expect(fresh.report(.liveness).isHealthy)
        #expect(checks(Feed(hasSynced: true, silence: .zero, idleness: .zero)).report(.readiness).isHealthy)
        let stuck = checks(Feed(hasSynced: true, silence: .seconds(300), idleness: .seconds(300)))
        #expect(!stuck.report(.liveness).isHealthy)
        #expect(stuck.report(.liveness).text.contains("watch-configmaps"))
    }

    @Test("a leader that has not renewed for its lease and 20 s more fails its liveness, a standby does not")
    func watchdog() async {
        let jump = Shared(Duration.zero)
        var environment = RuntimeEnvironment.test
        environment.now = { ContinuousClock.now + jump.withLock { $0 } }
        // Whatever waits sleeps for ever: the renewals hang.
        environment.sleep = { _ in try await Task.sleep(for: .seconds(3600)) }
        let elector = LeaderElector(
            client: LeaseClient(
                key: ObjectKey(namespace: "x", name: "lease"),
                read: { nil },
                create: { $0 },
                replace: { _ in nil }
            ),
            identity: "a",
            environment: environment,
            metrics: .test
        )
        let health = checks(Feed(hasSynced: true, silence: .zero, idleness: .zero), elector)
        #expect(health.report(.liveness).isHealthy)
        let leading = WakeUp()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await elector.run(onLoss: { _ in }) {
                    leading.call()
                    try await Task.sleep(for: .seconds(3600))
                }
            }
            await leading.wait()
            for (seconds, isHealthy) in [(0, true), (30, true), (36, false)] {
                jump.withLock { $0 = .seconds(seconds) }
                #expect(health.report(.liveness).isHealthy == isHealthy, "after \(seconds) s")
            }
            group.cancelAll()
        }
    }

    @Test("a hundred checks are reported within 100 ms while eight tasks keep the machine busy")
    func quick() async {
        let health = HealthChecks()
        for number in 0..<100 { health.add("check-\(number)", to: .liveness) { nil } }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var sum = 0
                    while !Task.isCancelled { for number in 0..<1000 { sum &+= number } }
                }
            }
            let start = ContinuousClock.now
            #expect(health.report(.liveness, verbose: true).isHealthy)
            #expect(ContinuousClock.now - start < .milliseconds(100))
            group.cancelAll()
        }
    }
}
