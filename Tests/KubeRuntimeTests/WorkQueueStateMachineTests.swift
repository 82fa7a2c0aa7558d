// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import KubeRuntime

@Suite("WorkQueueStateMachine")
struct WorkQueueStateMachineTests {
    private let start = ContinuousClock.now

    @Test("many adds before the work are one, adds during the work are exactly one more")
    func coalesces() {
        var queue = WorkQueueStateMachine<String>()
        for _ in 0..<3 { queue.add("a", now: start) }
        #expect(queue.next(now: start) == .work("a", waited: .zero))
        for _ in 0..<3 { queue.add("a", now: start) }
        #expect(queue.next(now: start) == .wait(until: nil))
        _ = queue.done("a", now: start)
        #expect(queue.next(now: start) == .work("a", waited: .zero))
        _ = queue.done("a", now: start)
        #expect(queue.next(now: start) == .wait(until: nil))
    }

    @Test("of two times the earlier one counts, whatever their order")
    func earliestTime() {
        var queue = WorkQueueStateMachine<String>()
        queue.add("a", at: start + .seconds(5), now: start)
        queue.add("a", at: start + .seconds(2), now: start)
        queue.add("a", at: start + .seconds(9), now: start)
        #expect(queue.next(now: start) == .wait(until: start + .seconds(2)))
        let later = start + .seconds(2)
        #expect(queue.next(now: later) == .work("a", waited: .zero))
        _ = queue.done("a", now: later)
        #expect(queue.next(now: start + .seconds(100)) == .wait(until: nil))
    }

    @Test("failures wait 5 ms, doubled each time, to 1000 s, and forgetting begins anew")
    func backoff() {
        var queue = WorkQueueStateMachine<String>()
        let delays = (0..<40).map { _ in queue.addFailed("a", now: start) }
        #expect(delays[0] == .milliseconds(5))
        #expect(delays[10] == .milliseconds(5 * 1024))
        #expect(delays[17] == .milliseconds(5 * 131_072))
        #expect(delays[18...].allSatisfy { $0 == .seconds(1000) })
        queue.forget("a")
        #expect(queue.failingCount == 0)
        #expect(queue.addFailed("a", now: start) == .milliseconds(5))
    }

    @Test("shutting down drains what is ready and what is added anew by running work, then finishes")
    func drains() {
        var queue = WorkQueueStateMachine<String>()
        queue.add("a", now: start)
        queue.add("b", now: start)
        queue.add("late", at: start + .seconds(1), now: start)
        #expect(queue.next(now: start) == .work("a", waited: .zero))
        queue.add("a", now: start)
        queue.shutDown()
        queue.add("c", now: start)
        #expect(queue.next(now: start) == .work("b", waited: .zero))
        _ = queue.done("a", now: start)
        _ = queue.done("b", now: start)
        #expect(queue.next(now: start + .seconds(9)) == .work("a", waited: .seconds(9)))
        _ = queue.done("a", now: start + .seconds(9))
        #expect(queue.next(now: start + .seconds(9)) == .finished)
    }

    /// The slowest correct queue: lists instead of sets and heaps.
    private struct Oracle {
        var waiting: [Int] = []
        var running: Set<Int> = []
        var again: [Int] = []
        var delayed: [(key: Int, time: ContinuousClock.Instant, order: Int)] = []
        var order = 0

        mutating func add(_ key: Int) {
            if running.contains(key) {
                if !again.contains(key) { again.append(key) }
            } else if !waiting.contains(key) {
                waiting.append(key)
            }
        }

        mutating func add(_ key: Int, at time: ContinuousClock.Instant) {
            order += 1
            if let index = delayed.firstIndex(where: { $0.key == key }) {
                if time < delayed[index].time { delayed[index] = (key, time, order) }
            } else {
                delayed.append((key, time, order))
            }
        }

        mutating func next(_ now: ContinuousClock.Instant) -> Int? {
            delayed.sort { ($0.time, $0.order) < ($1.time, $1.order) }
            while let first = delayed.first, first.time <= now {
                delayed.removeFirst()
                add(first.key)
            }
            guard !waiting.isEmpty else { return nil }
            let key = waiting.removeFirst()
            running.insert(key)
            return key
        }

        mutating func done(_ key: Int) {
            running.remove(key)
            if let index = again.firstIndex(of: key) {
                again.remove(at: index)
                waiting.append(key)
            }
        }
    }

    @Test("a million random steps agree with the slowest correct queue", arguments: 1...4)
    func agreesWithOracle(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var queue = WorkQueueStateMachine<Int>()
        var oracle = Oracle()
        var now = start
        for _ in 0..<250_000 {
            let key = Int.random(in: 0..<12, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3:
                queue.add(key, now: now)
                oracle.add(key)
            case 3..<5:
                let time = now + .milliseconds(Int.random(in: 1...50, using: &random))
                queue.add(key, at: time, now: now)
                oracle.add(key, at: time)
            case 5..<7:
                guard let expected = oracle.next(now) else {
                    guard case .wait(let until) = queue.next(now: now) else {
                        Issue.record("work out of nowhere")
                        return
                    }
                    #expect(until == oracle.delayed.map(\.time).min())
                    continue
                }
                guard case .work(expected, _) = queue.next(now: now) else {
                    Issue.record("expected key \(expected)")
                    return
                }
            case 7..<9:
                guard let running = oracle.running.sorted().first else { continue }
                _ = queue.done(running, now: now)
                oracle.done(running)
            default: now += .milliseconds(Int.random(in: 0...20, using: &random))
            }
        }
        #expect(queue.depth == oracle.waiting.count)
    }
}
