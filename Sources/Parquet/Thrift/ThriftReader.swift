// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads Thrift's compact protocol, as footers and page headers use it.
///
/// Source: the Thrift compact protocol specification. A struct is read field by field; whoever does not know a field
/// skips it.
struct ThriftReader {
    enum Kind: UInt8 {
        case isTrue = 1
        case isFalse = 2
        case byte = 3
        case int16 = 4
        case int32 = 5
        case int64 = 6
        case double = 7
        case binary = 8
        case list = 9
        case set = 10
        case map = 11
        case structure = 12
        case uuid = 13
    }

    /// A field's number and type.
    struct Field {
        var id: Int
        var kind: Kind
    }

    /// Deeper structures than any of Parquet's are an attack on the stack.
    private static let deepest = 32

    private var cursor: ByteCursor
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer) { cursor = ByteCursor(bytes) }

    /// How many bytes have been read.
    var position: Int { cursor.position }

    /// Reads one struct; `body` reads the value of each field that it knows and returns whether it did.
    mutating func structure(
        _ body: (inout ThriftReader, Field) throws(ParquetProblem) -> Bool
    ) throws(ParquetProblem) {
        guard depth < Self.deepest else { throw .damaged("its structures are nested more than \(Self.deepest) deep") }
        depth += 1
        defer { depth -= 1 }
        var id = 0
        while true {
            let header = try cursor.byte()
            if header == 0 { return }
            guard let kind = Kind(rawValue: header & 0x0F) else {
                throw .damaged("a field has the unknown type \(header & 0x0F)")
            }
            let step = Int(header >> 4)
            id = step == 0 ? Int(Int16(truncatingIfNeeded: try cursor.zigzag())) : id + step
            let field = Field(id: id, kind: kind)
            if try !body(&self, field) { try skip(kind) }
        }
    }

    /// Reads a list; `element` reads each of its elements, which are of `kind`.
    mutating func list<Element>(
        _ field: Field,
        of kind: Kind,
        _ element: (inout ThriftReader) throws(ParquetProblem) -> Element
    ) throws(ParquetProblem) -> [Element] {
        try expect(field, .list)
        let (found, count) = try listHeader()
        guard found == kind || count == 0 else { throw .damaged("a list has elements of type \(found), not \(kind)") }
        var elements: [Element] = []
        // Each element takes a byte at least, which listHeader has checked.
        elements.reserveCapacity(min(count, 1024))
        for _ in 0..<count { elements.append(try element(&self)) }
        return elements
    }

    mutating func boolean(_ field: Field) throws(ParquetProblem) -> Bool {
        switch field.kind {
        case .isTrue: return true
        case .isFalse: return false
        default: throw .damaged("field \(field.id) is of type \(field.kind), not a boolean")
        }
    }

    mutating func int32(_ field: Field) throws(ParquetProblem) -> Int32 {
        try expect(field, .int32)
        return try int32()
    }

    mutating func int32() throws(ParquetProblem) -> Int32 {
        guard let value = Int32(exactly: try cursor.zigzag()) else { throw .damaged("a number has more than 32 bits") }
        return value
    }

    mutating func int64(_ field: Field) throws(ParquetProblem) -> Int64 {
        try expect(field, .int64)
        return try cursor.zigzag()
    }

    mutating func byte(_ field: Field) throws(ParquetProblem) -> Int8 {
        try expect(field, .byte)
        return Int8(bitPattern: try cursor.byte())
    }

    mutating func binary(_ field: Field) throws(ParquetProblem) -> [UInt8] {
        try expect(field, .binary)
        return Array(try binary())
    }

    mutating func string(_ field: Field) throws(ParquetProblem) -> String {
        try expect(field, .binary)
        return try string()
    }

    mutating func string() throws(ParquetProblem) -> String { String(decoding: try binary(), as: UTF8.self) }

    private mutating func binary() throws(ParquetProblem) -> UnsafeRawBufferPointer {
        try cursor.take(try cursor.count("bytes", limit: cursor.remaining))
    }

    func expect(_ field: Field, _ kind: Kind) throws(ParquetProblem) {
        guard field.kind == kind else { throw .damaged("field \(field.id) is of type \(field.kind), not \(kind)") }
    }

    private mutating func listHeader() throws(ParquetProblem) -> (Kind, Int) {
        let header = try cursor.byte()
        guard let kind = Kind(rawValue: header & 0x0F) else {
            throw .damaged("a list has elements of the unknown type \(header & 0x0F)")
        }
        let short = Int(header >> 4)
        let count = short == 15 ? try cursor.count("elements", limit: cursor.remaining) : short
        guard count <= cursor.remaining else {
            throw .damaged("it claims \(count) elements where \(cursor.remaining) bytes are left")
        }
        return (kind, count)
    }

    private mutating func skip(_ kind: Kind) throws(ParquetProblem) {
        switch kind {
        case .isTrue, .isFalse: break
        case .byte: _ = try cursor.byte()
        case .int16, .int32, .int64: _ = try cursor.varint()
        case .double: _ = try cursor.take(8)
        case .uuid: _ = try cursor.take(16)
        case .binary: _ = try binary()
        case .structure: try structure { _, _ in false }
        case .list, .set: try skipElements()
        case .map: try skipEntries()
        }
    }

    private mutating func skipElements() throws(ParquetProblem) {
        let (kind, count) = try listHeader()
        try descend { reader throws(ParquetProblem) in
            for _ in 0..<count { try reader.skipElement(kind) }
        }
    }

    private mutating func skipEntries() throws(ParquetProblem) {
        let count = try cursor.count("entries", limit: cursor.remaining)
        if count == 0 { return }
        let kinds = try cursor.byte()
        guard let key = Kind(rawValue: kinds >> 4), let value = Kind(rawValue: kinds & 0x0F) else {
            throw .damaged("a map has entries of unknown types")
        }
        try descend { reader throws(ParquetProblem) in
            for _ in 0..<count {
                try reader.skipElement(key)
                try reader.skipElement(value)
            }
        }
    }

    /// Within lists and maps a boolean takes a byte; in a struct it is part of the field's header.
    private mutating func skipElement(_ kind: Kind) throws(ParquetProblem) {
        if kind == .isTrue || kind == .isFalse {
            _ = try cursor.byte()
        } else {
            try skip(kind)
        }
    }

    private mutating func descend(
        _ body: (inout ThriftReader) throws(ParquetProblem) -> Void
    ) throws(ParquetProblem) {
        guard depth < Self.deepest else { throw .damaged("its structures are nested more than \(Self.deepest) deep") }
        depth += 1
        defer { depth -= 1 }
        try body(&self)
    }
}
