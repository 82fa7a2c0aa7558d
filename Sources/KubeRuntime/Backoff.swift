// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How long to wait after a failure: doubling from a base to a cap, at random between nothing and that ("full jitter"),
/// forgotten after a quiet while.
///
/// Source: client-go's reflector (800 ms to 30 s, reset after two minutes), with the jitter of M. Brooker,
/// "Exponential Backoff And Jitter", so that many watchers do not return together.
package struct Backoff: Sendable {
    private let base: Duration
    private let cap: Duration
    private let quiet: Duration
    private var ceiling: Duration
    private var lastFailure: ContinuousClock.Instant?

    /// Makes a backoff without failures.
    package init(base: Duration = .milliseconds(800), cap: Duration = .seconds(30), quiet: Duration = .seconds(120)) {
        self.base = base
        self.cap = cap
        self.quiet = quiet
        ceiling = base
    }

    /// Notes a failure and returns how long to wait. `random` is in 0 ..< 1.
    package mutating func failed(at now: ContinuousClock.Instant, random: Double) -> Duration {
        if let lastFailure, now - lastFailure >= quiet { ceiling = base }
        lastFailure = now
        let delay = ceiling * random
        ceiling = min(cap, ceiling * 2)
        return delay
    }

    /// Forgets all failures.
    package mutating func reset() {
        ceiling = base
        lastFailure = nil
    }
}
