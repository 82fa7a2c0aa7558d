// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How values lie in a file; numbered as in the format.
package enum PhysicalType: Int32, Sendable {
    /// One bit.
    case boolean = 0
    /// Four bytes.
    case int32 = 1
    /// Eight bytes.
    case int64 = 2
    /// Twelve bytes: nanoseconds of a day and a Julian day. Old writers' timestamps.
    case int96 = 3
    /// IEEE single precision.
    case float = 4
    /// IEEE double precision.
    case double = 5
    /// Bytes of any number.
    case byteArray = 6
    /// As many bytes as the schema says.
    case fixedByteArray = 7
}

/// How the values of a page are written; numbered as in the format.
enum PageEncoding: Int32 {
    case plain = 0
    case plainDictionary = 2
    case rle = 3
    case bitPacked = 4
    case deltaBinaryPacked = 5
    case deltaLengthByteArray = 6
    case deltaByteArray = 7
    case rleDictionary = 8
    case byteStreamSplit = 9
}

/// How pages are packed; numbered as in the format.
package enum ParquetCodec: Int32, Sendable, CaseIterable {
    /// Not at all.
    case uncompressed = 0
    /// Snappy's raw format.
    case snappy = 1
    /// gzip.
    case gzip = 2
    /// Zstandard.
    case zstd = 6

    /// The names of the codecs that cannot be read, for messages.
    static func name(of number: Int32) -> String {
        switch number {
        case 3: "LZO"
        case 4: "Brotli"
        case 5: "LZ4 (Hadoop framing)"
        case 7: "LZ4"
        default: "number \(number)"
        }
    }
}
