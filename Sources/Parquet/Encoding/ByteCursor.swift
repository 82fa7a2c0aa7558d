// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A position in bytes that come from outside; each step is checked.
struct ByteCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    /// The bytes from here to the end.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[position...]) }

    mutating func byte() throws(ParquetProblem) -> UInt8 {
        guard position < bytes.count else { throw .damaged("it ends too early") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func take(_ count: Int) throws(ParquetProblem) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else {
            throw .damaged("it claims \(count) bytes where \(remaining) are left")
        }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    mutating func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type
    ) throws(ParquetProblem) -> Value {
        Value(littleEndian: try take(MemoryLayout<Value>.size).loadUnaligned(as: type))
    }

    /// A number of seven bits a byte, the lowest first.
    mutating func varint() throws(ParquetProblem) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            if shift == 63, next > 1 { throw .damaged("a number has more than 64 bits") }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
            if shift > 63 { throw .damaged("a number has more than ten bytes") }
        }
    }

    /// A signed number: 0, -1, 1, -2, … are written as 0, 1, 2, 3, …
    mutating func zigzag() throws(ParquetProblem) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
    }

    /// A size or count that must fit the limit.
    mutating func count(_ what: String, limit: Int) throws(ParquetProblem) -> Int {
        let value = try varint()
        guard value <= UInt64(limit) else { throw .damaged("it claims \(value) \(what), more than \(limit)") }
        return Int(value)
    }
}
