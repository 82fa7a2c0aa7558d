// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Why an instant started no run.
package enum SkipReason: String, Sendable, CaseIterable {
    /// A run was active and the concurrency policy is `Forbid`.
    case stillRunning = "StillRunning"
    /// It was noticed more than `startingDeadlineSeconds` after it was due.
    case deadlinePassed = "DeadlinePassed"
    /// It was noticed late and the catch-up policy is `None`.
    case notCaughtUp = "NotCaughtUp"
    /// It was noticed late, together with a later instant that took its place.
    case superseded = "Superseded"
    /// The schedule was suspended.
    case suspended = "Suspended"
}
