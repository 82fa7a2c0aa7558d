// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Memory of tensors, kept for the next one: a training loop allocates in its first step only.
///
/// Not thread-safe: it belongs to the one task or thread that runs its engine.
final class BufferPool {
    private static let alignment = 64
    /// From how many elements on (a MiB) memory is saved rather than requests made fast.
    private static let large = 1 << 18
    private var free: [Int: [UnsafeMutableRawPointer]] = [:]
    /// All bytes that were ever allocated and not yet given back to the system.
    private(set) var footprint = 0
    /// How often memory was asked for, new or used before.
    private(set) var requests = 0

    /// The capacity in elements that serves a request: the next quarter of a power of two, or the next sixteenth where
    /// the rest, which nobody uses, would be large.
    static func capacity(for count: Int) -> Int {
        let least = max(count, 64)
        let octave = 1 << (Int.bitWidth - 1 - least.leadingZeroBitCount)
        let step = max(16, octave / (least < large ? 4 : 16))
        return (least + step - 1) / step * step
    }

    /// Memory of at least `capacity` elements of 4 bytes, with how many there are; its content is undefined.
    func take(capacity: Int) -> (pointer: UnsafeMutableRawPointer, capacity: Int) {
        requests += 1
        if let pointer = free[capacity]?.popLast() { return (pointer, capacity) }
        // Layers of several widths take turns: what a wide one does not need now serves a narrow one.
        if capacity >= Self.large {
            let larger = free.filter { $0.key > capacity && $0.key <= 4 * capacity && !$0.value.isEmpty }.keys.min()
            if let larger, let pointer = free[larger]?.popLast() { return (pointer, larger) }
        }
        footprint += capacity * 4
        return (.allocate(byteCount: capacity * 4, alignment: Self.alignment), capacity)
    }

    /// Takes memory back for reuse.
    func give(_ pointer: UnsafeMutableRawPointer, capacity: Int) {
        free[capacity, default: []].append(pointer)
    }

    deinit {
        for pointer in free.values.joined() { pointer.deallocate() }
    }
}

/// Memory of one or more tensors, given back to its pool with the last of them.
final class Storage {
    /// The elements: 32-bit floats, or 32-bit integers under indices.
    let pointer: UnsafeMutableRawPointer
    private let capacity: Int
    private let pool: BufferPool

    init(count: Int, pool: BufferPool) {
        (pointer, capacity) = pool.take(capacity: BufferPool.capacity(for: count))
        self.pool = pool
    }

    deinit { pool.give(pointer, capacity: capacity) }
}
