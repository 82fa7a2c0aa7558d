// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeClient
import KubeCore
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("Paging", .timeLimit(.minutes(1)))
struct PagingTests {
    private struct NotAsked: Error {}

    /// A server with so many objects that hands them out in pages, and loses the page after `lostAt` objects.
    private func listWatch(
        _ count: Int,
        lostAt: Int? = nil,
        asked: Shared<[ListOptions]>,
        done: WakeUp
    ) -> ListWatch<ConfigMap> {
        let lost = KubeStatus(message: "the token is too old", reason: "Expired", code: 410)
        return ListWatch(
            list: { options in
                asked.withLock { $0.append(options) }
                let from = options.continueToken.flatMap { Int($0) } ?? 0
                if let lostAt, from >= lostAt { throw KubeError.status(lost, request: "list", retryAfter: nil) }
                let to = min(count, from + (options.limit ?? count))
                return KubeList(
                    items: (from..<to).map { .sample("n\($0)", version: 1) },
                    resourceVersion: from == 0 ? "7" : "9",
                    continueToken: to < count ? "\(to)" : nil
                )
            },
            watch: { _ in
                done.call()
                try await Task.sleep(for: .seconds(3600))
                throw NotAsked()
            }
        )
    }

    private func run(_ count: Int, lostAt: Int? = nil) async -> (store: Store<ConfigMap>, asked: [ListOptions]) {
        let (asked, done, store) = (Shared<[ListOptions]>([]), WakeUp(), Store<ConfigMap>())
        let reflector = Reflector(
            store: store,
            listWatch: listWatch(count, lostAt: lostAt, asked: asked, done: done),
            environment: .test,
            metrics: .test
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await reflector.run() }
            await done.wait()
            group.cancelAll()
        }
        return (store, asked.withLock { $0 })
    }

    @Test("a list in pages gives the same as one in full", arguments: [0, 1, 499, 500, 501, 10_000])
    func equal(count: Int) async {
        let (store, asked) = await run(count)
        #expect(Set(store.all.map(\.metadata.name)) == Set((0..<count).map { "n\($0)" }))
        #expect(store.resourceVersion == "7")
        #expect(asked.count == max(1, (count + 499) / 500))
        #expect(asked.dropFirst().allSatisfy { $0.resourceVersion == nil && $0.resourceVersionMatch == nil })
    }

    @Test("a page that is gone leads to one full list, at the version that was asked for first")
    func lostPage() async {
        let (store, asked) = await run(1200, lostAt: 1000)
        #expect(store.count == 1200)
        #expect(asked.map(\.limit) == [500, 500, 500, nil])
        #expect(asked.last == ListOptions(resourceVersion: "0"))
    }
}
