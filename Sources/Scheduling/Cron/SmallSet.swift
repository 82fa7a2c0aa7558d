// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A set of numbers from 0 to 63, for the fields of a cron expression and the days of a month.
struct SmallSet: Hashable, Sendable {
    private var bits: UInt64 = 0

    init() {}

    /// All numbers of a range within 0...63.
    init(_ range: ClosedRange<Int>) {
        bits = (~0 >> UInt64(63 - range.upperBound)) & (~0 << UInt64(range.lowerBound))
    }

    private init(bits: UInt64) { self.bits = bits }

    var isEmpty: Bool { bits == 0 }
    var count: Int { bits.nonzeroBitCount }
    var smallest: Int? { bits == 0 ? nil : bits.trailingZeroBitCount }
    var largest: Int? { bits == 0 ? nil : 63 - bits.leadingZeroBitCount }

    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }
    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

    func union(_ other: SmallSet) -> SmallSet { SmallSet(bits: bits | other.bits) }
    func intersection(_ other: SmallSet) -> SmallSet { SmallSet(bits: bits & other.bits) }
    func subtracting(_ other: SmallSet) -> SmallSet { SmallSet(bits: bits & ~other.bits) }

    /// The numbers from one on.
    func from(_ number: Int) -> SmallSet { number > 63 ? SmallSet() : intersection(SmallSet(number...63)) }
    /// The numbers up to one.
    func through(_ number: Int) -> SmallSet { number < 0 ? SmallSet() : intersection(SmallSet(0...number)) }
    /// Every number made larger or, below zero, smaller; those that leave 0...63 are dropped.
    func shifted(by distance: Int) -> SmallSet { SmallSet(bits: bits << distance) }
}
