// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// An unsigned decimal at the beginning of eight bytes, taken apart without a loop: digits with at most one point among
/// them, and a byte that is neither right after them.
///
/// Most cells of data files are that short. Where the number ends is read off a mask of the bytes that are no digits; the
/// digits are moved to the end of the word, and three multiplications add them up in pairs, fours and eights (after
/// D. Lemire, "Quickly parsing eight digits", 2018).
struct ShortDecimal {
    /// The digits as a whole number, below 10^7.
    let digits: UInt64
    /// How many of the digits stand after the point.
    let places: Int
    /// How many bytes the number takes.
    let length: Int

    /// Reads a number of one to seven bytes; nil for anything else.
    ///
    /// - Parameter word: The bytes, the first of them in the lowest place.
    @inline(__always)
    init?(_ word: UInt64) {
        let values = word ^ 0x3030_3030_3030_3030
        // A value above 9 has its top bit here; no sum reaches into the next byte.
        let others = (((values & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080
        guard others != 0 else { return nil }
        let whole = others.trailingZeroBitCount >> 3
        guard UInt8(truncatingIfNeeded: word >> UInt64(whole * 8)) == ASCII.point else {
            guard whole > 0 else { return nil }
            self.init(values << UInt64(64 - whole * 8), places: 0, length: whole)
            return
        }
        let rest = others & (others &- 1)
        let end = rest.trailingZeroBitCount >> 3
        guard rest != 0, end > 1 else { return nil }
        let before = values & ((1 << UInt64(whole * 8)) - 1)
        // The digits after the point, in the place of the point.
        let after = (values >> 8) & ~((1 << UInt64(whole * 8)) - 1)
        self.init((before | after) << UInt64(72 - end * 8), places: end - whole - 1, length: end)
    }

    /// - Parameter values: Digits in the highest bytes, the last of them in the topmost, and zeros below.
    @inline(__always)
    private init(_ values: UInt64, places: Int, length: Int) {
        let pairs = (values &* 10) &+ (values >> 8)
        let low = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        let high = ((pairs >> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
        digits = (low &+ high) >> 32
        self.places = places
        self.length = length
    }
}
