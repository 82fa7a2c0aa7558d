// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Logging

/// Time, chance and the log, as everything in this module gets them.
package struct RuntimeEnvironment: Sendable {
    /// Monotonic time, which also runs on while the machine is suspended: leases expire in that time.
    package var now: @Sendable () -> ContinuousClock.Instant
    /// The time of day, only for what people read.
    package var date: @Sendable () -> Date
    /// Sleeps until an instant of `now`; throws `CancellationError` when the task is cancelled.
    package var sleep: @Sendable (ContinuousClock.Instant) async throws -> Void
    /// A random number in 0 ..< 1.
    package var random: @Sendable () -> Double
    /// Where to log to.
    package var logger: Logger

    /// Makes an environment.
    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        date: @escaping @Sendable () -> Date,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void,
        random: @escaping @Sendable () -> Double,
        logger: Logger
    ) {
        self.now = now
        self.date = date
        self.sleep = sleep
        self.random = random
        self.logger = logger
    }

    /// The clocks and the randomness of this machine.
    package static func live(logger: Logger) -> RuntimeEnvironment {
        RuntimeEnvironment(
            now: { ContinuousClock.now },
            date: { Date() },
            sleep: { try await Task.sleep(until: $0, clock: .continuous) },
            random: { Double.random(in: 0..<1) },
            logger: logger
        )
    }
}
