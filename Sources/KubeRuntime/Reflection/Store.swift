// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore
import Synchronization

/// A cache of all objects of one resource, filled by a `Reflector`.
///
/// Readers get values, so nobody can change what is cached. Reads may lag behind the API server, never go back in time
/// but after a new list.
package final class Store<Object: KubeObject>: Sendable {
    private struct State {
        var contents: StoreContents<Object>
        var subscriptions: [UInt64: StoreSubscription<Object>] = [:]
        var lastSubscription: UInt64 = 0
        var syncWaiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let state: Mutex<State>

    /// Makes an empty store.
    package init(indices: [StoreIndex<Object>] = []) {
        state = Mutex(State(contents: StoreContents(indexers: indices)))
    }

    /// The object of that key.
    package subscript(key: ObjectKey) -> Object? { state.withLock { $0.contents.objects[key] }?.object }

    /// All objects, in no order.
    package var all: [Object] { state.withLock { $0.contents.objects.values.map(\.object) } }

    /// How many objects there are.
    package var count: Int { state.withLock { $0.contents.objects.count } }

    /// All objects of a namespace, in no order.
    package func objects(namespace: String) -> [Object] {
        state.withLock { $0.contents.objects(namespace: namespace) }
    }

    /// The objects that an index holds under a value, in no order; none where there is no such index.
    package func objects(index: String, value: String) -> [Object] {
        state.withLock { $0.contents.objects(index: index, value: value) }
    }

    /// The objects that the owner with that UID controls; needs `StoreIndex.controllerUID`.
    package func objects(controlledBy uid: String) -> [Object] {
        objects(index: StoreIndex<Object>.controllerUID.name, value: uid)
    }

    /// The version up to which everything is in here; nil before the first list.
    package var resourceVersion: String? { state.withLock { $0.contents.resourceVersion } }

    /// Whether a full list has been taken over.
    ///
    /// It stays true; `Reflector.status` says whether the cache is live.
    package var hasSynced: Bool { resourceVersion != nil }

    /// Returns once a full list has been taken over, or when the task is cancelled.
    package func waitUntilSynced() async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.contents.resourceVersion != nil || Task.isCancelled { return true }
                    state.syncWaiters[id] = continuation
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.syncWaiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Hands over the objects that are there as added ones, then every change, until the task is cancelled.
    ///
    /// Changes of one object that have not been handed over yet become one, so a slow `handle` costs memory by the
    /// number of objects and holds up nobody. What changed comes before what was there already; within a batch the
    /// oldest change comes first.
    package func forEachBatch(_ handle: @Sendable ([StoreChange<Object>], WorkPriority) -> Void) async {
        let (id, subscription) = subscribe()
        defer { state.withLock { $0.subscriptions[id] = nil } }
        while let batch = await subscription.next() {
            for priority in [WorkPriority.live, .background] {
                let changes = batch.filter { $0.priority == priority }.map(\.change)
                if !changes.isEmpty { handle(changes, priority) }
            }
        }
    }

    /// Hands all objects over once more, as unchanged, to everybody who reads changes; the API server is not asked.
    package func resync() {
        state.withLock { state in
            for subscription in state.subscriptions.values {
                subscription.push(state.contents.objects.values.map { .updated(old: $0, new: $0) }, .background)
            }
        }
    }

    /// How much of a write the cache shows.
    func sighting(of key: ObjectKey, _ outcome: ExpectedVersions.Outcome) -> ExpectedVersions.Sighting {
        state.withLock { $0.contents.sighting(of: key, outcome) }
    }

    func subscribe() -> (id: UInt64, StoreSubscription<Object>) {
        state.withLock { state in
            state.lastSubscription += 1
            let subscription = StoreSubscription<Object>()
            subscription.push(state.contents.objects.values.map { .added($0) }, .background)
            state.subscriptions[state.lastSubscription] = subscription
            return (state.lastSubscription, subscription)
        }
    }

    /// Takes over a whole list; one without a version counts as version 0.
    func replace(with list: [Cached<Object>], resourceVersion: String?) {
        change { $0.replace(with: list, resourceVersion: resourceVersion ?? "0") }
    }

    /// Takes over what a watch saw; an event that says nothing about an object changes none.
    func apply(_ event: WatchEvent<Object>) {
        switch event {
        case .added(let object), .modified(let object): change { $0.upsert(object) }
        case .deleted(let object): change { $0.delete(object) }
        case .bookmark(let version, _):
            change {
                $0.advance(to: version)
                return []
            }
        case .error, .skipped: return
        }
    }

    /// Changes are pushed within the lock, so that every subscription sees them in the store's order.
    private func change(_ body: (inout StoreContents<Object>) -> [StoreChange<Object>]) {
        let waiters = state.withLock { state in
            let changes = body(&state.contents)
            if !changes.isEmpty {
                for subscription in state.subscriptions.values { subscription.push(changes, .live) }
            }
            guard state.contents.resourceVersion != nil else { return [CheckedContinuation<Void, Never>]() }
            defer { state.syncWaiters = [:] }
            return Array(state.syncWaiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }
}
