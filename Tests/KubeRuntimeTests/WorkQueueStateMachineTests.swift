// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
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

    @Test("what changed overtakes what was there, a key moves up to the higher priority and keeps it on a retry")
    func priorities() {
        var queue = WorkQueueStateMachine<String>()
        for key in ["a", "b", "c"] { queue.add(key, priority: .background, now: start) }
        queue.add("new", now: start)
        queue.add("b", now: start)
        queue.add("b", priority: .background, now: start)
        #expect(queue.depth(of: .live) == 2)
        #expect(queue.depth(of: .background) == 2)
        #expect(take(&queue) == ["new", "b", "a"])
        // The retry of a key from the background stays there.
        #expect(queue.addFailed("a", now: start) == .milliseconds(5))
        _ = queue.done("a", now: start)
        let later = start + .seconds(1)
        #expect(queue.bringUpDelayed(now: later) == nil)
        #expect(queue.depth(of: .background) == 2)
        queue.add("newer", now: later)
        #expect(take(&queue) == ["newer", "c", "a"])
    }

    private func take(_ queue: inout WorkQueueStateMachine<String>, _ count: Int = 3) -> [String] {
        (0..<count).compactMap { _ in
            guard case .work(let key, _) = queue.next(now: start + .seconds(1)) else { return nil }
            return key
        }
    }

    @Test("of seventeen keys one comes from the background, however many others wait")
    func noStarvation() {
        var queue = WorkQueueStateMachine<String>()
        for index in 0..<3 { queue.add("old\(index)", priority: .background, now: start) }
        for index in 0..<100 { queue.add("new\(index)", now: start) }
        let places = take(&queue, 103).enumerated().filter { $0.element.hasPrefix("old") }.map(\.offset)
        #expect(places == [16, 33, 50])
    }

    @Test("a key that is handed out is no longer waited for at a later time")
    func forgetsLaterTimes() {
        var queue = WorkQueueStateMachine<String>()
        queue.add("a", at: start + .seconds(9), now: start)
        queue.add("a", now: start)
        #expect(queue.next(now: start) == .work("a", waited: .zero))
        queue.add("a", at: start + .seconds(20), now: start)
        _ = queue.done("a", now: start)
        #expect(queue.next(now: start + .seconds(19)) == .wait(until: start + .seconds(20)))
    }

    /// The slowest correct queue: lists instead of sets and heaps.
    private struct Oracle {
        struct Entry {
            var key: Int
            var priority: WorkPriority
        }

        var waiting: [Entry] = []
        var running: [Entry] = []
        var again: [Entry] = []
        var delayed: [(entry: Entry, time: ContinuousClock.Instant, order: Int)] = []
        var order = 0
        /// How many live keys were handed out in a row while others waited in the background.
        var streak = 0

        mutating func add(_ key: Int, _ priority: WorkPriority) {
            let entry = Entry(key: key, priority: priority)
            if running.contains(where: { $0.key == key }) {
                if let index = again.firstIndex(where: { $0.key == key }) {
                    again[index].priority = max(again[index].priority, priority)
                } else {
                    again.append(entry)
                }
            } else if let index = waiting.firstIndex(where: { $0.key == key }) {
                guard waiting[index].priority < priority else { return }
                waiting.remove(at: index)
                waiting.append(entry)
            } else {
                waiting.append(entry)
            }
        }

        mutating func add(_ key: Int, at time: ContinuousClock.Instant) {
            order += 1
            let priority = running.first { $0.key == key }?.priority ?? .live
            let entry = Entry(key: key, priority: priority)
            if let index = delayed.firstIndex(where: { $0.entry.key == key }) {
                if time < delayed[index].time { delayed[index] = (entry, time, order) }
                delayed[index].entry.priority = priority
            } else {
                delayed.append((entry, time, order))
            }
        }

        mutating func next(_ now: ContinuousClock.Instant) -> Int? {
            delayed.sort { ($0.time, $0.order) < ($1.time, $1.order) }
            while let first = delayed.first, first.time <= now {
                delayed.removeFirst()
                add(first.entry.key, first.entry.priority)
            }
            let priorities = Set(waiting.map(\.priority))
            let isBackgroundsTurn = streak >= 16 && priorities.contains(.background)
            let best = isBackgroundsTurn ? .background : priorities.max()
            guard let index = waiting.firstIndex(where: { $0.priority == best }) else { return nil }
            let entry = waiting.remove(at: index)
            streak = best == .live && priorities.contains(.background) ? streak + 1 : 0
            running.append(entry)
            delayed.removeAll { $0.entry.key == entry.key }
            return entry.key
        }

        mutating func done(_ key: Int) {
            running.removeAll { $0.key == key }
            if let index = again.firstIndex(where: { $0.key == key }) { waiting.append(again.remove(at: index)) }
        }
    }

    @Test("400,000 random steps agree with the slowest correct queue", arguments: 1...4)
    func agreesWithOracle(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var queue = WorkQueueStateMachine<Int>()
        var oracle = Oracle()
        var now = start
        for _ in 0..<100_000 {
            let key = Int.random(in: 0..<12, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3:
                let priority = Bool.random(using: &random) ? WorkPriority.live : .background
                queue.add(key, priority: priority, now: now)
                oracle.add(key, priority)
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
                guard let running = oracle.running.map(\.key).min() else { continue }
                _ = queue.done(running, now: now)
                oracle.done(running)
            default: now += .milliseconds(Int.random(in: 0...20, using: &random))
            }
        }
        #expect(queue.depth == oracle.waiting.count)
    }
}
