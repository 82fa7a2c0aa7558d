// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

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
        _ = contents.replace(with: [old], resourceVersion: "1")
        #expect(contents.replace(with: [], resourceVersion: "5") == [.deleted(old, finalStateUnknown: true)])
    }

    @Test("an object that was deleted and made anew meanwhile is a deletion and then an addition")
    func recreated() {
        var contents = StoreContents<ConfigMap>()
        let old = ConfigMap.sample("a", version: 1, uid: "first")
        let new = ConfigMap.sample("a", version: 4, uid: "second")
        _ = contents.replace(with: [old], resourceVersion: "1")
        let changes = contents.replace(with: [new], resourceVersion: "5")
        #expect(changes == [.deleted(old, finalStateUnknown: true), .added(new)])
    }

    @Test("events never move an object back in time, compared as numbers")
    func neverBackwards() {
        var contents = StoreContents<ConfigMap>()
        let new = ConfigMap.sample("a", version: 10, color: "red")
        #expect(contents.upsert(new) == [.added(new)])
        #expect(contents.upsert(.sample("a", version: 9, color: "blue")).isEmpty)
        #expect(contents.upsert(new).isEmpty)
        #expect(contents.delete(.sample("a", version: 9)).isEmpty)
        #expect(contents.objects[new.key] == new)
        #expect(contents.resourceVersion == "10")
    }

    @Test("indices agree with a scan over everything after each of 100,000 random steps")
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
        for step in 1...100_000 {
            switch Int.random(in: 0..<1000, using: &random) {
            case 0:
                let list = (0..<10).map { _ in sample(step) }
                _ = contents.replace(with: list, resourceVersion: String(step))
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
            let color = colors[step % 3]
            let found = contents.objects(index: "color", value: color)
            #expect(found.allSatisfy { model[$0.key] == $0 })
            #expect(found.count == model.values.count { $0.metadata.labels?["color"] == color })
            #expect(contents.objects(namespace: "x").count == model.keys.count { $0.namespace == "x" })
        }
        #expect(contents.objects == model)
    }

    @Test("changes that nobody has read yet become one for each object")
    func coalesces() async {
        let subscription = StoreSubscription<ConfigMap>()
        let (one, two) = (ConfigMap.sample("a", version: 1), ConfigMap.sample("a", version: 2))
        let other = ConfigMap.sample("b", version: 3)
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
            store.replace(with: [], resourceVersion: nil)
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
