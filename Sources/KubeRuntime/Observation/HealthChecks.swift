// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The named checks behind `/healthz` and `/readyz`.
package final class HealthChecks: Sendable {
    /// What a check is for.
    package enum Kind: Sendable, Hashable {
        /// `/healthz`: a process that fails is killed.
        case liveness
        /// `/readyz`: a process that fails gets no traffic.
        case readiness
    }

    /// Returns what is wrong, nil if nothing is.
    ///
    /// It must be quick and must not wait.
    package typealias Check = @Sendable () -> String?

    /// The outcome of all checks of a kind.
    package struct Report: Sendable, Equatable {
        /// Whether no check failed: status 200, else 503.
        package var isHealthy: Bool
        /// The body: `ok`, or a line a check where one failed or all are asked for.
        package var text: String
    }

    private let checks = Mutex<[Kind: [String: Check]]>([:])

    package init() {}

    /// Adds a check, in the place of one of that name.
    package func add(_ name: String, to kind: Kind, _ check: @escaping Check) {
        checks.withLock { $0[kind, default: [:]][name] = check }
    }

    /// Runs the checks of a kind.
    ///
    /// - Parameters:
    ///   - kind: Which checks to run.
    ///   - verbose: Whether the text names checks that passed when all did (`?verbose`).
    ///   - excluded: The names of checks to leave out (`?exclude=`).
    package func report(_ kind: Kind, verbose: Bool = false, excluding excluded: Set<String> = []) -> Report {
        let checks = checks.withLock { $0[kind] ?? [:] }
        var lines: [String] = []
        var isHealthy = true
        for (name, check) in checks.sorted(by: { $0.key < $1.key }) {
            if excluded.contains(name) {
                lines.append("[+]\(name) excluded: ok")
            } else if let failure = check() {
                isHealthy = false
                lines.append("[-]\(name) failed: \(failure)")
            } else {
                lines.append("[+]\(name) ok")
            }
        }
        if isHealthy && !verbose { return Report(isHealthy: true, text: "ok") }
        let path = kind == .liveness ? "healthz" : "readyz"
        lines.append("\(path) check \(isHealthy ? "passed" : "failed")")
        return Report(isHealthy: isHealthy, text: lines.joined(separator: "\n") + "\n")
    }
}
