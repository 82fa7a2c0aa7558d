// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("LeaderStateMachine")
struct LeaderStateMachineTests {
    private static let key = ObjectKey(namespace: "system", name: "operator")

    /// The API server's one lease, with optimistic locking.
    private struct Server {
        var lease: Lease?
        var version = 0

        mutating func store(_ lease: Lease) -> Lease {
            version += 1
            var stored = lease
            stored.metadata.resourceVersion = String(version)
            self.lease = stored
            return stored
        }

        mutating func replace(_ lease: Lease) -> Lease? {
            guard self.lease?.metadata.resourceVersion == lease.metadata.resourceVersion else { return nil }
            return store(lease)
        }
    }

    /// One process: its clocks are off by any amount and run at the same speed.
    private struct Candidate {
        var machine: LeaderStateMachine
        var action: LeaderStateMachine.Action
        var clockOffset: Duration
        var dateOffset: TimeInterval
        var isReachable = true
        var isOver = false

        init(_ name: String, clockOffset: Duration, dateOffset: TimeInterval) {
            machine = LeaderStateMachine(lease: key, identity: name)
            action = machine.start()
            self.clockOffset = clockOffset
            self.dateOffset = dateOffset
        }

        mutating func step(_ server: inout Server, at time: ContinuousClock.Instant, date: Date, random: Double) {
            let (now, date) = (time + clockOffset, date + dateOffset)
            switch action {
            case .wait(let until):
                if until <= now { action = machine.waited(now: now, date: date) }
            case .lost, .released: isOver = true
            case .read, .create, .replace:
                guard isReachable else {
                    action = machine.failed(.other("unreachable"), now: now, random: random)
                    return
                }
                if case .read = action {
                    action = machine.read(server.lease, now: now, date: date, random: random)
                    return
                }
                let written: Lease?
                switch action {
                case .create(let lease): written = server.lease == nil ? server.store(lease) : nil
                case .replace(let lease): written = server.replace(lease)
                default: written = nil
                }
                action =
                    written.map { machine.wrote($0, sentAt: now, now: now) }
                    ?? machine.failed(.conflict, now: now, random: random)
            }
        }

        func isLeading(at time: ContinuousClock.Instant) -> Bool { machine.isLeading(at: time + clockOffset) }
    }

    @Test("two candidates with clocks years apart never lead together in an hour of cuts", arguments: 1...8)
    func neverTwo(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var server = Server()
        let year = 365.0 * 86_400
        func makeCandidate(_ name: String) -> Candidate {
            Candidate(
                name,
                clockOffset: .seconds(Int.random(in: 0...100_000, using: &random)),
                dateOffset: Double.random(in: -year...year, using: &random)
            )
        }
        var candidates = [makeCandidate("a-0"), makeCandidate("b-0")]
        let start = ContinuousClock.now
        var changes = 0
        var ledSeconds = 0.0
        for tick in 0..<36_000 {
            let time = start + .milliseconds(100 * tick)
            let date = Date(timeIntervalSince1970: 1_800_000_000 + Double(tick) / 10)
            for index in candidates.indices {
                if Int.random(in: 0..<600, using: &random) == 0 { candidates[index].isReachable.toggle() }
                candidates[index].step(
                    &server,
                    at: time,
                    date: date,
                    random: Double.random(in: 0..<1, using: &random)
                )
                // A process that lost exits and is started again.
                if candidates[index].isOver {
                    changes += 1
                    candidates[index] = makeCandidate("\(index)-\(changes)")
                }
            }
            let leaders = candidates.count { $0.isLeading(at: time) }
            #expect(leaders <= 1)
            if leaders == 1 { ledSeconds += 0.1 }
        }
        #expect(changes > 0)
        #expect(ledSeconds > 1000)
    }

    private func elect(_ server: inout Server, _ candidate: inout Candidate, from start: ContinuousClock.Instant) {
        while !candidate.isLeading(at: start) && !candidate.isOver {
            candidate.step(&server, at: start, date: Date(), random: 0.5)
        }
    }

    @Test("a lease that is deleted, emptied or edited by hand ends with exactly one leader", arguments: 0..<4)
    func edited(edit: Int) {
        var server = Server()
        let start = ContinuousClock.now
        var candidates = [
            Candidate("a", clockOffset: .zero, dateOffset: 0), Candidate("b", clockOffset: .zero, dateOffset: 0),
        ]
        elect(&server, &candidates[0], from: start)
        switch edit {
        case 0: server.lease = nil
        case 1: server.lease?.spec?.holderIdentity = ""
        case 2: server.lease?.spec?.holderIdentity = "nobody"
        default: server.lease?.spec = nil
        }
        if let lease = server.lease { _ = server.store(lease) }
        for tick in 400..<1500 {
            for index in candidates.indices {
                candidates[index].step(&server, at: start + .milliseconds(100 * tick), date: Date(), random: 0.3)
            }
        }
        let end = start + .milliseconds(149_900)
        let leaders = candidates.count { $0.isLeading(at: end) }
        #expect(leaders == 1)
    }

    @Test("a leader without an answer stops at the renewal deadline, before others may lead")
    func deadline() {
        var server = Server()
        let start = ContinuousClock.now
        var candidate = Candidate("a", clockOffset: .zero, dateOffset: 0)
        candidate.step(&server, at: start, date: Date(), random: 0)
        candidate.step(&server, at: start, date: Date(), random: 0)
        #expect(candidate.isLeading(at: start + .milliseconds(9_999)))
        #expect(!candidate.isLeading(at: start + .seconds(10)))
        candidate.isReachable = false
        for tick in 0...100 {
            candidate.step(&server, at: start + .milliseconds(100 * tick), date: Date(), random: 0)
        }
        guard case .lost = candidate.action else {
            Issue.record("still \(candidate.action)")
            return
        }
    }

    @Test("a lease that was given back is taken at the next look, and one of another holder is not touched")
    func release() {
        var server = Server()
        let start = ContinuousClock.now
        var candidate = Candidate("a", clockOffset: .zero, dateOffset: 0)
        elect(&server, &candidate, from: start)
        candidate.action = candidate.machine.release(date: Date())
        candidate.step(&server, at: start, date: Date(), random: 0)
        #expect(candidate.action == .released)
        #expect(server.lease?.spec?.holderIdentity == "")
        #expect(server.lease?.spec?.leaseDurationSeconds == 1)

        var other = Candidate("b", clockOffset: .zero, dateOffset: 0)
        other.step(&server, at: start, date: Date(), random: 0)
        other.step(&server, at: start, date: Date(), random: 0)
        #expect(other.isLeading(at: start))
        #expect(server.lease?.spec?.leaseTransitions == 1)
        // Somebody takes it over by hand; giving it back must not undo that.
        server.lease?.spec?.holderIdentity = "hand"
        if let lease = server.lease { _ = server.store(lease) }
        other.action = other.machine.release(date: Date())
        for _ in 0..<3 { other.step(&server, at: start, date: Date(), random: 0) }
        #expect(server.lease?.spec?.holderIdentity == "hand")
    }

    @Test("after a crash at any moment the other candidate leads within twenty seconds", arguments: 1...40)
    func failover(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var server = Server()
        let start = ContinuousClock.now
        var leader = Candidate("a", clockOffset: .zero, dateOffset: 0)
        elect(&server, &leader, from: start)
        var standby = Candidate("b", clockOffset: .seconds(5000), dateOffset: -1e9)
        let crash = Int.random(in: 100..<400, using: &random)
        for tick in 0..<1000 {
            let time = start + .milliseconds(100 * tick)
            let chance = Double.random(in: 0..<1, using: &random)
            if tick < crash { leader.step(&server, at: time, date: Date(), random: chance) }
            // A request and its answer take a moment each.
            standby.step(&server, at: time, date: Date(), random: chance)
            guard standby.isLeading(at: time) else { continue }
            #expect(tick - crash <= 200)
            return
        }
        Issue.record("nobody leads")
    }

    @Test("how long ago the lease ran out is known also after the loss was noticed")
    func overdue() {
        var server = Server()
        let start = ContinuousClock.now
        var candidate = Candidate("a", clockOffset: .zero, dateOffset: 0)
        elect(&server, &candidate, from: start)
        #expect(candidate.machine.overdue(at: start + .seconds(10)) == nil)
        candidate.isReachable = false
        for tick in 0...150 {
            candidate.step(&server, at: start + .milliseconds(100 * tick), date: Date(), random: 0)
        }
        #expect(candidate.isOver)
        #expect(candidate.machine.overdue(at: start + .seconds(40)) == .seconds(30))
    }
}
