// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import Testing

@testable import KubeRuntime

@Suite("ExpectedVersions")
struct ExpectedVersionsTests {
    private let key = ObjectKey(namespace: "x", name: "a")
    private let child = ObjectKey(namespace: "default", name: "child")
    private let start = ContinuousClock.now

    private func verdict(
        _ expected: inout ExpectedVersions,
        after time: Duration = .zero,
        _ sightings: ExpectedVersions.Sighting...
    ) -> ExpectedVersions.Verdict {
        expected.verdict(for: key, now: start + time) { _, _, _ in sightings }
    }

    @Test("a key rests until the cache has its own writes, no longer than patience lasts, and is overdue from then on")
    func rests() {
        var expected = ExpectedVersions(patience: .seconds(10))
        expected.wrote(Job.resource, child, .version("10"), for: key, now: start)
        #expect(verdict(&expected, .behind) == .waiting(until: start + .seconds(10)))
        #expect(verdict(&expected, .seen) == .met)
        #expect(expected.count == 0)
        expected.wrote(Job.resource, child, .version("10"), for: key, now: start)
        #expect(verdict(&expected, after: .seconds(10), .unknown) == .overdue)
        #expect(verdict(&expected, after: .seconds(11), .behind) == .overdue)
        #expect(verdict(&expected, after: .seconds(12), .seen) == .met)
        #expect(expected.count == 0)
    }

    @Test("nobody waits for a resource that is not cached")
    func notCached() {
        var expected = ExpectedVersions()
        expected.wrote(Job.resource, child, .version("10"), for: key, now: start)
        #expect(verdict(&expected) == .met)
    }

    @Test("of two caches of one resource the one that holds the object decides, and none may lag")
    func twoCaches() {
        for (first, second, isMet) in [
            (ExpectedVersions.Sighting.seen, ExpectedVersions.Sighting.unknown, true), (.passed, .unknown, false),
            (.passed, .passed, true), (.seen, .behind, false), (.unknown, .unknown, false),
        ] {
            var expected = ExpectedVersions()
            expected.wrote(ConfigMap.resource, child, .version("10"), for: key, now: start)
            #expect((verdict(&expected, first, second) == .met) == isMet, "\(first) \(second)")
        }
    }

    @Test("of two writes of one object the newer counts, and a deletion counts whatever was before")
    func newer() {
        var expected = ExpectedVersions()
        var asked: [ExpectedVersions.Outcome] = []
        func ask() {
            _ = expected.verdict(for: key, now: start) { _, _, outcome in
                asked.append(outcome)
                return [.behind]
            }
        }
        expected.wrote(Job.resource, child, .version("10"), for: key, now: start)
        expected.wrote(Job.resource, child, .version("9"), for: key, now: start)
        ask()
        expected.wrote(Job.resource, child, .deleted(uid: "u"), for: key, now: start)
        ask()
        #expect(asked == [.version("10"), .deleted(uid: "u")])
    }

    @Test("a store knows whether it has seen a write, is past it, lags behind it or cannot tell")
    func sightings() {
        let store = Store<ConfigMap>()
        func seen(_ version: String) -> ExpectedVersions.Sighting { store.sighting(of: child, .version(version)) }
        func gone() -> ExpectedVersions.Sighting { store.sighting(of: child, .deleted(uid: "uid-child")) }
        #expect(seen("5") == .unknown)
        store.fill(with: [], resourceVersion: "4")
        #expect(seen("5") == .unknown)
        #expect(gone() == .passed)
        store.apply(.added(.sample("child", version: 5)))
        #expect(seen("5") == .seen)
        #expect(seen("6") == .behind)
        #expect(gone() == .behind)
        store.apply(.bookmark(resourceVersion: "7"))
        #expect(seen("6") == .passed)
        var leaving = ConfigMap.sample("child", version: 8)
        leaving.metadata.deletionTimestamp = Date()
        store.apply(.modified(leaving))
        #expect(gone() == .passed)
        store.apply(.deleted(.sample("child", version: 9)))
        #expect(gone() == .passed)
        #expect(seen("9") == .seen)
        #expect(seen("10") == .unknown)
    }

    @Test(
        "nobody waits for a write to an object that has gone since, seen by a watch or by a list",
        arguments: [true, false]
    )
    func goneSince(isWatched: Bool) {
        let store = Store<ConfigMap>()
        store.fill(with: [.sample("child", version: 3)], resourceVersion: "4")
        if isWatched {
            store.apply(.deleted(.sample("child", version: 9)))
        } else {
            store.fill(with: [], resourceVersion: "9")
        }
        #expect(store.sighting(of: child, .version("8")) == .seen)
        // Another cache of the kind, which never held the object, is not waited for.
        var expected = ExpectedVersions()
        expected.wrote(ConfigMap.resource, child, .version("8"), for: key, now: start)
        #expect(verdict(&expected, store.sighting(of: child, .version("8")), .unknown) == .met)
    }
}
