// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A file that can be read anywhere: on a disk, in memory, behind an HTTP server.
///
/// Implementations must not block the caller's thread.
package protocol ParquetInput: Sendable {
    /// What messages call it: a path, or an address without secrets.
    var name: String { get }

    /// How many bytes it has.
    func size() async throws(ParquetError) -> Int64

    /// Reads exactly the bytes of a range, which lies within the size.
    /// - Throws: `ParquetError.unreadable`, also when there are fewer.
    func read(_ range: Range<Int64>) async throws(ParquetError) -> [UInt8]
}

/// A file that lies in memory.
package struct ParquetBytes: ParquetInput {
    package let name: String
    private let bytes: [UInt8]

    /// Takes a whole file.
    package init(_ bytes: [UInt8], name: String = "memory") {
        self.bytes = bytes
        self.name = name
    }

    package func size() async throws(ParquetError) -> Int64 { Int64(bytes.count) }

    package func read(_ range: Range<Int64>) async throws(ParquetError) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
            throw .unreadable(file: name, reason: "it has \(bytes.count) bytes, not \(range.upperBound)")
        }
        return Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
    }
}
