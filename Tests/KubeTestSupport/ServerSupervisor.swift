// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Runs servers below a shell that kills them and removes their folder as soon as this process is gone.
package final class ServerSupervisor: Sendable {
    private let shell: ChildProcess
    private let folder: String
    private let count: Int
    private let isStopped = Mutex(false)

    /// Starts the commands in order; each one's output goes to a log file in the folder.
    package init(commands: [[String]], folder: String) throws {
        self.folder = folder
        count = commands.count
        let starts = commands.enumerated().map { index, command in
            let words = command.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }.joined(separator: " ")
            // Without a standard input of their own they would hold the leash.
            return "\(words) </dev/null >'\(folder)/\(index).log' 2>&1 & pids=\"$pids $!\""
        }
        let script = starts.joined(separator: "\n") + "\nread line\nkill -9 $pids\nrm -rf '\(folder)'"
        shell = try ChildProcess("/bin/sh", ["-c", script])
    }

    deinit { stop() }

    /// Whether the shell above them still runs.
    package var isRunning: Bool { shell.isRunning }

    /// Ends the servers and waits until their folder is gone.
    package func stop() {
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        shell.endInput()
        shell.waitForSuccess()
    }

    /// The ends of the servers' logs.
    package func logTails() -> String {
        (0..<count).map { index in
            let log = FileManager.default.contents(atPath: "\(folder)/\(index).log") ?? Data()
            return String(decoding: log.suffix(2_000), as: UTF8.self)
        }.joined(separator: "\n---\n")
    }
}

/// Ports that are free on loopback at this moment.
package enum FreePorts {
    /// Takes that many different ones.
    package static func take(_ count: Int) throws -> [UInt16] {
        // All are held until all are found, so that none comes twice.
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard socket >= 0 else { throw TestControlPlaneError.preparation("no socket") }
            sockets.append(socket)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(socket, generic, length) == 0 && getsockname(socket, generic, &length) == 0
                }
            }
            guard bound else { throw TestControlPlaneError.preparation("no free port") }
            return UInt16(bigEndian: address.sin_port)
        }
    }
}
