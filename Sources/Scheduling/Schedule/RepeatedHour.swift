// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What becomes of a time of the day that a day has twice, because the clock was put back.
package enum RepeatedHour: String, Sendable, CaseIterable {
    /// It runs the first time only.
    case first = "First"
    /// It runs both times.
    case both = "Both"
}
