// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A number that a page holds one after the other, in as many bytes as in memory or nearly so.
///
/// Files are little-endian, and so is every machine that Almanac is built for.
protocol FileNumber: BitwiseCopyable, Sendable {
    /// Stands where a value is missing.
    static var blank: Self { get }
    /// Bytes a value in a file.
    static var fileSize: Int { get }

    /// Decodes differences; false where the format has none for the type.
    static func decode(
        _ deltas: inout DeltaDecoder,
        into target: UnsafeMutablePointer<Self>
    ) throws(ParquetProblem) -> Bool
}

extension FileNumber {
    static var fileSize: Int { MemoryLayout<Self>.size }

    static func decode(
        _ deltas: inout DeltaDecoder,
        into target: UnsafeMutablePointer<Self>
    ) throws(ParquetProblem) -> Bool { false }
}

extension FileNumber where Self: FixedWidthInteger {
    static var blank: Self { 0 }

    static func decode(
        _ deltas: inout DeltaDecoder,
        into target: UnsafeMutablePointer<Self>
    ) throws(ParquetProblem) -> Bool {
        _ = try deltas.decode(into: target)
        return true
    }
}

extension FileNumber where Self: BinaryFloatingPoint {
    static var blank: Self { 0 }
}

extension Int32: FileNumber {}
extension Int64: FileNumber {}
extension Float: FileNumber {}
extension Double: FileNumber {}
extension Int96: FileNumber {
    static var blank: Int96 { Int96(nanoseconds: 0, julianDay: 2_440_588) }
}

/// Pages of numbers.
struct NumberPages<Value: FileNumber>: PageValues {
    static var blank: Value { Value.blank }

    private(set) var dictionary: [Value]?

    mutating func takeDictionary(_ bytes: UnsafeRawBufferPointer, count: Int) throws(ParquetProblem) {
        try check(bytes, count)
        dictionary = [Value](unsafeUninitializedCapacity: count) { target, made in
            if let target = target.baseAddress { Self.copy(bytes, count, into: target) }
            made = count
        }
    }

    mutating func decode(
        _ encoding: PageEncoding,
        _ bytes: UnsafeRawBufferPointer,
        count: Int,
        into target: UnsafeMutablePointer<Value>
    ) throws(ParquetProblem) {
        switch encoding {
        case .plain:
            try check(bytes, count)
            Self.copy(bytes, count, into: target)
        case .byteStreamSplit where MemoryLayout<Value>.stride == Value.fileSize:
            try check(bytes, count)
            ByteStreamSplit.join(bytes, count: count, size: Value.fileSize, into: UnsafeMutableRawPointer(target))
        case .deltaBinaryPacked:
            var deltas = try DeltaDecoder(bytes, limit: count)
            guard deltas.count == count else {
                throw .damaged("it has \(deltas.count) values where the page claims \(count)")
            }
            guard try Value.decode(&deltas, into: target) else { throw Self.unexpected(encoding, of: "\(Value.self)") }
        default: throw Self.unexpected(encoding, of: "\(Value.self)")
        }
    }

    private func check(_ bytes: UnsafeRawBufferPointer, _ count: Int) throws(ParquetProblem) {
        guard bytes.count / Value.fileSize >= count else {
            throw .damaged("it has \(bytes.count) bytes for \(count) values of \(Value.fileSize) bytes")
        }
    }

    private static func copy(_ bytes: UnsafeRawBufferPointer, _ count: Int, into target: UnsafeMutablePointer<Value>) {
        let size = Value.fileSize
        guard let source = bytes.baseAddress, count > 0 else { return }
        if MemoryLayout<Value>.stride == size {
            UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: count * size)
        } else {
            for index in 0..<count {
                UnsafeMutableRawPointer(target + index).copyMemory(from: source + index * size, byteCount: size)
            }
        }
    }
}

/// BYTE_STREAM_SPLIT: first the first byte of every value, then the second of every value, and so on.
enum ByteStreamSplit {
    /// Puts the bytes of `count` values of `size` bytes together; the caller has checked that they are there.
    static func join(_ bytes: UnsafeRawBufferPointer, count: Int, size: Int, into target: UnsafeMutableRawPointer) {
        for stream in 0..<size {
            var place = target + stream
            for index in stream * count..<(stream + 1) * count {
                place.storeBytes(of: bytes[index], as: UInt8.self)
                place += size
            }
        }
    }
}
