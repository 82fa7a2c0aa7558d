// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Synchronization

/// Counts what a version has answered under one configuration.
final class VersionTraffic: Sendable {
    private let counts = Mutex(ServingReport.Traffic())

    /// The counts as they stand.
    var current: ServingReport.Traffic { counts.withLock { $0 } }

    /// Counts an answer.
    func count(code: Int, seconds: Double) {
        let bounds = ServingReport.Traffic.latencyBounds
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        counts.withLock { counts in
            counts.requests += 1
            if code >= 500 { counts.failures += 1 }
            counts.latency[bucket] += 1
        }
    }
}
