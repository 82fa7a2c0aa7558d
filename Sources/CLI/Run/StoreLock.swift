// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Keeps a second `almanac run` of the same pipeline out of the store; let go with the process at the latest.
final class StoreLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock or says who has it.
    init(_ file: URL, pipeline: String) throws {
        let folder = file.deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Close-on-exec, so that a worker that outlives this process does not hold the lock.
        descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw CLIError.storeFailed(path: file.path, reason: String(cString: strerror(errno)))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw CLIError.alreadyRunning(pipeline: pipeline)
        }
    }

    /// Lets go.
    func release() { close(descriptor) }
}
