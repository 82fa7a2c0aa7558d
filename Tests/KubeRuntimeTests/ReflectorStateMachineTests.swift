// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore
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
