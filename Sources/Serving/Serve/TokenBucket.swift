// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import PrometheusMetrics

/// Lets through a number of requests a second, and after a pause up to a second's worth at once.
struct TokenBucket: Sendable, Equatable {
    /// Tokens a second.
    let rate: Double
    private let most: Double
    private var tokens: Double
    private var last: ContinuousClock.Instant

    /// A full bucket.
    ///
    /// - Parameter rate: Tokens a second, above 0.
    init(rate: Double, now: ContinuousClock.Instant) {
        self.rate = rate
        most = max(1, rate)
        tokens = most
        last = now
    }

    /// Takes a token; returns in how many seconds there will be one where there is none.
    mutating func take(at now: ContinuousClock.Instant) -> Double? {
        tokens = min(most, tokens + max(0, last.duration(to: now).inSeconds) * rate)
        last = max(last, now)
        guard tokens >= 1 else { return (1 - tokens) / rate }
        tokens -= 1
        return nil
    }
}
