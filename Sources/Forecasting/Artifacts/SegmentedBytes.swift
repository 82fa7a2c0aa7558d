// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#if !_endian(little)
    #error("the files of a store are little-endian, and so must be the numbers in memory that are written as they are")
#endif

/// The bytes of a file that lie in several arrays, one behind the other.
///
/// The arrays are shared with whoever made them and not copied: a file of numbers takes no memory beside them.
package struct SegmentedBytes: Sendable {
    private enum Segment: Sendable {
        case bytes([UInt8])
        case numbers(NamedTensor.Values)

        func withBytes<Failure: Error>(_ body: (RawSpan) throws(Failure) -> Void) throws(Failure) {
            switch self {
            case .bytes(let bytes): try body(bytes.span.bytes)
            case .numbers(.float32(let values)): try body(values.span.bytes)
            case .numbers(.float64(let values)): try body(values.span.bytes)
            case .numbers(.int64(let values)): try body(values.span.bytes)
            }
        }
    }

    private var segments: [(start: Int, content: Segment)] = []
    /// The number of bytes.
    package private(set) var count = 0

    init() {}

    /// The bytes of one array.
    package init(_ bytes: [UInt8]) { append(bytes) }

    /// Goes on with bytes.
    mutating func append(_ bytes: [UInt8]) { append(.bytes(bytes), bytes.count) }

    /// Goes on with numbers, little-endian.
    mutating func append(_ numbers: NamedTensor.Values) {
        append(.numbers(numbers), numbers.count * numbers.elementType.size)
    }

    private mutating func append(_ content: Segment, _ size: Int) {
        guard size > 0 else { return }
        segments.append((count, content))
        count += size
    }

    /// Hands all bytes over, array by array.
    package func forEach<Failure: Error>(_ body: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        for segment in segments { try segment.content.withBytes(body) }
    }

    /// A copy of the bytes of a range.
    package subscript(range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes \(range) are outside of 0..<\(count)")
        return [UInt8](unsafeUninitializedCapacity: range.count) { buffer, written in
            // The last array that begins at the first byte or before it; there is one where there are bytes.
            var place = segments.partitioningIndex { $0.start > range.lowerBound } - 1
            while written < range.count {
                let (start, content) = segments[place]
                let first = range.lowerBound + written - start
                content.withBytes { bytes in
                    let size = min(bytes.byteCount - first, range.count - written)
                    bytes.extracting(first..<(first + size)).withUnsafeBytes {
                        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[written...])
                            .copyMemory(from: $0)
                    }
                    written += size
                }
                place += 1
            }
        }
    }

    /// A copy of all bytes.
    package var joined: [UInt8] { self[0..<count] }

    /// The digest of all bytes.
    /// - Throws: `ForecastingError.digestUnavailable`.
    func digest() throws(ForecastingError) -> String {
        var hasher = try SHA256Hasher()
        try forEach { (bytes) throws(ForecastingError) in try hasher.update(bytes) }
        return try hasher.finalize()
    }
}
