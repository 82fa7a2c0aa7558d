// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore

/// The objects of one resource as they were last seen, with their indices: the value inside a `Store`.
struct StoreContents<Object: KubeObject>: Sendable {
    private let indexers: [StoreIndex<Object>]
    private(set) var objects: [ObjectKey: Cached<Object>] = [:]
    /// Index name, value, keys.
    private var indices: [String: [String: Set<ObjectKey>]] = [:]
    /// Namespace, keys.
    private var namespaces: [String: Set<ObjectKey>] = [:]
    /// The version up to which everything is in here; nil before the first list.
    private(set) var resourceVersion: String?
    /// The versions at which objects were deleted, so that a late event brings none of them back and
    /// nobody waits for what was written to them before.
    private var graves: [ObjectKey: String] = [:]
    private var graveOrder: [ObjectKey] = []

    /// How many deletions are remembered; late events come soon or never.
    static var graveLimit: Int { 1024 }

    init(indexers: [StoreIndex<Object>] = []) { self.indexers = indexers }

    func objects(namespace: String) -> [Object] {
        namespaces[namespace, default: []].compactMap { objects[$0]?.object }
    }

    func objects(index: String, value: String) -> [Object] {
        indices[index]?[value, default: []].compactMap { objects[$0]?.object } ?? []
    }

    /// Takes over a whole list: the only way by which the store may go back in time.
    mutating func replace(with list: [Cached<Object>], resourceVersion: String?) -> [StoreChange<Object>] {
        var changes: [StoreChange<Object>] = []
        var fresh = Dictionary(list.map { ($0.object.key, $0) }, uniquingKeysWith: { $1 })
        for (key, old) in objects {
            guard let new = fresh[key] else {
                changes.append(.deleted(old, finalStateUnknown: true))
                continue
            }
            if old.object.metadata.uid != new.object.metadata.uid {
                changes.append(.deleted(old, finalStateUnknown: true))
            }
        }
        for (key, new) in fresh {
            guard let old = objects[key], old.object.metadata.uid == new.object.metadata.uid else {
                changes.append(.added(new))
                continue
            }
            guard old.object.metadata.resourceVersion == new.object.metadata.resourceVersion else {
                changes.append(.updated(old: old, new: new))
                continue
            }
            // The known copy stays, so that a list that brings nothing new needs no further memory for long.
            if new.object.metadata.resourceVersion != nil { fresh[key] = old }
        }
        objects = Dictionary(minimumCapacity: fresh.count)
        indices = [:]
        namespaces = [:]
        graves = [:]
        graveOrder = []
        for case .deleted(let old, _) in changes where fresh[old.object.key] == nil {
            bury(old.object.key, at: resourceVersion)
        }
        for state in fresh.values { insert(state) }
        self.resourceVersion = resourceVersion
        return changes
    }

    /// Takes over an object that a watch saw; one that is older than the known one, or equal to it, changes nothing.
    mutating func upsert(_ object: Object) -> [StoreChange<Object>] {
        advance(to: object.metadata.resourceVersion)
        let new = Cached(object)
        guard let old = objects[object.key] else {
            if let version = object.metadata.resourceVersion, let grave = graves[object.key],
                ResourceVersion.isOlder(grave, than: version) == false
            {
                return []
            }
            insert(new)
            return [.added(new)]
        }
        guard isNews(object, after: old.object) else { return [] }
        remove(old.object)
        insert(new)
        if old.object.metadata.uid != object.metadata.uid {
            return [.deleted(old, finalStateUnknown: true), .added(new)]
        }
        return [.updated(old: old, new: new)]
    }

    /// Takes out an object that a watch saw go; `last` is its last state.
    mutating func delete(_ last: Object) -> [StoreChange<Object>] {
        advance(to: last.metadata.resourceVersion)
        bury(last.key, at: last.metadata.resourceVersion)
        guard let old = objects[last.key] else { return [] }
        // A late farewell to an earlier object of that name.
        if let version = last.metadata.resourceVersion, let known = old.object.metadata.resourceVersion,
            ResourceVersion.isOlder(version, than: known) == true
        {
            return []
        }
        remove(old.object)
        return [.deleted(Cached(last), finalStateUnknown: false)]
    }

    /// Notes that everything up to a version is in here.
    mutating func advance(to version: String?) {
        guard let version else { return }
        if let known = resourceVersion, ResourceVersion.isOlder(version, than: known) == true { return }
        resourceVersion = version
    }

    /// How much of a write is in here.
    func sighting(of key: ObjectKey, _ outcome: ExpectedVersions.Outcome) -> ExpectedVersions.Sighting {
        let held = objects[key]?.object.metadata
        switch outcome {
        case .deleted(let uid): return held?.uid == uid && held?.deletionTimestamp == nil ? .behind : .passed
        case .version(let version):
            if let held, ResourceVersion.reached(version, at: held.resourceVersion) { return .seen }
            // It was here, and went after that write.
            if let grave = graves[key], ResourceVersion.reached(version, at: grave) { return .seen }
            if ResourceVersion.reached(version, at: resourceVersion) { return .passed }
            return held == nil ? .unknown : .behind
        }
    }

    private mutating func bury(_ key: ObjectKey, at version: String?) {
        guard let version else { return }
        if let known = graves[key], ResourceVersion.isOlder(version, than: known) != false { return }
        if graves.updateValue(version, forKey: key) == nil { graveOrder.append(key) }
        guard graveOrder.count > Self.graveLimit else { return }
        for key in graveOrder.prefix(Self.graveLimit / 2) { graves[key] = nil }
        graveOrder.removeFirst(Self.graveLimit / 2)
    }

    private func isNews(_ new: Object, after old: Object) -> Bool {
        guard let version = new.metadata.resourceVersion, let known = old.metadata.resourceVersion else { return true }
        return version != known && ResourceVersion.isOlder(version, than: known) != true
    }

    private mutating func insert(_ state: Cached<Object>) {
        let object = state.object
        let key = object.key
        objects[key] = state
        namespaces[key.namespace ?? "", default: []].insert(key)
        for indexer in indexers {
            for value in indexer.values(object) { indices[indexer.name, default: [:]][value, default: []].insert(key) }
        }
    }

    private mutating func remove(_ object: Object) {
        let key = object.key
        objects[key] = nil
        namespaces.discard(key, under: key.namespace ?? "")
        for indexer in indexers {
            for value in indexer.values(object) { indices[indexer.name]?.discard(key, under: value) }
        }
    }
}

extension [String: Set<ObjectKey>] {
    /// Takes a key out, and the value with its last key, so that an index does not grow for ever.
    fileprivate mutating func discard(_ key: ObjectKey, under value: String) {
        self[value]?.remove(key)
        if self[value]?.isEmpty == true { self[value] = nil }
    }
}
