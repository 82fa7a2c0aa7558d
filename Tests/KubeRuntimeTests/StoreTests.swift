// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import Synchronization
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("Store")
struct StoreTests {
    @Test("a list without a known object says that its final state is unknown")
    func tombstone() {
        var contents = StoreContents<ConfigMap>()
        let old = ConfigMap.sample("a", version: 1)
        _ = contents.fill(with: [old], resourceVersion: "1")
        #expect(contents.fill(with: [], resourceVersion: "5") == [.deleted(Cached(old), finalStateUnknown: true)])
    }

    @Test("an object that was deleted and made anew meanwhile is a deletion and then an addition")
    func recreated() {
        var contents = StoreContents<ConfigMap>()
        let old = ConfigMap.sample("a", version: 1, uid: "first")
        let new = ConfigMap.sample("a", version: 4, uid: "second")
        _ = contents.fill(with: [old], resourceVersion: "1")
        let changes = contents.fill(with: [new], resourceVersion: "5")
        #expect(changes == [.deleted(Cached(old), finalStateUnknown: true), .added(Cached(new))])
    }

    @Test("events never move an object back in time, compared as numbers")
    func neverBackwards() {
        var contents = StoreContents<ConfigMap>()
        let new = ConfigMap.sample("a", version: 10, color: "red")
        #expect(contents.upsert(new) == [.added(Cached(new))])
        #expect(contents.upsert(.sample("a", version: 9, color: "blue")).isEmpty)
        #expect(contents.upsert(new).isEmpty)
        #expect(contents.delete(.sample("a", version: 9)).isEmpty)
        #expect(contents.objects[new.key]?.object == new)
        #expect(contents.resourceVersion == "10")
    }

    @Test("a late event brings back no deleted object, and a new one of that name comes all the same")
    func staysDeleted() {
        var contents = StoreContents<ConfigMap>()
        _ = contents.upsert(.sample("a", version: 1))
        #expect(contents.delete(.sample("a", version: 9)).count == 1)
        for version in [1, 8, 9] { #expect(contents.upsert(.sample("a", version: version)).isEmpty) }
        let new = ConfigMap.sample("a", version: 10, uid: "second")
        #expect(contents.upsert(new) == [.added(Cached(new))])
        // A list decides anew.
        _ = contents.delete(.sample("a", version: 11))
        _ = contents.fill(with: [.sample("a", version: 5)], resourceVersion: "5")
        #expect(contents.objects.count == 1)
    }

    @Test("after ten thousand deletions the last ones are still remembered")
    func forgetsDeletions() {
        var contents = StoreContents<ConfigMap>()
        for number in 1...10_000 {
            _ = contents.upsert(.sample("n\(number)", version: 2 * number))
            _ = contents.delete(.sample("n\(number)", version: 2 * number + 1))
        }
        #expect(contents.upsert(.sample("n9800", version: 2 * 9800)).isEmpty)
        #expect(contents.objects.isEmpty)
    }

    @Test("whoever reads no changes for long costs memory by the number of objects, not of changes")
    func slowReader() async {
        let store = Store<ConfigMap>()
        let subscription = store.subscribe().1
        for version in 1...20_000 {
            store.apply(.modified(.sample("n\(version % 100)", version: version)))
        }
        #expect(await subscription.next()?.count == 100)
    }

    @Test("a resync hands all objects over once more, unchanged, behind what changed")
    func resync() async {
        let store = Store<ConfigMap>()
        store.fill(with: [.sample("a", version: 1), .sample("b", version: 1)], resourceVersion: "1")
        let subscription = store.subscribe().1
        _ = await subscription.next()
        store.resync()
        store.apply(.modified(.sample("b", version: 2)))
        let batch = await subscription.next() ?? []
        let priorities = Dictionary(uniqueKeysWithValues: batch.map { ($0.change.object.metadata.name, $0.priority) })
        #expect(priorities == ["a": .background, "b": .live])
    }

    @Test("indices agree with a scan over everything through 100,000 random steps, a million in a soak run")
    func indicesAgree() {
        var random = SeededRandom(seed: 21)
        var contents = StoreContents<ConfigMap>(indexers: [.label("color")])
        var model: [ObjectKey: ConfigMap] = [:]
        let colors = ["red", "green", "blue"]
        func sample(_ version: Int) -> ConfigMap {
            .sample(
                "n\(Int.random(in: 0..<20, using: &random))",
                version: version,
                namespace: Bool.random(using: &random) ? "x" : "y",
                color: colors.randomElement(using: &random)
            )
        }
        let isSoak = ProcessInfo.processInfo.environment["ALMANAC_SOAK_SECONDS"] != nil
        for step in 1...(isSoak ? 1_000_000 : 100_000) {
            switch Int.random(in: 0..<1000, using: &random) {
            case 0:
                let list = (0..<10).map { _ in sample(step) }
                _ = contents.fill(with: list, resourceVersion: String(step))
                model = Dictionary(list.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
            case 1..<600:
                let object = sample(step)
                _ = contents.upsert(object)
                model[object.key] = object
            default:
                let object = sample(step)
                _ = contents.delete(object)
                model[object.key] = nil
            }
            guard step % 200 == 0 else { continue }
            let color = colors[step / 200 % 3]
            let found = contents.objects(index: "color", value: color)
            #expect(found.allSatisfy { model[$0.key] == $0 })
            #expect(found.count == model.values.count { $0.metadata.labels?["color"] == color })
            #expect(contents.objects(namespace: "x").count == model.keys.count { $0.namespace == "x" })
        }
        #expect(contents.objects.mapValues(\.object) == model)
    }

    @Test("changes that nobody has read yet become one for each object")
    func coalesces() async {
        let subscription = StoreSubscription<ConfigMap>()
        let (one, two) = (Cached(ConfigMap.sample("a", version: 1)), Cached(ConfigMap.sample("a", version: 2)))
        let other = Cached(ConfigMap.sample("b", version: 3))
        subscription.push([.added(one), .added(other)], .background)
        subscription.push([.updated(old: one, new: two)], .live)
        let batch = await subscription.next()
        #expect(batch?.map(\.change) == [.added(two), .added(other)])
        #expect(batch?.map(\.priority) == [.live, .background])
        subscription.push([.updated(old: one, new: two)], .live)
        subscription.push([.deleted(two, finalStateUnknown: false)], .live)
        #expect(await subscription.next()?.map(\.change) == [.deleted(two, finalStateUnknown: false)])
    }

    @Test("waiting for the first list ends with it, and with cancellation")
    func waitsForSync() async {
        let store = Store<ConfigMap>()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await store.waitUntilSynced() }
            await Task.yield()
            group.cancelAll()
        }
        #expect(!store.hasSynced)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await store.waitUntilSynced() }
            await Task.yield()
            store.fill(with: [], resourceVersion: nil)
        }
        #expect(store.hasSynced)
    }

    @Test("resource versions compare as numbers of any length, others not at all")
    func versions() {
        #expect(ResourceVersion.isOlder("9", than: "10") == true)
        #expect(ResourceVersion.isOlder("0010", than: "9") == false)
        #expect(ResourceVersion.isOlder("99999999999999999999998", than: "99999999999999999999999") == true)
        #expect(ResourceVersion.isOlder("a", than: "1") == nil)
        #expect(ResourceVersion.isOlder("", than: "1") == nil)
    }
}
