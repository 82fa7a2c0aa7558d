// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore
import Testing

@testable import KubeRuntime

@Suite("Controller", .timeLimit(.minutes(1)))
struct ControllerTests {
    private struct Failure: Error {}

    /// Runs a controller over a store until `count` reconciliations have ended.
    private func run(
        _ store: Store<ConfigMap>,
        until count: Int,
        _ reconcile: @escaping @Sendable (Reconciliation, Int) async throws -> ReconcileResult
    ) async throws -> [ObjectKey] {
        let seen = Shared<[ObjectKey]>([])
        let enough = WakeUp()
        let controller = Controller(
            name: "test",
            sources: [.reconciles(store)],
            environment: .test,
            metrics: .test
        ) { reconciliation in
            let number = seen.withLock { seen in
                seen.append(reconciliation.key)
                return seen.count
            }
            defer { if number == count { enough.call() } }
            return try await reconcile(reconciliation, number)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            await enough.wait()
            controller.stop()
            try await group.waitForAll()
        }
        return seen.withLock { $0 }
    }

    private func makeStore(_ names: String...) -> Store<ConfigMap> {
        let store = Store<ConfigMap>()
        store.replace(with: names.map { .sample($0, version: 1) }, resourceVersion: "1")
        return store
    }

    @Test("every object that is there is reconciled once")
    func initial() async throws {
        let keys = try await run(makeStore("a", "b", "c"), until: 3) { _, _ in .done }
        #expect(Set(keys.map(\.name)) == ["a", "b", "c"])
        #expect(keys.count == 3)
    }

    @Test("a failure is tried again until it works, and a wish for another time is kept")
    func retries() async throws {
        let keys = try await run(makeStore("a"), until: 4) { _, number in
            if number < 3 { throw Failure() }
            return .requeueAfter(.milliseconds(1))
        }
        #expect(keys.count == 4)
    }

    @Test("a terminal failure rests until the object changes")
    func terminal() async throws {
        let store = makeStore("a")
        let keys = try await run(store, until: 2) { _, number in
            guard number == 1 else { return .done }
            // The change comes in the midst of the work, so it leads to exactly one more.
            store.apply(.modified(.sample("a", version: 2)))
            throw TerminalError("bad")
        }
        #expect(keys.count == 2)
    }

    @Test("a key whose own write the cache has not seen rests until it has")
    func ownWrite() async throws {
        let store = makeStore("a")
        let versions = Shared<[String?]>([])
        let arrive = WakeUp()
        async let late: Void = {
            await arrive.wait()
            try await Task.sleep(for: .milliseconds(50))
            store.apply(.modified(.sample("a", version: 3)))
        }()
        _ = try await run(store, until: 2) { [store] call, number in
            versions.withLock { $0.append(store.resourceVersion) }
            guard number == 1 else { return .done }
            call.wrote(ConfigMap.sample("a", version: 3))
            // This change brings the key up again, too early.
            store.apply(.modified(.sample("a", version: 2)))
            arrive.call()
            return .done
        }
        try await late
        #expect(versions.withLock { $0 } == ["1", "3"])
    }

    @Test("a controller whose cache stays empty fails and names the kind")
    func noCache() async throws {
        let controller = Controller(
            name: "test",
            sources: [.reconciles(Store<ConfigMap>())],
            options: .init(cacheSyncTimeout: .milliseconds(20)),
            environment: .test,
            metrics: .test
        ) { _ in .done }
        await #expect(
            throws: RuntimeError.cacheNotSynced(controller: "test", kinds: ["configmaps"], after: .milliseconds(20))
        ) {
            try await controller.run()
        }
    }

    @Test("an owner's key follows from its child's controller reference")
    func owns() async {
        let store = Store<ConfigMap>()
        var child = ConfigMap.sample("child", version: 1)
        child.metadata.ownerReferences = [
            OwnerReference(apiVersion: "batch/v2", kind: "Job", name: "owner", uid: "1", controller: true)
        ]
        store.replace(with: [child, .sample("orphan", version: 1)], resourceVersion: "1")
        let keys = Shared<[ObjectKey]>([])
        let arrived = WakeUp()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await EventSource.owns(store, by: Job.resource).run { key, _ in
                    keys.withLock { $0.append(key) }
                    arrived.call()
                }
            }
            await arrived.wait()
            group.cancelAll()
        }
        #expect(keys.withLock { $0 } == [ObjectKey(namespace: "default", name: "owner")])
    }
}
