// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore
import PrometheusMetrics
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("Controller", .timeLimit(.minutes(1)))
struct ControllerTests {
    private struct Failure: Error {}

    /// Runs a controller over a store until `count` reconciliations have ended.
    private func run(
        _ store: Store<ConfigMap>,
        until count: Int,
        options: Controller.Options = .init(),
        metrics: RuntimeMetrics = .test,
        _ reconcile: @escaping @Sendable (Reconciliation, Int) async throws -> ReconcileResult
    ) async throws -> [ObjectKey] {
        let seen = Shared<[ObjectKey]>([])
        let enough = WakeUp()
        let controller = Controller(
            name: "test",
            sources: [.reconciles(store)],
            options: options,
            environment: .test,
            metrics: metrics
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
        store.fill(with: names.map { .sample($0, version: 1) }, resourceVersion: "1")
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

    @Test("a key whose own deletion the cache has not seen rests until it has")
    func ownDeletion() async throws {
        let store = makeStore("a", "child")
        let key = ObjectKey(namespace: "default", name: "a")
        let child = try #require(store[ObjectKey(namespace: "default", name: "child")])
        let seen = Shared<[Int]>([])
        let (deleted, again) = (WakeUp(), WakeUp())
        let controller = Controller(
            name: "test",
            sources: [.watches(store) { _ in [key] }],
            environment: .test,
            metrics: .test
        ) { [store] call in
            let count = seen.withLock { seen in
                seen.append(store.count)
                return seen.count
            }
            guard count == 1 else {
                again.call()
                return .done
            }
            call.deleted(child)
            // This change brings the key up again, too early.
            store.apply(.modified(.sample("a", version: 2)))
            deleted.call()
            return .done
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            await deleted.wait()
            try await Task.sleep(for: .milliseconds(50))
            store.apply(.deleted(.sample("child", version: 3)))
            await again.wait()
            group.cancelAll()
        }
        #expect(seen.withLock { $0 } == [2, 1])
    }

    @Test("where the cache never shows an own write, the next call is told to ask the server")
    func neverShown() async throws {
        let store = makeStore("a")
        let behind = Shared<[Bool]>([])
        _ = try await run(store, until: 2, options: .init(ownWritePatience: .milliseconds(30))) { call, number in
            behind.withLock { $0.append(call.cacheIsBehind) }
            if number == 1 {
                call.wrote(ConfigMap.sample("a", version: 9))
                return .requeueAfter(.milliseconds(1))
            }
            return .done
        }
        #expect(behind.withLock { $0 } == [false, true])
    }

    @Test("a call that had to ask the server is told so again where it fails, and followed by one after it where not")
    func askedServer() async throws {
        let store = makeStore("a")
        let behind = Shared<[Bool]>([])
        let child = ConfigMap.sample("child", version: 5)
        let options = Controller.Options(ownWritePatience: .milliseconds(20))
        _ = try await run(store, until: 4, options: options) { [store] call, number in
            behind.withLock { $0.append(call.cacheIsBehind) }
            switch number {
            case 1:
                call.wrote(child)
                store.apply(.modified(.sample("a", version: 2)))
            case 2: throw Failure()
            // Made and deleted between two lists: the cache never holds it, and no change of it comes.
            case 3: call.deleted(child)
            default: break
            }
            return .done
        }
        #expect(behind.withLock { $0 } == [false, true, true, false])
    }

    @Test("a key comes up by itself where its write never gets into the cache, or the cache goes past it")
    func unseenWrites() async throws {
        let store = makeStore("a", "b", "c")
        let options = Controller.Options(ownWritePatience: .milliseconds(20))
        let keys = try await run(store, until: 5, options: options) { [store] call, number in
            switch (call.key.name, number) {
            // Somebody else deletes it before any list holds it.
            case ("a", 1...3): call.wrote(ConfigMap.sample("child", version: 5))
            // The next list is newer than the write and holds no such object.
            case ("b", 1...3):
                call.wrote(ConfigMap.sample("passed", version: 2))
                let names = ["a", "b", "c"].map { ConfigMap.sample($0, version: 1) }
                store.fill(with: names, resourceVersion: "3")
            default: break
            }
            return .done
        }
        #expect(keys.map(\.name).sorted() == ["a", "a", "b", "b", "c"])
    }

    @Test("what can wait gives way to live work of all controllers, comes after it, and not for ever")
    func givesWay() async throws {
        let load = WorkLoad()
        let metrics = RuntimeMetrics.test
        let other = WorkQueue<String>(environment: .test, metrics: metrics.workQueue("other"), load: load)
        other.add("waits")
        let answers = Shared<[Bool]>([])
        let enough = WakeUp()
        let controller = Controller(
            name: "test",
            sources: [.reconciles(makeStore("a"))],
            options: .init(longestGivingWay: .milliseconds(30)),
            load: load,
            environment: .test,
            metrics: metrics
        ) { call in
            answers.withLock { $0.append(call.shouldGiveWay) }
            guard call.shouldGiveWay else {
                enough.call()
                return .done
            }
            try await Task.sleep(for: .milliseconds(10))
            return .giveWay
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await controller.run() }
            await enough.wait()
            group.cancelAll()
        }
        let given = answers.withLock { $0 }
        #expect(given.count > 2 && given.last == false && given.dropLast().allSatisfy { $0 })
        #expect(load.liveKeys == 1)
        _ = await other.next()
        #expect(load.liveKeys == 0)
    }

    @Test("a call that takes too long is cancelled, counted and tried again, and holds no other key up")
    func timeout() async throws {
        let metrics = RuntimeMetrics.test
        let options = Controller.Options(workers: 2, reconcileTimeout: .milliseconds(40))
        let cancelled = Shared(false)
        let keys = try await run(makeStore("hangs", "b", "c"), until: 4, options: options, metrics: metrics) {
            call,
            _ in
            guard call.key.name == "hangs", !cancelled.withLock({ $0 }) else { return .done }
            try? await Task.sleep(for: .seconds(60))
            cancelled.withLock { $0 = Task.isCancelled }
            try Task.checkCancellation()
            return .done
        }
        #expect(cancelled.withLock { $0 })
        #expect(keys.count { $0.name == "hangs" } == 2)
        #expect(
            metrics.registry.render().contains("controller_runtime_reconcile_timeouts_total{controller=\"test\"} 1\n")
        )
    }

    @Test("cancelling a controller ends a call at its next await")
    func cancels() async throws {
        let started = WakeUp()
        let controller = Controller(
            name: "test",
            sources: [.reconciles(makeStore("a"))],
            environment: .test,
            metrics: .test
        ) { _ in
            started.call()
            try await Task.sleep(for: .seconds(600))
            return .done
        }
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            await started.wait()
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("a change overtakes a first list of 20,000 objects within a second, and its first call begins within one")
    func overtakes() async throws {
        let store = Store<ConfigMap>()
        store.fill(with: (0..<20_000).map { .sample("n\($0)", version: 1) }, resourceVersion: "1")
        let (started, seen) = (WakeUp(), WakeUp())
        let controller = Controller(
            name: "test",
            sources: [.reconciles(store)],
            options: .init(workers: 1),
            environment: .test,
            metrics: .test
        ) { [store] call in
            started.call()
            if store[call.key]?.metadata.resourceVersion == "2" { seen.call() }
            try await Task.sleep(for: .microseconds(100))
            return .done
        }
        await withTaskGroup(of: Void.self) { group in
            let start = ContinuousClock.now
            group.addTask { try? await controller.run() }
            await started.wait()
            let begun = ContinuousClock.now
            store.apply(.modified(.sample("n19999", version: 2)))
            await seen.wait()
            #expect(begun - start < .seconds(1))
            #expect(ContinuousClock.now - begun < .seconds(1))
            group.cancelAll()
        }
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
        store.fill(with: [child, .sample("orphan", version: 1)], resourceVersion: "1")
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
