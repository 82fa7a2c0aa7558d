// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeClient
import KubeCore
import Synchronization
import TestSupport
import Testing

@testable import KubeRuntime

/// A watch that begins with the present state (KEP-3157), by scripts: the API server of these tests has none.
@Suite("Streamed state", .timeLimit(.minutes(1)))
struct StreamedStateTests {
    private struct Run {
        var store: Store<ConfigMap>
        var requests: [ListOptions]
        /// How many objects the store had at each event.
        var counts: [Int]
    }

    /// Runs a reflector until its script of watches is over; lists answer one object at version 50.
    private func run(
        _ watches: [[WatchEvent<ConfigMap>]],
        hangsAtEnd: Bool = false,
        failure: KubeError? = nil
    ) async -> Run {
        let store = Store<ConfigMap>()
        let requests = Shared<[ListOptions]>([])
        let counts = Shared<[Int]>([])
        let left = Shared(watches)
        let isDone = WakeUp()
        let listWatch = ListWatch<ConfigMap>(
            list: { options in
                requests.withLock { $0.append(options) }
                return KubeList(items: [.sample("listed", version: 50)], resourceVersion: "50")
            },
            watch: { options in
                requests.withLock { $0.append(options) }
                if options.sendInitialEvents == true, let failure { throw failure }
                let events = left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                let position = Shared(0)
                return AsyncThrowingStream {
                    let next = position.withLock { position in
                        position += 1
                        return position - 1
                    }
                    counts.withLock { $0.append(store.count) }
                    if let events, next < events.count { return events[next] }
                    if events == nil { isDone.call() }
                    if events == nil || hangsAtEnd { try await Task.sleep(for: .seconds(3600)) }
                    return nil
                }
            },
            streamsState: { true }
        )
        let reflector = Reflector(store: store, listWatch: listWatch, environment: .skipping, metrics: .test)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await reflector.run() }
            await isDone.wait()
            group.cancelAll()
        }
        return Run(store: store, requests: requests.withLock { $0 }, counts: counts.withLock { $0 })
    }

    @Test("the cache changes only at the bookmark that ends the state, and the same stream goes on live")
    func swaps() async {
        let end = WatchEvent<ConfigMap>.bookmark(resourceVersion: "10", endsInitialEvents: true)
        let run = await run([
            [
                .added(.sample("a", version: 3)), .bookmark(resourceVersion: "5"), .added(.sample("b", version: 1)),
                end,
                .added(.sample("c", version: 11)), .deleted(.sample("a", version: 12)),
            ]
        ])
        #expect(run.counts.prefix(7) == [0, 0, 0, 0, 2, 3, 2])
        #expect(run.store.resourceVersion == "12")
        #expect(run.requests.map(\.sendInitialEvents) == [true, nil])
        #expect(run.requests.map(\.resourceVersion) == ["", "12"])
    }

    @Test("a state without progress for thirty seconds is listed instead, and is never asked for again")
    func stuck() async {
        let run = await run([[.added(.sample("a", version: 3)), .bookmark(resourceVersion: "5")]], hangsAtEnd: true)
        #expect(run.store.all.map(\.metadata.name) == ["listed"])
        #expect(run.requests.map(\.sendInitialEvents) == [true, nil, nil])
        #expect(run.requests.map(\.resourceVersion) == ["", "0", "50"])
    }

    @Test("a server that refuses to stream the state is asked for a list at once")
    func refused() async {
        let invalid = KubeStatus(message: "sendInitialEvents is forbidden", reason: "Invalid", code: 422)
        let run = await run([], failure: .status(invalid, request: "watch", retryAfter: nil))
        #expect(run.store.count == 1)
        #expect(run.requests.map(\.sendInitialEvents) == [true, nil, nil])
    }

    @Test("a watch that ends before its state is complete leads to a list, not to half a cache")
    func ends() async {
        let run = await run([[.added(.sample("a", version: 3))]])
        #expect(run.store.all.map(\.metadata.name) == ["listed"])
        #expect(run.counts.allSatisfy { $0 <= 1 })
    }

    @Test("what nobody reads is left out before anything is stored, from a list, a watch and a streamed state")
    func prunes() async {
        func applied(_ name: String, _ version: Int) -> ConfigMap {
            var map = ConfigMap.sample(name, version: version)
            map.metadata.annotations = ["kubectl.kubernetes.io/last-applied-configuration": "{}", "kept": "yes"]
            return map
        }
        let run = await run([
            [
                .added(applied("a", 3)), .bookmark(resourceVersion: "5", endsInitialEvents: true),
                .modified(applied("b", 6)),
            ]
        ])
        #expect(run.store.count == 2)
        #expect(run.store.all.allSatisfy { $0.metadata.annotations == ["kept": "yes"] })
    }
}
