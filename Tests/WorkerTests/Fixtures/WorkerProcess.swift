// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeTestSupport
import Testing

/// The built program, run as its users run it.
struct WorkerProcess: Sendable {
    /// The program beside the tests; nil where it was not built.
    static let program: URL? = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("almanac-worker").path
        return FileManager.default.isExecutableFile(atPath: path) ? URL(fileURLWithPath: path) : nil
    }()

    private let process: ChildProcess

    init(_ arguments: [String]) throws {
        process = try ChildProcess(try #require(Self.program).path, arguments)
    }

    /// The first line of the output; empty when the process ends without one.
    func firstLine() -> String { process.readLine() }

    /// Sends SIGTERM.
    func terminate() { process.send(signal: SIGTERM) }

    /// Ends it as a lost node would.
    func kill() { process.send(signal: SIGKILL) }

    /// Waits for the end: the exit code, -1 after a signal.
    func exitCode() async throws -> Int32 { try await process.ended() }
}
