// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How often and how soon a request is sent again that another attempt may heal.
package struct S3Retries: Sendable {
    /// Attempts in all, at least one.
    package var attempts = 5
    /// The longest wait before the second attempt; it doubles from there.
    package var base = Duration.milliseconds(200)
    /// No wait is longer.
    package var longest = Duration.seconds(5)
    /// Waits; throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// A share from 0 to 1 of the longest wait, so that many workers do not come back at once.
    package var share: @Sendable () -> Double = { Double.random(in: 0.5...1) }

    /// Five attempts within a few seconds.
    package init() {}

    /// The wait before the next attempt; nil where there is none.
    func pause(after attempt: Int) -> Duration? {
        guard attempt < attempts else { return nil }
        let doubled = base * (1 << min(attempt - 1, 16))
        return min(doubled, longest) * share()
    }
}
