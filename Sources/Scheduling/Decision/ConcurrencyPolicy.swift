// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What happens at an instant while a run is still active.
package enum ConcurrencyPolicy: String, Sendable, CaseIterable {
    /// A further run starts beside it.
    case allow = "Allow"
    /// The instant is skipped, with reason `StillRunning`. That is final: it is not made up when the run ends.
    case forbid = "Forbid"
    /// The active runs are stopped, and a new one starts.
    case replace = "Replace"
}
