// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Encodes numbers in the hybrid of run lengths and bit packing.
///
/// Equal numbers become a run where there are eight of them or more; what lies between runs is packed, in groups of
/// eight.
enum HybridEncoder {
    static func encode(_ numbers: [UInt32], width: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var packedFrom = 0
        var index = 0
        while index < numbers.count {
            var end = index + 1
            while end < numbers.count, numbers[end] == numbers[index] { end += 1 }
            // Packed groups hold eight numbers, so the run gives those away that complete the group before it.
            let gap = (8 - (index - packedFrom) % 8) % 8
            if end - index - gap >= 8 {
                append(numbers[packedFrom..<index + gap], width, to: &bytes)
                bytes.appendVarint(UInt64(end - index - gap) << 1)
                for byte in 0..<(width + 7) / 8 {
                    bytes.append(UInt8(truncatingIfNeeded: numbers[index] >> UInt32(8 * byte)))
                }
                packedFrom = end
            }
            index = end
        }
        append(numbers[packedFrom...], width, to: &bytes)
        return bytes
    }

    private static func append(_ numbers: ArraySlice<UInt32>, _ width: Int, to bytes: inout [UInt8]) {
        guard !numbers.isEmpty else { return }
        let groups = (numbers.count + 7) / 8
        bytes.appendVarint(UInt64(groups) << 1 | 1)
        BitPacking.append(numbers.lazy.map { UInt64($0) }, width: width, padTo: groups * 8, to: &bytes)
    }
}

/// Puts numbers of a fixed number of bits into bytes, the lowest bits first.
enum BitPacking {
    /// Packs numbers of `width` bits, and zeros until there are `padTo`, a multiple of eight.
    static func append(
        _ numbers: some Collection<UInt64>,
        width: Int,
        padTo count: Int,
        to bytes: inout [UInt8]
    ) {
        var word: UInt64 = 0
        var bits = 0
        func flush(_ bytes: inout [UInt8]) {
            bytes.appendLittleEndian(word)
            bits = 0
            word = 0
        }
        let end = bytes.count + count / 8 * width
        for number in numbers where width > 0 {
            word |= number << UInt64(bits)
            let taken = 64 - bits
            if width >= taken {
                flush(&bytes)
                if width > taken {
                    word = number >> UInt64(taken)
                    bits = width - taken
                }
            } else {
                bits += width
            }
        }
        if bits > 0 { flush(&bytes) }
        if bytes.count > end { bytes.removeLast(bytes.count - end) }
        bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
    }
}
