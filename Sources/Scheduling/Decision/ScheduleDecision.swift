// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// What is to be done about a schedule now.
///
/// Carry it out in this order: stop the runs that `start` replaces, create its run, write `status`, look again at
/// `lookAgain`. It is safe to crash after each step: the run's name follows from its instant, so a decision from the
/// same facts creates the same run, and a run that exists counts as started even if the status was not written.
package struct ScheduleDecision: Sendable, Hashable {
    /// A run to create.
    package struct Start: Sendable, Hashable {
        /// The instant. Times are whole minutes, so `<pipeline>-<unix minutes>` names it.
        package let time: Date
        /// The names of the active runs to stop before, where the policy is `Replace`; in order.
        package let replaces: [String]
    }

    /// Instants that start no run, for one reason.
    package struct Skip: Sendable, Hashable {
        package let reason: SkipReason
        package let count: Int
        /// The latest of them.
        package let latest: Date
    }

    /// At most one, however many instants have passed.
    package let start: Start?
    /// What was decided against now: one event each.
    package let skips: [Skip]
    /// What to remember. Equal to what was given when nothing is new, so that nothing needs to be written.
    package let status: ScheduleStatus
    /// When to decide again if nothing else happens before; nil when only an edit can change anything.
    package let lookAgain: Date?
    /// Seconds by which the clock is behind what was handled already; 0 as a rule. No instant starts a run until the
    /// clock is there again, since a clock that went back must not run anything twice.
    package let clockIsBehind: Double
}
