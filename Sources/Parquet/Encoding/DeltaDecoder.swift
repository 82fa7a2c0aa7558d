// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Decodes DELTA_BINARY_PACKED: whole numbers as differences, packed in blocks of miniblocks.
///
/// Source: "Delta Encoding" of the format's encodings. Differences wrap round, as the format asks.
struct DeltaDecoder {
    private var cursor: ByteCursor
    private let miniblockValues: Int
    private let miniblocks: Int
    private let first: Int64
    /// How many values there are.
    let count: Int

    /// Reads the header. There may be at most `limit` values.
    init(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(ParquetProblem) {
        cursor = ByteCursor(bytes)
        let block = try cursor.count("values a block", limit: 1 << 24)
        miniblocks = try cursor.count("miniblocks", limit: 1 << 16)
        count = try cursor.count("values", limit: limit)
        first = try cursor.zigzag()
        guard miniblocks > 0, block > 0, block % miniblocks == 0, (block / miniblocks) % 8 == 0 else {
            throw .damaged("it has \(miniblocks) miniblocks in a block of \(block)")
        }
        miniblockValues = block / miniblocks
    }

    /// Decodes all values into `target`, which has room for `count`, and returns how many bytes they took.
    mutating func decode<Value: FixedWidthInteger>(
        into target: UnsafeMutablePointer<Value>
    ) throws(ParquetProblem) -> Int {
        guard count > 0 else { return cursor.position }
        var value = first
        target[0] = Value(truncatingIfNeeded: value)
        var done = 1
        var scratch: [UInt64] = []
        while done < count {
            let least = try cursor.zigzag()
            let widths = try cursor.take(miniblocks)
            for width in widths where done < count {
                guard width <= 64 else { throw .damaged("it claims differences of \(width) bits") }
                let part = min(miniblockValues, count - done)
                if width == 0 {
                    for index in done..<done + part {
                        value &+= least
                        target[index] = Value(truncatingIfNeeded: value)
                    }
                } else {
                    let size = miniblockValues / 8 * Int(width)
                    let bytes = try cursor.take(min(size, cursor.remaining))
                    guard bytes.count * 8 >= part * Int(width) else { throw .damaged("its differences end too early") }
                    if scratch.isEmpty { scratch = Array(repeating: 0, count: min(miniblockValues, count)) }
                    Self.add(bytes, part, Int(width), least, &value, &scratch, target + done)
                }
                done += part
            }
        }
        return cursor.position
    }

    private static func add<Value: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer,
        _ count: Int,
        _ width: Int,
        _ least: Int64,
        _ value: inout Int64,
        _ scratch: inout [UInt64],
        _ target: UnsafeMutablePointer<Value>
    ) {
        var sum = value
        scratch.withUnsafeMutableBufferPointer { differences in
            guard let differences = differences.baseAddress else { return }
            BitUnpacking.unpack(bytes, first: 0, count: count, width: width, into: differences)
            for index in 0..<count {
                sum &+= least &+ Int64(bitPattern: differences[index])
                target[index] = Value(truncatingIfNeeded: sum)
            }
        }
        value = sum
    }
}
