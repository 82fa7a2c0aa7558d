// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Reads a file from beginning to end through one buffer.
///
/// Every call may block.
enum FileChunks {
    private static let size = 256 * 1024

    /// How many bytes a file has; nil for what is no plain file.
    static func size(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Hands the file over in pieces of at most 256 KiB.
    ///
    /// Throws `sourceNotFound` when it cannot be opened, `sourceUnreachable` when the disk fails, and what `sink` throws.
    static func read(
        _ path: String,
        to sink: (UnsafeRawBufferPointer) throws(ConnectorError) -> Void
    ) throws(ConnectorError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .sourceNotFound(location: path, reason: systemMessage(errno)) }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            if count > 0 {
                try sink(UnsafeRawBufferPointer(buffer).bytes(0, count))
                continue
            }
            switch errno {
            case EINTR: continue
            case EISDIR: throw .sourceNotFound(location: path, reason: "it is a directory")
            default: throw .sourceUnreachable(url: path, reason: systemMessage(errno))
            }
        }
    }

    private static func systemMessage(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
