// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Takes numbers of a fixed number of bits out of bytes, the lowest bits first.
enum BitUnpacking {
    /// Unpacks numbers of `width` bits, 1 to 64, from the number `first` on.
    ///
    /// The caller has checked that `bytes` holds them all.
    static func unpack<Value: FixedWidthInteger & UnsignedInteger>(
        _ bytes: UnsafeRawBufferPointer,
        first: Int,
        count: Int,
        width: Int,
        into target: UnsafeMutablePointer<Value>
    ) {
        let mask = width == 64 ? UInt64.max : (UInt64(1) << UInt64(width)) - 1
        var bit = first * width
        var index = 0
        // Eight bytes from a bit's byte on hold numbers of up to 57 bits, wherever in the byte they begin.
        if width <= 57 {
            while index < count, bit >> 3 + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self))
                target[index] = Value(truncatingIfNeeded: (word >> UInt64(bit & 7)) & mask)
                index += 1
                bit += width
            }
        }
        while index < count {
            target[index] = Value(truncatingIfNeeded: number(bytes, bit: bit, width: width))
            index += 1
            bit += width
        }
    }

    /// The number that begins at a bit, byte by byte.
    private static func number(_ bytes: UnsafeRawBufferPointer, bit: Int, width: Int) -> UInt64 {
        var value: UInt64 = 0
        var have = 0
        var position = bit
        while have < width {
            let offset = position & 7
            let part = min(8 - offset, width - have)
            let bits = UInt64(bytes[position >> 3] >> UInt8(offset)) & ((1 << UInt64(part)) - 1)
            value |= bits << UInt64(have)
            have += part
            position += part
        }
        return value
    }
}
