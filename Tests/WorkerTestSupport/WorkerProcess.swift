// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation
import KubeTestSupport

/// The built program, run as its users run it.
package struct WorkerProcess: Sendable {
    /// The program beside the tests; nil where it was not built.
    package static let program: URL? = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("almanac-worker").path
        return FileManager.default.isExecutableFile(atPath: path) ? URL(fileURLWithPath: path) : nil
    }()

    private let process: ChildProcess

    /// Starts it.
    package init(_ arguments: [String]) throws {
        guard let program = Self.program else { throw TestControlPlaneError.unavailable("almanac-worker is not built") }
        process = try ChildProcess(program.path, arguments)
    }

    /// The first line of the output; empty when the process ends without one.
    package func firstLine() -> String { process.readLine() }

    /// Sends SIGTERM.
    package func terminate() { process.send(signal: SIGTERM) }

    /// Ends it as a lost node would.
    package func kill() { process.send(signal: SIGKILL) }

    /// Waits for the end: the exit code, -1 after a signal.
    package func exitCode() async throws -> Int32 { try await process.ended() }
}
