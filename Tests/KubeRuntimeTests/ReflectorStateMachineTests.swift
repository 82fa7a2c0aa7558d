// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("ReflectorStateMachine")
struct ReflectorStateMachineTests {
    private let start = ContinuousClock.now

    private func watching(
        at version: String = "100",
        recheckPeriod: Duration = .seconds(36_000)
    ) -> ReflectorStateMachine {
        var machine = ReflectorStateMachine(recheckPeriod: recheckPeriod)
        _ = machine.start()
        _ = machine.listed(resourceVersion: version, continueToken: nil)
        _ = machine.replaced(now: start, random: 0)
        return machine
    }

    @Test("the first list takes whatever the server has, and the watch goes on from its version")
    func firstList() {
        var machine = ReflectorStateMachine()
        #expect(machine.start() == .list(ListOptions(limit: 500, resourceVersion: "0"), isFirstPage: true))
        #expect(machine.listed(resourceVersion: "7", continueToken: nil) == .replace(resourceVersion: "7"))
        #expect(
            machine.replaced(now: start, random: 0.999)
                == .watch(ListOptions(resourceVersion: "7", timeoutSeconds: 600))
        )
    }

    @Test("later pages carry the token and no version, and the list has the first page's version")
    func pages() {
        var machine = ReflectorStateMachine()
        _ = machine.start()
        #expect(
            machine.listed(resourceVersion: "7", continueToken: "t")
                == .list(ListOptions(limit: 500, continueToken: "t"), isFirstPage: false)
        )
        #expect(machine.listed(resourceVersion: "9", continueToken: nil) == .replace(resourceVersion: "7"))
    }

    @Test("a page that expired leads to one full list and never to the server's other token")
    func expiredPage() {
        var machine = ReflectorStateMachine()
        _ = machine.start()
        _ = machine.listed(resourceVersion: "7", continueToken: "t")
        #expect(
            machine.listFailed(.expired, now: start, random: 0.5)
                == .list(ListOptions(resourceVersion: "0"), isFirstPage: true)
        )
    }

    @Test("a version that is gone leads at once to one list of the newest state, then to backoff")
    func expiredWatch() {
        var machine = watching()
        let newest = ReflectorStateMachine.Action.list(ListOptions(limit: 500, resourceVersion: ""), isFirstPage: true)
        #expect(machine.watchFailed(.expired, now: start, random: 0.5) == newest)
        #expect(machine.listFailed(.expired, now: start, random: 0.5) == .wait(.milliseconds(400)))
        #expect(machine.waited(now: start, random: 0) == newest)
        _ = machine.listed(resourceVersion: "200", continueToken: nil)
        _ = machine.replaced(now: start, random: 0)
        #expect(machine.watchFailed(.expired, now: start, random: 0.5) == .wait(.milliseconds(800)))
    }

    @Test("a refused watch lists again from the last version, and a broken one only watches again")
    func failedWatch() {
        var machine = watching()
        _ = machine.watchFailed(.refused, now: start, random: 0.5)
        #expect(
            machine.waited(now: start, random: 0)
                == .list(
                    ListOptions(resourceVersion: "100", resourceVersionMatch: "NotOlderThan"),
                    isFirstPage: true
                )
        )
        machine = watching()
        machine.observed(.other, resourceVersion: "105")
        _ = machine.watchFailed(.unavailable, now: start, random: 0.5)
        #expect(
            machine.waited(now: start, random: 0) == .watch(ListOptions(resourceVersion: "105", timeoutSeconds: 300))
        )
    }

    @Test("a watch that the server closes goes on a thousand times without a list")
    func closes() {
        var machine = watching(recheckPeriod: .seconds(1_000_000))
        var now = start
        for version in 101...1100 {
            machine.observed(.other, resourceVersion: String(version))
            now += .seconds(300)
            #expect(
                machine.watchEnded(now: now, random: 0)
                    == .watch(ListOptions(resourceVersion: String(version), timeoutSeconds: 300))
            )
        }
    }

    @Test("a watch that ends at once without an event counts as failed")
    func shortWatch() {
        var machine = watching()
        #expect(machine.watchEnded(now: start + .milliseconds(999), random: 0.5) == .wait(.milliseconds(400)))
        #expect(
            machine.waited(now: start, random: 0) == .watch(ListOptions(resourceVersion: "100", timeoutSeconds: 300))
        )
    }

    @Test("the unordered events at the beginning of a watch from nowhere are no place to go on from")
    func unordered() {
        var machine = watching(at: "0")
        machine.observed(.added, resourceVersion: "50")
        #expect(machine.resourceVersion == "0")
        machine.observed(.other, resourceVersion: "60")
        machine.observed(.added, resourceVersion: "61")
        #expect(machine.resourceVersion == "61")
    }

    @Test("a hundred watches that begin together end spread over five minutes")
    func spread() {
        var random = SeededRandom(seed: 4)
        let ends = (0..<100).map { _ -> Int in
            var machine = watching()
            let action = machine.watchEnded(
                now: start + .seconds(400),
                random: Double.random(in: 0..<1, using: &random)
            )
            guard case .watch(let options) = action else { return 0 }
            return options.timeoutSeconds ?? 0
        }
        #expect(ends.allSatisfy { (300...600).contains($0) })
        #expect((300...600).allSatisfy { second in ends.count { (second..<second + 10).contains($0) } <= 15 })
    }

    @Test("a version that is gone again soon waits, and after a quiet while is looked up at once")
    func expiryPause() {
        var machine = watching()
        let newest = ReflectorStateMachine.Action.list(ListOptions(limit: 500, resourceVersion: ""), isFirstPage: true)
        #expect(machine.watchFailed(.expired, now: start, random: 0.5) == newest)
        machine.observed(.other, resourceVersion: "300")
        #expect(machine.watchFailed(.expired, now: start + .seconds(29), random: 0.5) == .wait(.milliseconds(400)))
        #expect(machine.watchFailed(.expired, now: start + .seconds(60), random: 0.5) == newest)
    }

    @Test("what cannot be read is asked for once more, then the state is listed")
    func garbled() {
        var machine = watching()
        _ = machine.watchFailed(.garbled, now: start, random: 0)
        #expect(
            machine.waited(now: start, random: 0) == .watch(ListOptions(resourceVersion: "100", timeoutSeconds: 300))
        )
        _ = machine.watchFailed(.garbled, now: start, random: 0)
        guard case .list = machine.waited(now: start, random: 0) else {
            Issue.record("no list")
            return
        }
    }

    @Test("ten hours after a list, a tenth earlier or later, the end of a watch leads to another list")
    func recheck() {
        for (random, hours) in [(0.0, 9.0), (0.5, 10), (0.999, 11)] {
            var machine = ReflectorStateMachine()
            _ = machine.start()
            _ = machine.listed(resourceVersion: "100", continueToken: nil)
            _ = machine.replaced(now: start, random: random)
            guard case .watch = machine.watchEnded(now: start + .seconds(hours * 3600 - 60), random: 0),
                case .list(let options, true) = machine.watchEnded(now: start + .seconds(hours * 3600 + 60), random: 0)
            else {
                Issue.record("at \(random)")
                continue
            }
            #expect(options.resourceVersion == "100")
        }
    }

    @Test("a state that the server streams is asked for at the last version, and at the newest after one that is gone")
    func streams() {
        func stream(_ version: String) -> ReflectorStateMachine.Action {
            .stream(
                ListOptions(
                    resourceVersion: version,
                    resourceVersionMatch: "NotOlderThan",
                    timeoutSeconds: 300,
                    sendInitialEvents: true
                )
            )
        }
        var machine = ReflectorStateMachine(streamsState: true)
        #expect(machine.start() == stream(""))
        #expect(machine.streamFailed(.unavailable, now: start, random: 0.5) == .wait(.milliseconds(400)))
        #expect(machine.waited(now: start, random: 0) == stream(""))
        machine.streamed(resourceVersion: "7", now: start, random: 0)
        // What follows is an ordinary watch, also when it begins anew.
        machine.observed(.added, resourceVersion: "8")
        #expect(
            machine.watchEnded(now: start, random: 0) == .watch(ListOptions(resourceVersion: "8", timeoutSeconds: 300))
        )
        #expect(machine.watchFailed(.expired, now: start, random: 0) == stream(""))
        machine.streamed(resourceVersion: "20", now: start, random: 0)
        _ = machine.watchFailed(.refused, now: start, random: 0)
        #expect(machine.waited(now: start, random: 0) == stream("20"))
    }

    @Test("a state that the server does not stream after all is listed at once, and never asked for like that again")
    func streamsNot() {
        for failure in [ReflectorStateMachine.Failure.refused, .garbled] {
            var machine = ReflectorStateMachine(streamsState: true)
            _ = machine.start()
            let first = ReflectorStateMachine.Action.list(
                ListOptions(limit: 500, resourceVersion: "0"),
                isFirstPage: true
            )
            #expect(machine.streamFailed(failure, now: start, random: 0) == first)
            _ = machine.listed(resourceVersion: "5", continueToken: nil)
            _ = machine.replaced(now: start, random: 0)
            guard case .list = machine.watchFailed(.expired, now: start, random: 0) else {
                Issue.record("streamed again after \(failure)")
                continue
            }
        }
    }

    @Test("in 200,000 random outcomes no version that is gone is asked for again, and no wait is longer than 30 s")
    func randomOutcomes() {
        var random = SeededRandom(seed: 9)
        var machine = ReflectorStateMachine(streamsState: true)
        var gone: Set<String> = []
        var version = 1
        var now = start
        var action = machine.start()
        let failures: [ReflectorStateMachine.Failure] = [.expired, .versionTooLarge, .unavailable, .garbled, .refused]
        for _ in 0..<200_000 {
            now += .milliseconds(Int.random(in: 0..<3000, using: &random))
            let chance = Double.random(in: 0..<1, using: &random)
            let failure = Bool.random(using: &random) ? failures.randomElement(using: &random) : nil
            version += 1
            switch action {
            case .wait(let delay):
                #expect(delay <= .seconds(30))
                action = machine.waited(now: now, random: chance)
            case .replace: action = machine.replaced(now: now, random: chance)
            case .list:
                action =
                    failure.map { machine.listFailed($0, now: now, random: chance) }
                    ?? machine.listed(resourceVersion: "\(version)", continueToken: chance < 0.2 ? "t" : nil)
            case .stream:
                if let failure {
                    action = machine.streamFailed(failure, now: now, random: chance)
                } else {
                    machine.streamed(resourceVersion: "\(version)", now: now, random: chance)
                    action = machine.watchEnded(now: now, random: chance)
                }
            case .watch(let options):
                #expect(options.resourceVersion.map { !gone.contains($0) } ?? false)
                if chance < 0.5 { machine.observed(.other, resourceVersion: "\(version)") }
                if failure == .expired, let asked = machine.resourceVersion { gone.insert(asked) }
                action =
                    failure.map { machine.watchFailed($0, now: now, random: chance) }
                    ?? machine.watchEnded(now: now, random: chance)
            }
        }
        #expect(!gone.isEmpty)
    }

    @Test("there is no number of failures after which nobody tries any more")
    func noLifetimeLimit() {
        var machine = watching()
        for _ in 0..<10_000 {
            guard case .wait(let delay) = machine.watchFailed(.unavailable, now: start, random: 0.99),
                case .watch = machine.waited(now: start, random: 0)
            else {
                Issue.record("gave up")
                return
            }
            #expect(delay <= .seconds(30))
        }
    }

    @Test("backoff doubles from 0.8 s to 30 s and begins anew after two quiet minutes")
    func backoff() {
        var backoff = Backoff()
        let delays = (0..<8).map { _ in backoff.failed(at: start, random: 0.5) * 2 }
        #expect(delays.map(\.inMilliseconds) == [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
        #expect(backoff.failed(at: start + .seconds(120), random: 0.5) == .milliseconds(400))
    }
}

extension Duration {
    fileprivate var inMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
