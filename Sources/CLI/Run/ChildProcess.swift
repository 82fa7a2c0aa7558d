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
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let output = LinePipe { onLine(.output($0)) }
        let error = LinePipe { onLine(.error($0)) }
        process.standardOutput = output.pipe
        process.standardError = error.pipe
        // Notified once both pipes are at their end and the process is gone, so that no line is lost.
        let open = DispatchGroup()
        open.enter()
        process.terminationHandler = { ended in
            let status = ended.terminationStatus
            life.end(ended.terminationReason == .uncaughtSignal ? .killed(signal: status) : .exited(status))
            open.leave()
        }
        do {
            try Self.withSignalsOpen { try process.run() }
        } catch {
            let reason = (error as NSError).localizedDescription
            done(.failure(CLIError.cannotStart(path: executable.path, reason: reason)))
            return
        }
        life.begin(process.processIdentifier)
        output.read(in: open)
        error.read(in: open)
        open.notify(queue: .global()) { done(.success(life.ending)) }
    }

    /// Threads of the pool block most signals, and a child inherits its thread's mask: it would never see SIGTERM.
    private static func withSignalsOpen(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }
}
