// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Parquet

/// A temporary file without a name that the bytes of a server are kept in.
///
/// It is gone when it is closed by this and by all who read it.
final class SpoolFile: Sendable {
    private let descriptor: CInt
    private let source: String
    private let thread = BlockingThread(label: "almanac.spool")

    /// Makes an empty one. `source` is whose bytes they are, for messages.
    init(of source: String) throws(ConnectorError) {
        let folder = FileManager.default.temporaryDirectory.path
        var template = Array("\(folder)/almanac-XXXXXX".utf8CString)
        let descriptor = template.withUnsafeMutableBufferPointer { template in
            template.baseAddress.map { mkstemp($0) } ?? -1
        }
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw .sourceUnreachable(url: source, reason: "no temporary file can be made in \(folder): \(reason)")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
        self.descriptor = descriptor
        self.source = source
    }

    /// Adds bytes.
    func append(_ bytes: Data) async throws(ConnectorError) {
        let (descriptor, source) = (descriptor, source)
        try await thread.run { () throws(ConnectorError) in
            var rest = Array(bytes)[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if written > 0 { rest = rest.dropFirst(written) }
                if written < 0, errno != EINTR {
                    let reason = String(cString: strerror(errno))
                    throw .sourceUnreachable(url: source, reason: "it cannot be kept in a temporary file: \(reason)")
                }
            }
        }
    }

    /// What has been added so far, as a file that is closed by its reader.
    func input() throws(ConnectorError) -> any ParquetInput {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .sourceUnreachable(url: source, reason: String(cString: strerror(errno))) }
        do throws(ParquetError) {
            return try ParquetDiskFile(descriptor: copy, name: source)
        } catch {
            throw ConnectorError(error, source: source)
        }
    }

    deinit { close(descriptor) }
}
