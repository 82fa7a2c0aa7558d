// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What becomes of a time of the day that a day does not have, because the clock jumped over it.
package enum SkippedHour: String, Sendable, CaseIterable {
    /// It runs at the first instant after the jump: 02:30 on the last Sunday of March in Amsterdam runs at 03:00.
    /// Several times that were jumped over run once.
    case runAfter = "RunAfter"
    /// It does not run on that day.
    case skip = "Skip"
}
