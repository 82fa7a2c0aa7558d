// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("LeaderElector", .timeLimit(.minutes(1)))
struct LeaderElectorTests {
    private struct Unreachable: Error {}

    @Test("a leader that can no longer renew says so at once, its work is cancelled and run throws")
    func loses() async {
        let writes = Shared(0)
        let client = LeaseClient(
            key: ObjectKey(namespace: "x", name: "lease"),
            read: { nil },
            create: { lease in
                guard writes.withLock({ $0 }) == 0 else { throw Unreachable() }
                writes.withLock { $0 += 1 }
                return lease
            },
            replace: { _ in throw Unreachable() }
        )
        let elector = LeaderElector(
            client: client,
            identity: "a",
            timing: .init(
                leaseDuration: .milliseconds(300),
                renewDeadline: .milliseconds(200),
                retryPeriod: .milliseconds(40)
            ),
            environment: .test,
            metrics: .test
        )
        let lost = Shared(false)
        let wasCancelled = Shared(false)
        await #expect(throws: RuntimeError.self) {
            try await elector.run(onLoss: { _ in lost.withLock { $0 = true } }) {
                #expect(elector.isLeading)
                try? await Task.sleep(for: .seconds(30))
                let mayWrite = elector.isLeading
                wasCancelled.withLock { $0 = Task.isCancelled && !mayWrite }
            }
        }
        #expect(lost.withLock { $0 })
        #expect(elector.overdue != nil)
        #expect(wasCancelled.withLock { $0 })
        #expect(writes.withLock { $0 } == 1)
    }

    @Test("a standby that is stopped returns without work")
    func stops() async throws {
        let lease = Lease(
            metadata: ObjectMeta(name: "lease", namespace: "x"),
            spec: LeaseSpec(holderIdentity: "other", leaseDurationSeconds: 15)
        )
        let client = LeaseClient(
            key: ObjectKey(namespace: "x", name: "lease"),
            read: { lease },
            create: { _ in nil },
            replace: { _ in nil }
        )
        let elector = LeaderElector(client: client, identity: "a", environment: .test, metrics: .test)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await elector.run(onLoss: { _ in Issue.record("lost") }) { Issue.record("worked") }
            }
            try await Task.sleep(for: .milliseconds(20))
            elector.stop()
            try await group.waitForAll()
        }
    }
}
