// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Logging
import ServiceLifecycle

/// Reads the keys of an issuer again and again, and logs what is wrong with them once.
struct TokenKeyFollower: Service {
    let keys: TokenKeys
    let logger: Logger
    var pace = Duration.seconds(1)

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var told: ServingReport.AccessProblem?
            while true {
                await keys.renewIfDue()
                let problem = keys.problem
                if let problem, problem != told {
                    logger.error("tokens cannot be verified as they should", metadata: ["reason": "\(problem.message)"])
                }
                told = problem
                try await Task.sleep(for: pace)
            }
        }
    }
}
