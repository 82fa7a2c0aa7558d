// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A number that many threads change without a lock.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits: Atomic<UInt64>

    init(_ value: Double = 0) { bits = Atomic(value.bitPattern) }

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    borrowing func store(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    borrowing func add(_ amount: Double) {
        var expected = bits.load(ordering: .relaxed)
        while true {
            let desired = (Double(bitPattern: expected) + amount).bitPattern
            let result = bits.weakCompareExchange(expected: expected, desired: desired, ordering: .relaxed)
            if result.exchanged { return }
            expected = result.original
        }
    }
}
