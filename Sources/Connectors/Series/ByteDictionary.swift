// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Numbers byte strings from 0 in the order in which they first come; equal ones have the same number.
///
/// A hash table of its own: to make a `String` of a cell takes longer than to read the rest of its row.
struct ByteDictionary: Sendable {
    /// How many different byte strings there may be.
    let limit: Int
    /// The bytes of all, one after the other, and where each ends.
    private var pool: [UInt8] = []
    private var ends: [Int] = []
    /// The upper half of a byte string's hash, and its number plus 1; 0 where there is none. A power of two.
    private var slots = [UInt64](repeating: 0, count: 32)
    /// Rows of the same series often follow each other.
    private var latest: Int32?

    init(limit: Int) { self.limit = limit }

    /// How many different byte strings there are.
    var count: Int { ends.count }

    /// The byte string of a number.
    subscript(code: Int32) -> ArraySlice<UInt8> {
        let index = Int(code)
        return pool[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// The number of a byte string; nil where it is not there.
    @inline(__always)
    mutating func find(_ bytes: UnsafeRawBufferPointer) -> Int32? {
        if let latest, equals(latest, bytes) { return latest }
        return lookUp(bytes)
    }

    /// The number of a byte string that is not there yet; nil where there is no room for it.
    mutating func add(_ bytes: UnsafeRawBufferPointer) -> Int32? {
        guard count < limit else { return nil }
        pool.append(contentsOf: bytes)
        ends.append(pool.count)
        let code = Int32(count - 1)
        if 2 * count > slots.count { grow() } else { insert(code, Self.hash(bytes)) }
        latest = code
        return code
    }

    private mutating func lookUp(_ bytes: UnsafeRawBufferPointer) -> Int32? {
        let hash = Self.hash(bytes)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            if slots[slot] >> 32 == hash >> 32 {
                let code = Int32(truncatingIfNeeded: slots[slot]) - 1
                if equals(code, bytes) {
                    latest = code
                    return code
                }
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func grow() {
        slots = [UInt64](repeating: 0, count: 2 * slots.count)
        for code in 0..<Int32(count) { insert(code, self[code].withUnsafeBytes(Self.hash)) }
    }

    /// Takes the first free slot; half of them are free.
    private mutating func insert(_ code: Int32, _ hash: UInt64) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = (hash & ~0xFFFF_FFFF) | UInt64(code + 1)
    }

    @inline(__always)
    private func equals(_ code: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let index = Int(code)
        let start = index == 0 ? 0 : ends[index - 1]
        guard ends[index] - start == bytes.count else { return false }
        return pool.withUnsafeBytes { pool in
            guard let own = pool.baseAddress, let other = bytes.baseAddress else { return true }
            return memcmp(own + start, other, bytes.count) == 0
        }
    }

    /// Eight bytes at a time, each round folded by a product with an odd constant (the golden ratio's).
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = mixed(UInt64(bytes.count))
        var cursor = 0
        while cursor + 8 <= bytes.count {
            hash = mixed(hash ^ bytes.loadUnaligned(fromByteOffset: cursor, as: UInt64.self))
            cursor += 8
        }
        var rest: UInt64 = 0
        while cursor < bytes.count {
            rest = rest << 8 | UInt64(bytes[cursor])
            cursor += 1
        }
        return mixed(hash ^ rest)
    }

    @inline(__always)
    private static func mixed(_ word: UInt64) -> UInt64 {
        let product = (word ^ word >> 29) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product >> 32
    }
}
