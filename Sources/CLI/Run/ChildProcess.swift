// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation

/// A child process that goes when the task that runs it is cancelled.
///
/// Waiting and reading happen on Dispatch's threads, never on the cooperative pool.
struct ChildProcess: Sendable {
    /// The program.
    let executable: URL
    /// Its arguments, without its own name.
    let arguments: [String]
    /// Seconds that it may take to end after SIGTERM before it gets SIGKILL.
    var grace = 5.0

    /// One line that the process wrote.
    enum Line: Sendable, Equatable {
        case output(String)
        case error(String)
    }

    /// How it ended.
    enum Ending: Sendable, Equatable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    /// Runs the program to its end, handing over each line as it comes.
    ///
    /// Cancellation sends SIGTERM; the call returns when the process has ended, however that came.
    func run(onLine: @escaping @Sendable (Line) -> Void) async throws -> Ending {
        let life = ProcessLife(grace: grace)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                start(life, onLine: onLine) { continuation.resume(with: $0) }
            }
        } onCancel: {
            life.terminate()
        }
    }

    private func start(
        _ life: ProcessLife,
        onLine: @escaping @Sendable (Line) -> Void,
        done: @escaping @Sendable (Result<Ending, any Error>) -> Void
    ) {
        let output = LinePipe { onLine(.output($0)) }
        let error = LinePipe { onLine(.error($0)) }
        let child: pid_t
        do {
            child = try spawn(output: output.pipe, error: error.pipe)
        } catch {
            done(.failure(error))
            return
        }
        try? output.pipe.fileHandleForWriting.close()
        try? error.pipe.fileHandleForWriting.close()
        life.begin(child)
        // Notified once both pipes are at their end and the process is gone, so that no line is lost.
        let open = DispatchGroup()
        output.read(in: open)
        error.read(in: open)
        // A thread of its own: Foundation's Process watches a socket that other children can inherit, and then never
        // sees the end.
        open.enter()
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(child, &status, 0) == -1, errno == EINTR {}
            let signal = status & 0x7f
            life.end(signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal))
            open.leave()
        }
        open.notify(queue: .global()) { done(.success(life.ending)) }
    }

    /// Starts the program with open signals: threads of the pool block most of them, and a child inherits the mask.
    private func spawn(output: Pipe, error: Pipe) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.fileHandleForWriting.fileDescriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, error.fileHandleForWriting.fileDescriptor, 2)
        for pipe in [output, error] {
            for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
                _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words = ([executable.path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        let failure = posix_spawn(&child, executable.path, &actions, &attributes, &words, environ)
        guard failure == 0 else {
            throw CLIError.cannotStart(path: executable.path, reason: String(cString: strerror(failure)))
        }
        return child
    }
}
