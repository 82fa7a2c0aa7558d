// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A program that a test runs, with pipes to its standard input and from its output and errors together.
///
/// Foundation's `Process` hands the signal mask of the pool's threads down, with SIGTERM blocked, and waits by way of a
/// run loop; tests need neither.
package final class ChildProcess: Sendable {
    private let pid: pid_t
    private let input: Int32
    private let output: Int32
    private let isWaitedFor = Mutex(false)
    private let exitCode = Mutex<Int32?>(nil)

    // One at a time: otherwise a child could inherit the pipes of another one that is being started.
    private static let starting = Mutex(())

    /// Starts a program in a folder. It can tell the end of its parent by the end of its standard input.
    package init(_ program: String, _ arguments: [String], in folder: String = "/") throws {
        let words = ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, folder, program] + arguments
        (pid, input, output) = try Self.starting.withLock { _ in try Self.spawn(words) }
    }

    private static func spawn(_ words: [String]) throws -> (pid: pid_t, input: Int32, output: Int32) {
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw TestControlPlaneError.preparation("no pipe") }
        for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer {
            close(toChild[0])
            close(fromChild[1])
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid = pid_t()
        let failure = posix_spawn(&pid, words[0], &actions, &attributes, &arguments, environ)
        guard failure == 0 else {
            throw TestControlPlaneError.preparation("cannot run \(words): \(String(cString: strerror(failure)))")
        }
        return (pid, toChild[1], fromChild[0])
    }

    deinit {
        kill()
        close(input)
        close(output)
    }

    /// Ends the program's standard input.
    package func endInput() {
        // The descriptor stays reserved until `deinit`, so that no other file can get its number meanwhile.
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        dup2(null, input)
        _ = fcntl(input, F_SETFD, FD_CLOEXEC)
        close(null)
    }

    /// The output up to the first line break or the end.
    package func readLine() -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    /// The rest of the output, once the program has ended it.
    package func readToEnd() -> String {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while case let count = read(output, &buffer, buffer.count), count > 0 { text += buffer[..<count] }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether the program still runs.
    package var isRunning: Bool {
        isWaitedFor.withLock { done in
            var status: Int32 = 0
            if !done, waitpid(pid, &status, WNOHANG) != 0 {
                done = true
                note(status)
            }
            return !done
        }
    }

    /// Sends a signal; nothing happens where the program has ended.
    package func send(signal: Int32) {
        isWaitedFor.withLock { done in
            if !done { _ = Foundation.kill(pid, signal) }
        }
    }

    /// Waits, without holding a thread, for the end of the program: its exit code, -1 after a signal.
    package func ended() async throws -> Int32 {
        while isRunning { try await Task.sleep(for: .milliseconds(10)) }
        return exitCode.withLock { $0 } ?? -1
    }

    private func note(_ status: Int32) {
        exitCode.withLock { $0 = status & 0x7f == 0 ? (status >> 8) & 0xff : -1 }
    }

    /// Waits for the end of the program; false where it failed or was waited for before.
    @discardableResult
    package func waitForSuccess() -> Bool {
        isWaitedFor.withLock { done in
            var status: Int32 = 0
            guard !done else { return false }
            done = true
            defer { note(status) }
            return waitpid(pid, &status, 0) == pid && status == 0
        }
    }

    /// Ends the program at once.
    package func kill() {
        isWaitedFor.withLock { done in
            var status: Int32 = 0
            guard !done else { return }
            done = true
            _ = Foundation.kill(pid, SIGKILL)
            waitpid(pid, &status, 0)
            note(status)
        }
    }
}
