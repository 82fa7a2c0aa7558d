// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Writes Thrift's compact protocol.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    /// The number of the last field of each struct that is open.
    private var lastFields: [Int] = []

    /// Writes a struct that stands alone or in a list.
    mutating func structure(_ body: (inout ThriftWriter) -> Void) {
        lastFields.append(0)
        body(&self)
        lastFields.removeLast()
        bytes.append(0)
    }

    mutating func structure(_ id: Int, _ body: (inout ThriftWriter) -> Void) {
        field(id, .structure)
        structure(body)
    }

    mutating func boolean(_ id: Int, _ value: Bool) { field(id, value ? .isTrue : .isFalse) }

    mutating func byte(_ id: Int, _ value: Int8) {
        field(id, .byte)
        bytes.append(UInt8(bitPattern: value))
    }

    mutating func int16(_ id: Int, _ value: Int16) {
        field(id, .int16)
        bytes.appendZigzag(Int64(value))
    }

    mutating func int32(_ id: Int, _ value: Int32) {
        field(id, .int32)
        bytes.appendZigzag(Int64(value))
    }

    mutating func int64(_ id: Int, _ value: Int64) {
        field(id, .int64)
        bytes.appendZigzag(value)
    }

    mutating func binary(_ id: Int, _ value: some Collection<UInt8>) {
        field(id, .binary)
        binary(value)
    }

    mutating func binary(_ value: some Collection<UInt8>) {
        bytes.appendVarint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func list<Element>(
        _ id: Int,
        of kind: ThriftReader.Kind,
        _ elements: [Element],
        _ write: (inout ThriftWriter, Element) -> Void
    ) {
        field(id, .list)
        if elements.count < 15 {
            bytes.append(UInt8(elements.count) << 4 | kind.rawValue)
        } else {
            bytes.append(0xF0 | kind.rawValue)
            bytes.appendVarint(UInt64(elements.count))
        }
        for element in elements { write(&self, element) }
    }

    /// Writes an element of a list of numbers.
    mutating func int32(_ value: Int32) { bytes.appendZigzag(Int64(value)) }

    private mutating func field(_ id: Int, _ kind: ThriftReader.Kind) {
        let last = lastFields.popLast() ?? 0
        lastFields.append(id)
        let step = id - last
        if (1...15).contains(step) {
            bytes.append(UInt8(step) << 4 | kind.rawValue)
        } else {
            bytes.append(kind.rawValue)
            bytes.appendZigzag(Int64(id))
        }
    }
}

extension [UInt8] {
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    mutating func appendZigzag(_ value: Int64) {
        appendVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
