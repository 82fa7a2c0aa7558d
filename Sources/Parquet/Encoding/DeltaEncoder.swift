// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Encodes DELTA_BINARY_PACKED in blocks of 128 numbers with four miniblocks, as most writers do.
enum DeltaEncoder {
    private static let blockValues = 128
    private static let miniblockValues = 32

    /// Appends numbers of a type of `bits` bits, 32 or 64; differences wrap round within them.
    static func append(_ numbers: [Int64], bits: Int, to bytes: inout [UInt8]) {
        bytes.appendVarint(UInt64(blockValues))
        bytes.appendVarint(UInt64(blockValues / miniblockValues))
        bytes.appendVarint(UInt64(numbers.count))
        bytes.appendZigzag(wrap(numbers.first ?? 0, bits))
        for start in stride(from: 1, to: numbers.count, by: blockValues) {
            let end = min(start + blockValues, numbers.count)
            let differences = (start..<end).map { wrap(numbers[$0] &- numbers[$0 - 1], bits) }
            let least = differences.min() ?? 0
            bytes.appendZigzag(least)
            appendMiniblocks(differences.map { unsigned($0 &- least, bits) }, to: &bytes)
        }
    }

    private static func appendMiniblocks(_ numbers: [UInt64], to bytes: inout [UInt8]) {
        let miniblocks = stride(from: 0, to: blockValues, by: miniblockValues).map { start in
            numbers[min(start, numbers.count)..<min(start + miniblockValues, numbers.count)]
        }
        let widths = miniblocks.map { 64 - ($0.max() ?? 0).leadingZeroBitCount }
        bytes += widths.map { UInt8($0) }
        for (miniblock, width) in zip(miniblocks, widths) where !miniblock.isEmpty {
            BitPacking.append(miniblock, width: width, padTo: miniblockValues, to: &bytes)
        }
    }

    private static func wrap(_ difference: Int64, _ bits: Int) -> Int64 {
        bits == 32 ? Int64(Int32(truncatingIfNeeded: difference)) : difference
    }

    private static func unsigned(_ difference: Int64, _ bits: Int) -> UInt64 {
        bits == 32 ? UInt64(UInt32(truncatingIfNeeded: difference)) : UInt64(bitPattern: difference)
    }
}
