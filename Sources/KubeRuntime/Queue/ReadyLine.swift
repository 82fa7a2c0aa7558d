// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Keys that are ready, first in, first out; a key can also leave from the midst.
struct ReadyLine<Key: Hashable & Sendable>: Sendable {
    /// `keys[head...]`; an entry whose turn is no longer the key's own is stale and skipped.
    private var keys: [(key: Key, turn: UInt64)] = []
    private var head = 0
    private var turns: [Key: UInt64] = [:]
    private var lastTurn: UInt64 = 0

    var count: Int { turns.count }

    mutating func append(_ key: Key) {
        lastTurn += 1
        turns[key] = lastTurn
        keys.append((key, lastTurn))
    }

    mutating func remove(_ key: Key) { turns[key] = nil }

    mutating func popFirst() -> Key? {
        while head < keys.count {
            let (key, turn) = keys[head]
            head += 1
            if head > 1024 && head * 2 > keys.count {
                keys.removeFirst(head)
                head = 0
            }
            guard turns[key] == turn else { continue }
            turns[key] = nil
            return key
        }
        keys.removeAll(keepingCapacity: keys.capacity < 4096)
        head = 0
        return nil
    }
}
