// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import KubeTestSupport

/// kubectl, the oracle for what a kubeconfig means.
enum Kubectl {
    static let program: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let found = folders.map { "\($0)/kubectl" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        if found == nil { print("skipped: comparisons with kubectl, which is not installed") }
        return found
    }()

    static var isAvailable: Bool { program != nil && TestControlPlane.isAvailable }

    struct Failure: Error {
        var output: String
    }

    /// Runs kubectl on a thread of its own and returns what it printed.
    static func run(
        _ arguments: [String],
        kubeconfig: String? = nil,
        mayFail: Bool = false
    ) async throws -> String {
        let variables = kubeconfig.map { ["KUBECONFIG=\($0)"] } ?? []
        let words = ["HOME=/nonexistent"] + variables + [program ?? "kubectl"] + arguments
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let process = try ChildProcess("/usr/bin/env", words)
                        process.endInput()
                        let output = process.readToEnd()
                        guard process.waitForSuccess() || mayFail else { throw Failure(output: output) }
                        return output
                    }
                )
            }
        }
    }
}
