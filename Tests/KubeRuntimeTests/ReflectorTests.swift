// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import HTTPTransport
import KubeClient
import KubeCore
import Synchronization
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("Reflector", .timeLimit(.minutes(1)))
struct ReflectorTests {
    /// Answers in turn, and remembers what was asked. After the last answer it stays silent.
    private final class Script: Sendable {
        enum Answer: Sendable {
            case list(KubeList<ConfigMap>)
            case watch([WatchEvent<ConfigMap>])
            case failure(KubeError)
        }

        private struct State {
            var answers: [Answer]
            var requests: [ListOptions] = []
        }

        private let state: Mutex<State>
        let isDone = WakeUp()

        init(_ answers: [Answer]) { state = Mutex(State(answers: answers)) }

        var requests: [ListOptions] { state.withLock { $0.requests } }

        private func next(_ options: ListOptions) async throws -> Answer {
            let answer = state.withLock { state in
                state.requests.append(options)
                return state.answers.isEmpty ? nil : state.answers.removeFirst()
            }
            guard let answer else {
                isDone.call()
                try await Task.sleep(for: .seconds(3600))
                throw CancellationError()
            }
            if case .failure(let error) = answer { throw error }
            return answer
        }

        var listWatch: ListWatch<ConfigMap> {
            ListWatch(
                list: { options in
                    guard case .list(let list) = try await self.next(options) else { throw UnexpectedRequest() }
                    return list
                },
                watch: { options in
                    guard case .watch(let events) = try await self.next(options) else { throw UnexpectedRequest() }
                    return AsyncThrowingStream { continuation in
                        for event in events { continuation.yield(event) }
                        continuation.finish()
                    }
                }
            )
        }
    }

    private struct UnexpectedRequest: Error {}

    private func run(_ script: Script) async -> Store<ConfigMap> {
        let store = Store<ConfigMap>()
        let reflector = Reflector(
            store: store,
            listWatch: script.listWatch,
            environment: .test,
            metrics: .test
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await reflector.run() }
            await script.isDone.wait()
            group.cancelAll()
        }
        return store
    }

    private let gone = KubeStatus(message: "too old resource version", reason: "Expired", code: 410)

    @Test("pages, events and bookmarks fill the cache, and the next watch goes on behind them")
    func follows() async {
        let script = Script([
            .list(KubeList(items: [.sample("a", version: 1)], resourceVersion: "5", continueToken: "t")),
            .list(KubeList(items: [.sample("b", version: 2)], resourceVersion: "6")),
            .watch([
                .added(.sample("c", version: 7)), .deleted(.sample("a", version: 8)), .bookmark(resourceVersion: "20"),
            ]),
        ])
        let store = await run(script)
        #expect(Set(store.all.map(\.metadata.name)) == ["b", "c"])
        #expect(store.resourceVersion == "20")
        #expect(script.requests.map(\.resourceVersion) == ["0", nil, "5", "20"])
    }

    @Test("410 as a status and 410 in the stream both lead to a new list, and the version is never asked for again")
    func expires() async {
        for answer in [
            Script.Answer.failure(.status(gone, request: "watch", retryAfter: nil)), .watch([.error(gone)]),
        ] {
            let script = Script([
                .list(KubeList(items: [.sample("a", version: 1)], resourceVersion: "5")),
                answer,
                .list(KubeList(items: [.sample("b", version: 9)], resourceVersion: "9")),
            ])
            let store = await run(script)
            #expect(store.all.map(\.metadata.name) == ["b"])
            #expect(script.requests.map(\.resourceVersion) == ["0", "5", "", "9"])
        }
    }

    @Test("an object that cannot be read is counted and the others keep flowing")
    func skips() async {
        let skipped = SkippedObject(resource: ConfigMap.resource, key: nil, resourceVersion: "6", reason: "odd")
        let script = Script([
            .list(KubeList(items: [], resourceVersion: "5", skipped: [skipped])),
            .watch([.skipped(skipped), .added(.sample("a", version: 7))]),
        ])
        #expect(await run(script).count == 1)
    }

    @Test("all objects are handed over once more after ten hours, a tenth earlier or later, and nobody is asked")
    func resync() async {
        for (random, hours) in [(0.0, 9.0), (0.5, 10.0)] {
            var environment = RuntimeEnvironment.test
            let waits = Shared<[Duration]>([])
            let resynced = WakeUp()
            let isSecond = Shared(false)
            environment.random = { random }
            environment.sleep = { deadline in
                waits.withLock { $0.append(deadline - ContinuousClock.now) }
                // The first wait ends when the list has been read, the second never.
                let isOver = isSecond.withLock { second in
                    defer { second = true }
                    return second
                }
                try await Task.sleep(for: isOver ? .seconds(3600) : .milliseconds(30))
            }
            let script = Script([.list(KubeList(items: [.sample("a", version: 1)], resourceVersion: "5"))])
            let store = Store<ConfigMap>()
            let reflector = Reflector(
                store: store,
                listWatch: script.listWatch,
                environment: environment,
                metrics: .test
            )
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await reflector.run() }
                group.addTask {
                    await store.forEachBatch { changes, priority in
                        if case .updated(let old, let new) = changes.first, old == new, priority == .background {
                            resynced.call()
                        }
                    }
                }
                await resynced.wait()
                group.cancelAll()
            }
            let first = waits.withLock { $0.first ?? .zero }
            #expect((Duration.seconds(hours * 3600 - 1)...Duration.seconds(hours * 3600)).contains(first))
            #expect(script.requests.count == 2)
        }
    }

    @Test("refused and unanswered lists are tried again until one works")
    func retries() async {
        let forbidden = KubeStatus(message: "no", reason: "Forbidden", code: 403)
        let script = Script([
            .failure(.transport(.cannotConnect(url: "x", reason: "refused"), request: "list")),
            .failure(.status(forbidden, request: "list", retryAfter: nil)),
            .list(KubeList(items: [.sample("a", version: 1)], resourceVersion: "5")),
        ])
        #expect(await run(script).count == 1)
        #expect(script.requests.map(\.resourceVersion) == ["0", "0", "0", "5"])
    }
}
