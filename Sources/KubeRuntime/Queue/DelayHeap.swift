// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Keys by the time at which they become ready, each with its earliest time.
struct DelayHeap<Key: Hashable & Sendable>: Sendable {
    private struct Entry {
        var ready: ContinuousClock.Instant
        var order: UInt64
        var key: Key

        static func < (left: Entry, right: Entry) -> Bool { (left.ready, left.order) < (right.ready, right.order) }
    }

    /// A binary heap.
    ///
    /// An entry that `earliest` no longer agrees with is stale and skipped when it surfaces.
    private var entries: [Entry] = []
    private var earliest: [Key: ContinuousClock.Instant] = [:]
    private var inserted: UInt64 = 0

    var count: Int { earliest.count }

    /// When the first key becomes ready.
    var nextReady: ContinuousClock.Instant? { entries.first?.ready }

    /// Adds a key; of two times the earlier one counts.
    mutating func insert(_ key: Key, ready: ContinuousClock.Instant) {
        if let known = earliest[key], known <= ready { return }
        earliest[key] = ready
        inserted += 1
        entries.append(Entry(ready: ready, order: inserted, key: key))
        siftUp()
    }

    /// Takes out the first key that is ready.
    mutating func popReady(at now: ContinuousClock.Instant) -> Key? {
        guard let first = entries.first, first.ready <= now else { return nil }
        removeFirst()
        earliest[first.key] = nil
        dropStale()
        return first.key
    }

    /// Forgets a key.
    mutating func remove(_ key: Key) {
        guard earliest.removeValue(forKey: key) != nil else { return }
        dropStale()
        // Stale entries of keys that come and go often must not pile up.
        if entries.count > 64 && entries.count > 4 * earliest.count {
            let live = entries.filter { earliest[$0.key] == $0.ready }
            entries = []
            for entry in live {
                entries.append(entry)
                siftUp()
            }
        }
    }

    mutating func removeAll() {
        entries.removeAll()
        earliest.removeAll()
    }

    /// Keeps the first entry a true one, so that nobody wakes up for a stale one.
    private mutating func dropStale() {
        while let first = entries.first, earliest[first.key] != first.ready { removeFirst() }
    }

    private mutating func siftUp() {
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child] < entries[parent] else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child] < entries[smallest] { smallest = child }
            }
            guard smallest != parent else { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
