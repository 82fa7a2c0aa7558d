// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// One run of a program: its standard output, within a time and a size.
///
/// `run` blocks the thread that it is called on, which must not be one of the cooperative pool. The program does not get
/// our signal mask, and what it leaves running does not hold us up.
struct BoundedProcess {
    /// The program: a name to be looked for on the path, or a path.
    var command: String
    var arguments: [String]
    /// All its variables.
    var environment: [String: String]
    /// Whether it reads from our standard input; it then stays in our process group, as a terminal asks for.
    var isInteractive: Bool
    var timeLimit: Duration
    var outputLimit: Int

    /// Why there is no output to use.
    enum Failure: Error, Equatable {
        case notFound
        case cannotStart(String)
        case tooSlow
        case tooMuchOutput
        case exited(Int32)
        case killed(signal: Int32)
    }

    /// How often a program is looked after that has closed its output and still runs.
    private static let tick: Int32 = 20

    /// Runs the program to its end and returns what it wrote to its standard output.
    func run() throws(Failure) -> Data {
        var ends: [Int32] = [-1, -1]
        // A program that another thread starts before the flag is set may inherit them, which only costs us the end of
        // the output: the end of the program is looked for as well.
        guard pipe(&ends) == 0 else { throw .cannotStart(Self.lastError()) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child: pid_t
        do {
            defer { close(ends[1]) }
            child = try spawn(output: ends[1])
        }
        let deadline = ContinuousClock.now + timeLimit
        var output = Data()
        do throws(Failure) {
            let status = try follow(child, reading: ends[0], into: &output, until: deadline)
            let signal = status & 0x7F
            if signal != 0 { throw .killed(signal: signal) }
            let code = (status >> 8) & 0xFF
            if code != 0 { throw .exited(code) }
            return output
        } catch {
            switch error {
            case .tooSlow, .tooMuchOutput: end(child)
            default: break
            }
            throw error
        }
    }

    /// Reads to the end of the program, which may come before the end of the output where it leaves a child of its own.
    private func follow(
        _ child: pid_t,
        reading descriptor: Int32,
        into output: inout Data,
        until deadline: ContinuousClock.Instant
    ) throws(Failure) -> Int32 {
        var isOpen = true
        while true {
            var status: Int32 = 0
            let isOver = waitpid(child, &status, WNOHANG) == child
            while isOpen, Self.isReadable(descriptor, wait: isOver ? 0 : Self.tick) {
                isOpen = try read(descriptor, into: &output)
            }
            if isOver { return status }
            guard ContinuousClock.now < deadline else { throw .tooSlow }
            if !isOpen { usleep(1_000) }
        }
    }

    /// Reads once; false at the end.
    private func read(_ descriptor: Int32, into output: inout Data) throws(Failure) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0 { return errno == EINTR }
        guard output.count + count <= outputLimit else { throw .tooMuchOutput }
        output.append(contentsOf: buffer[..<count])
        return count > 0
    }

    private static func isReadable(_ descriptor: Int32, wait: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, wait) > 0
    }

    private func end(_ child: pid_t) {
        // The whole group, because a shell's children would otherwise live on.
        kill(isInteractive ? child : -child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
    }

    private func spawn(output: Int32) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if !isInteractive { posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // Servers ignore SIGPIPE, and programs would inherit that.
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let group = isInteractive ? 0 : POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | Int32(group)))
        var words = ([command] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var child = pid_t()
        switch posix_spawnp(&child, command, &actions, &attributes, &words, &variables) {
        case 0: return child
        case ENOENT: throw .notFound
        case let code: throw .cannotStart(String(cString: strerror(code)))
        }
    }

    private static func lastError() -> String { String(cString: strerror(errno)) }
}
