// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Logging
import ServiceLifecycle

/// Tries reviews before clients need them, so that a right that is missing shows in the report and the log at once.
struct KubernetesFollower: Service {
    /// How long after an attempt the next one is due.
    static let pace = (good: Duration.seconds(60), bad: Duration.seconds(5))

    let check: KubernetesCheck
    /// Asks the API server about the process's own token.
    let probe: @Sendable () async throws(ServingError) -> Void
    let logger: Logger

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var told: ServingReport.AccessProblem?
            while true {
                await look()
                let problem = check.problem
                if let problem, problem != told {
                    logger.error("the cluster's tokens cannot be checked", metadata: ["reason": "\(problem.message)"])
                }
                told = problem
                try await Task.sleep(for: problem == nil ? Self.pace.good : Self.pace.bad)
            }
        }
    }

    private func look() async {
        do throws(ServingError) {
            try await probe()
            check.note(nil)
        } catch {
            check.note(error)
        }
    }
}
