// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import KubeRuntime

@Suite("WorkQueue")
struct WorkQueueTests {
    private func makeQueue() -> WorkQueue<Int> {
        WorkQueue(environment: .test, metrics: RuntimeMetrics.test.workQueue("test"))
    }

    @Test("no key is worked on twice at a time and the last add is always seen, with 64 workers and 100,000 adds")
    func neverConcurrent() async {
        let queue = makeQueue()
        let running = Shared<Set<Int>>([])
        let added = Shared([Int](repeating: 0, count: 20))
        let seen = Shared([Int](repeating: 0, count: 20))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    while let key = await queue.next() {
                        #expect(running.withLock { $0.insert(key).inserted })
                        let value = added.withLock { $0[key] }
                        await Task.yield()
                        seen.withLock { $0[key] = value }
                        _ = running.withLock { $0.remove(key) }
                        queue.done(key)
                    }
                }
            }
            for step in 0..<100_000 {
                added.withLock { $0[step % 20] += 1 }
                queue.add(step % 20)
                if step % 64 == 0 { await Task.yield() }
            }
            queue.shutDown()
        }
        #expect(seen.withLock { $0 } == added.withLock { $0 })
    }

    @Test("no wake-up is lost in ten thousand rounds of waiting, cancelling and shutting down")
    func noLostWakeUps() async {
        for round in 0..<10_000 {
            let queue = makeQueue()
            let handled = Shared(0)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        while let key = await queue.next() {
                            handled.withLock { $0 += 1 }
                            queue.done(key)
                        }
                    }
                }
                group.addTask {
                    // A waiter that is cancelled must take no key with it.
                    await withTaskGroup(of: Void.self) { inner in
                        inner.addTask {
                            guard let key = await queue.next() else { return }
                            handled.withLock { $0 += 1 }
                            queue.done(key)
                        }
                        if round % 2 == 0 { await Task.yield() }
                        inner.cancelAll()
                    }
                }
                for key in 0..<5 { queue.add(key) }
                queue.shutDown()
            }
            #expect(handled.withLock { $0 } == 5)
        }
    }

    @Test("a delayed key comes up at its time, also where an earlier one is added later")
    func delayed() async {
        let queue = makeQueue()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await queue.run() }
            queue.add(1, after: .seconds(60))
            await Task.yield()
            queue.add(2, after: .milliseconds(20))
            let start = ContinuousClock.now
            #expect(await queue.next() == 2)
            #expect(ContinuousClock.now - start < .seconds(10))
            group.cancelAll()
        }
    }

    @Test("nobody sleeps for longer than ten seconds while a key waits, so that no clock's jump delays it further")
    func heartbeat() async {
        let sleeps = Shared<[Duration]>([])
        let slept = WakeUp()
        var environment = RuntimeEnvironment.test
        environment.sleep = { deadline in
            sleeps.withLock { $0.append(deadline - ContinuousClock.now) }
            slept.call()
            try await Task.sleep(for: .seconds(3600))
        }
        let queue = WorkQueue<Int>(environment: environment, metrics: RuntimeMetrics.test.workQueue("test"))
        queue.add(1, after: .seconds(3600))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await queue.run() }
            await slept.wait()
            group.cancelAll()
        }
        #expect(sleeps.withLock { $0 }.allSatisfy { $0 <= .seconds(10) })
    }
}
