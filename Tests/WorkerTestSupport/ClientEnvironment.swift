// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeTestSupport

/// The Python of `make setup` with the clients that others wrote.
package enum ClientEnvironment {
    /// The folder of its programs; nil, with a reason printed, where it or one of the packages is missing.
    package static let programs: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
        let folder = "\(cache)/almanac/venv/bin"
        let isThere = FileManager.default.isExecutableFile(atPath: "\(folder)/schemathesis")
        if !isThere { print("skip: serving beside the clients of others: not in \(folder) ('make setup' brings them)") }
        return isThere ? folder : nil
    }()

    /// The folder of the scripts.
    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Clients")

    /// Runs `clients.py`: what it printed, where it failed.
    package static func script(_ arguments: String...) async throws -> String? {
        try await run("python3", [scripts.appendingPathComponent("clients.py").path] + arguments)
    }

    /// Runs a program of the environment: what it printed, where it failed.
    package static func run(_ program: String, _ arguments: [String], in folder: String = "/tmp") async throws
        -> String?
    {
        let process = try ChildProcess("\(programs ?? "")/\(program)", arguments, in: folder)
        let output = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: process.readToEnd()) }
        }
        return try await process.ended() == 0 ? nil : output
    }
}
