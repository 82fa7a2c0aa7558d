// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Pages of booleans: bits, or runs.
struct BooleanPages: PageValues {
    static var blank: Bool { false }

    /// The format has no dictionaries for booleans.
    var dictionary: [Bool]? { nil }

    mutating func takeDictionary(_ bytes: UnsafeRawBufferPointer, count: Int) throws(ParquetProblem) {
        throw .unsupported("a dictionary of booleans")
    }

    mutating func decode(
        _ encoding: PageEncoding,
        _ bytes: UnsafeRawBufferPointer,
        count: Int,
        into target: UnsafeMutablePointer<Bool>
    ) throws(ParquetProblem) {
        switch encoding {
        case .plain:
            guard bytes.count >= (count + 7) / 8 else {
                throw .damaged("it has \(bytes.count) bytes for \(count) booleans")
            }
            for index in 0..<count { target[index] = bytes[index >> 3] >> UInt8(index & 7) & 1 == 1 }
        case .rle:
            var cursor = ByteCursor(bytes)
            let length = Int(try cursor.littleEndian(UInt32.self))
            var runs = try HybridDecoder(try cursor.take(length), width: 1)
            try runs.decodeFlags(count, into: target)
        default: throw Self.unexpected(encoding, of: "boolean")
        }
    }
}

extension HybridDecoder {
    /// Decodes the next numbers of one bit as flags.
    mutating func flags(_ count: Int) throws(ParquetProblem) -> [Bool] {
        var flags = Array(repeating: false, count: count)
        try flags.withUnsafeMutableBufferPointer { flags throws(ParquetProblem) in
            guard let flags = flags.baseAddress else { return }
            try decodeFlags(count, into: flags)
        }
        return flags
    }

    /// Decodes numbers of one bit as flags.
    mutating func decodeFlags(_ count: Int, into target: UnsafeMutablePointer<Bool>) throws(ParquetProblem) {
        let batch = 1024
        try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: batch) { bits throws(ParquetProblem) in
            guard let bits = bits.baseAddress else { return }
            for start in stride(from: 0, to: count, by: batch) {
                let part = min(batch, count - start)
                try decode(part, into: bits)
                for index in 0..<part { target[start + index] = bits[index] & 1 == 1 }
            }
        }
    }
}
