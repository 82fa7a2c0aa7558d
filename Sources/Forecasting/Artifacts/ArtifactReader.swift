// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A file of a store that is read once, from its first byte to its last. Calls block.
package protocol ArtifactReader: AnyObject {
    /// The number of bytes that the file has.
    var size: Int { get }
    /// Fills a buffer with the next bytes.
    /// - Throws: `ForecastingError`: as `ArtifactStorage`, also where the file ends before the buffer is full.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ForecastingError)
}

extension ArtifactReader {
    /// The next `count` bytes.
    func bytes(_ count: Int) throws(ForecastingError) -> [UInt8] { try elements(count) }

    /// The next `count` numbers as they lie in the file, little-endian; read into the array that is returned.
    func elements<Element: BitwiseCopyable>(_ count: Int) throws(ForecastingError) -> [Element] {
        var failure: ForecastingError?
        let elements = [Element](unsafeUninitializedCapacity: count) { buffer, written in
            let size = count * MemoryLayout<Element>.stride
            LargePages.advise(buffer.baseAddress, bytes: size)
            do throws(ForecastingError) {
                try read(into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size))
                written = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return elements
    }
}

/// Reads bytes in memory.
final class MemoryReader: ArtifactReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var size: Int { bytes.count }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ForecastingError) {
        guard buffer.count <= bytes.count - offset else {
            throw .fileSystem(operation: "read", path: "memory", reason: "there are no more bytes")
        }
        bytes.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset...].prefix(buffer.count)))
        }
        offset += buffer.count
    }
}

/// Takes the digest of what is read through it.
final class DigestingReader: ArtifactReader {
    private let file: any ArtifactReader
    private var hasher: SHA256Hasher?
    private var offset = 0
    /// What ended reading. Bytes may be lost with it, and what would be said of the rest is not the file's digest.
    private var failure: ForecastingError?
    /// How many bytes are read at a time only for their digest.
    private static let pieceSize = 1 << 20

    init(_ file: any ArtifactReader) throws(ForecastingError) {
        self.file = file
        hasher = try SHA256Hasher()
    }

    var size: Int { file.size }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ForecastingError) {
        do throws(ForecastingError) {
            try readHashing(buffer)
        } catch {
            failure = error
            throw error
        }
    }

    private func readHashing(_ buffer: UnsafeMutableRawBufferPointer) throws(ForecastingError) {
        // Hashed while the bytes are in the processor's cache.
        var rest = buffer[...]
        while !rest.isEmpty {
            let piece = UnsafeMutableRawBufferPointer(rebasing: rest.prefix(Self.pieceSize))
            try file.read(into: piece)
            try hasher?.update(UnsafeRawBufferPointer(piece).bytes)
            offset += piece.count
            rest = rest.dropFirst(piece.count)
        }
    }

    /// The digest of the whole file; what was not read yet is read for it. Call it once.
    /// - Throws: `ForecastingError`, also what ended reading before.
    func digest() throws(ForecastingError) -> String {
        if let failure { throw failure }
        while offset < size { _ = try bytes(min(Self.pieceSize, size - offset)) }
        guard let hasher = hasher.take() else { throw .digestUnavailable }
        return try hasher.finalize()
    }
}
