// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What becomes of instants that passed while nobody looked, because the operator or the cluster was down.
package enum CatchUpPolicy: String, Sendable, CaseIterable {
    /// None is made up. An instant starts a run only within `SchedulePolicy.punctuality` after it.
    case none = "None"
    /// The latest one starts a run, however late, unless `startingDeadlineSeconds` forbids it. Those before it do not:
    /// however long the downtime, one run makes up for it.
    case latest = "Latest"
}
