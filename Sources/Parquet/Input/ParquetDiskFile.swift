// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Foundation

/// A file on a disk.
package final class ParquetDiskFile: ParquetInput {
    package let name: String
    private let descriptor: CInt
    private let length: Int64

    /// Opens a file. Blocks for as long as the file system does.
    /// - Throws: `ParquetError.unreadable`.
    package convenience init(path: String) throws(ParquetError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
        try self.init(descriptor: descriptor, name: path)
    }

    /// Takes over a file that is open, and closes it in the end.
    /// - Throws: `ParquetError.unreadable` when it is no regular file.
    package init(descriptor: CInt, name: String) throws(ParquetError) {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadable(file: name, reason: "it is not a regular file")
        }
        self.name = name
        self.descriptor = descriptor
        length = Int64(facts.st_size)
    }

    deinit { close(descriptor) }

    package func size() async throws(ParquetError) -> Int64 { length }

    package func read(_ range: Range<Int64>) async throws(ParquetError) -> [UInt8] {
        try await DecodingThread.run { () throws(ParquetError) in try self.readNow(range) }
    }

    private func readNow(_ range: Range<Int64>) throws(ParquetError) -> [UInt8] {
        var problem: String?
        let wanted = Int(range.upperBound - range.lowerBound)
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            while count < wanted {
                let got = pread(
                    descriptor,
                    buffer.baseAddress.map { $0 + count },
                    wanted - count,
                    off_t(range.lowerBound) + off_t(count)
                )
                if got > 0 {
                    count += got
                } else if got == 0 || errno != EINTR {
                    problem = got == 0 ? "it became shorter while it was read" : String(cString: strerror(errno))
                    return
                }
            }
        }
        if let problem { throw .unreadable(file: name, reason: problem) }
        return bytes
    }
}
