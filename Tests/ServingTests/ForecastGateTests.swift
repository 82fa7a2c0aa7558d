// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TestSupport
import Testing

@testable import Serving

@Suite("The gate before forecasts", .timeLimit(.minutes(1)))
struct ForecastGateTests {
    /// What several tasks note down.
    private final class Notes: Sendable {
        private let state = Mutex((seen: [Int](), running: 0, most: 0))

        var seen: [Int] { state.withLock(\.seen) }
        var most: Int { state.withLock(\.most) }

        func note(_ number: Int) { state.withLock { $0.seen.append(number) } }

        func enter() {
            state.withLock { state in
                state.running += 1
                state.most = max(state.most, state.running)
            }
        }

        func leave() { state.withLock { $0.running -= 1 } }
    }

    private func budget(_ duration: Duration = .seconds(30)) -> ForecastBudget {
        ForecastBudget(deadline: .now + duration, timeout: duration)
    }

    private func until(_ gate: ForecastGate, _ load: ForecastGate.Load) async throws {
        while gate.load != load { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test("lets no more in at a time than may, and everybody in the end, in order")
    func order() async throws {
        let gate = ForecastGate(limit: 1, mostWaiting: 100)
        let notes = Notes()
        let (hold, release) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gate.pass(budget()) { for await _ in hold {} } }
            try await until(gate, .init(running: 1, waiting: 0))
            for number in 0..<20 {
                group.addTask { try await gate.pass(budget()) { notes.note(number) } }
                try await until(gate, .init(running: 1, waiting: number + 1))
            }
            release.finish()
            try await group.waitForAll()
        }
        #expect(notes.seen == Array(0..<20))
        #expect(gate.load == .init(running: 0, waiting: 0))
    }

    @Test("refuses whoever finds the line full, and lets go of whoever waits for too long or goes away")
    func refusals() async throws {
        let gate = ForecastGate(limit: 1, mostWaiting: 1)
        let (hold, release) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gate.pass(budget()) { for await _ in hold {} } }
            try await until(gate, .init(running: 1, waiting: 0))
            await #expect(throws: ServingError.timedOut(seconds: 0.02)) {
                try await gate.pass(budget(.milliseconds(20))) {}
            }
            let waiter = try await withThrowingTaskGroup(of: Void.self) { inner in
                inner.addTask { try await gate.pass(budget()) {} }
                try await until(gate, .init(running: 1, waiting: 1))
                await #expect(throws: ServingError.queueFull(limit: 1)) { try await gate.pass(budget()) {} }
                inner.cancelAll()
                return await inner.nextResult()
            }
            #expect(throws: CancellationError.self) { try waiter?.get() }
            #expect(gate.load == .init(running: 1, waiting: 0))
            release.finish()
            try await group.waitForAll()
        }
        #expect(gate.load == .init(running: 0, waiting: 0))
    }

    @Test("lets those who wait in when it becomes wider")
    func wider() async throws {
        let gate = ForecastGate(limit: 1, mostWaiting: 10)
        let (hold, release) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gate.pass(budget()) { for await _ in hold {} } }
            try await until(gate, .init(running: 1, waiting: 0))
            for _ in 0..<3 { group.addTask { try await gate.pass(budget()) {} } }
            try await until(gate, .init(running: 1, waiting: 3))
            gate.configure(limit: 2, mostWaiting: 10)
            try await until(gate, .init(running: 1, waiting: 0))
            release.finish()
            try await group.waitForAll()
        }
    }

    @Test("loses no place, whoever comes, waits too long, or is cancelled")
    func storm() async throws {
        let gate = ForecastGate(limit: 3, mostWaiting: 20)
        let notes = Notes()
        await withTaskGroup(of: Void.self) { group in
            for seed in 0..<400 as Range<UInt64> {
                group.addTask {
                    var random = SeededRandom(seed: seed)
                    let patience = Duration.microseconds(Int.random(in: 100...20_000, using: &random))
                    let work = Duration.microseconds(Int.random(in: 0...500, using: &random))
                    let isCancelled = seed % 5 == 0
                    await withTaskGroup(of: Void.self) { inner in
                        inner.addTask {
                            try? await gate.pass(self.budget(patience)) {
                                notes.enter()
                                try? await Task.sleep(for: work)
                                notes.leave()
                            }
                        }
                        if isCancelled { inner.cancelAll() }
                    }
                }
            }
        }
        #expect(gate.load == .init(running: 0, waiting: 0))
        #expect(notes.most == 3)
        try await gate.pass(budget()) {}
    }
}

@Suite("The waiting line")
struct WaitingLineTests {
    @Test("agrees with a plain list through random joins, turns and departures, and does not grow with those who left")
    func agrees() {
        for seed in 0..<20 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var line = WaitingLine<Int>()
            var list: [(WaitingTicket, Int)] = []
            for step in 0..<2_000 {
                switch Int.random(in: 0..<4, using: &random) {
                case 0, 1:
                    let ticket = line.nextTicket()
                    line.append(step, ticket)
                    list.append((ticket, step))
                case 2:
                    let expected = list.isEmpty ? nil : list.removeFirst().1
                    #expect(line.popFirst() == expected)
                default:
                    guard !list.isEmpty else { continue }
                    let left = list.remove(at: Int.random(in: 0..<list.count, using: &random))
                    #expect(line.remove(left.0) == left.1 && line.remove(left.0) == nil)
                }
                #expect(line.count == list.count && line.isEmpty == list.isEmpty)
            }
        }
    }
}
