// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension KubeClient {
    /// Does something that others may do at the same time, again after each conflict.
    ///
    /// `attempt` has to read the object live and decide anew each time. After `tries` conflicts the last one is thrown;
    /// the caller should come back later then.
    package func retryingConflicts<Result>(tries: Int = 5, _ attempt: () async throws -> Result) async throws -> Result
    {
        var failures = 0
        while true {
            do {
                return try await attempt()
            } catch let error as KubeError where error.isConflict {
                failures += 1
                guard failures < tries else { throw error }
                // Doubled at most that often; at random, so that two who met do not meet again.
                let wait = Duration.milliseconds(10) * (1 << min(failures - 1, 10))
                try await options.sleep(wait * Double.random(in: 0.5...1.5))
            }
        }
    }
}
