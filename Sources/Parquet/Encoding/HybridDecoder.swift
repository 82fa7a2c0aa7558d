// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Decodes the hybrid of run lengths and bit packing: levels, indexes into dictionaries, booleans.
///
/// Source: "Run Length Encoding / Bit-Packing Hybrid" of the format's encodings.
struct HybridDecoder {
    private enum Run {
        case repeated(UInt32)
        case packed(UnsafeRawBufferPointer, next: Int)
    }

    private var cursor: ByteCursor
    private let width: Int
    private var run = Run.repeated(0)
    private var left = 0

    /// Takes numbers of `width` bits, 0 to 32.
    init(_ bytes: UnsafeRawBufferPointer, width: Int) throws(ParquetProblem) {
        guard (0...32).contains(width) else { throw .damaged("it claims numbers of \(width) bits") }
        cursor = ByteCursor(bytes)
        self.width = width
    }

    /// The number that the next `count` all are, when one run holds them; they are passed over then.
    mutating func uniform(_ count: Int) throws(ParquetProblem) -> UInt32? {
        if left == 0 { try beginRun() }
        guard case .repeated(let value) = run, left >= count else { return nil }
        left -= count
        return value
    }

    /// Decodes the next numbers.
    mutating func decode(_ count: Int, into target: UnsafeMutablePointer<UInt32>) throws(ParquetProblem) {
        var done = 0
        while done < count {
            while left == 0 { try beginRun() }
            let part = min(left, count - done)
            switch run {
            case .repeated(let value): (target + done).update(repeating: value, count: part)
            case .packed(let bytes, let next):
                BitUnpacking.unpack(bytes, first: next, count: part, width: width, into: target + done)
                run = .packed(bytes, next: next + part)
            }
            left -= part
            done += part
        }
    }

    private mutating func beginRun() throws(ParquetProblem) {
        let header = try cursor.varint()
        guard header >> 1 <= UInt64(Int32.max) else { throw .damaged("a run has \(header >> 1) values") }
        let length = Int(header >> 1)
        guard header & 1 == 1 else {
            var value: UInt32 = 0
            for index in 0..<(width + 7) / 8 { value |= UInt32(try cursor.byte()) << UInt32(8 * index) }
            run = .repeated(value)
            left = length
            return
        }
        guard width > 0 else {
            run = .repeated(0)
            left = 8 * length
            return
        }
        // The last run may stop where its values do, short of the eight that it counts in.
        let bytes = try cursor.take(min(length * width, cursor.remaining))
        run = .packed(bytes, next: 0)
        left = min(8 * length, 8 * bytes.count / width)
    }
}
