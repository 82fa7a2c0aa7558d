// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// All that a decision about a schedule rests on. `decide()` is pure: the same facts give the same decision anywhere.
///
/// What a user may rely on:
/// - An instant is settled once: it starts one run, or it is skipped for a reason that the status names.
/// - However many instants have passed, at most one run starts, for the latest of them.
/// - An edit of the crons, the zone or the DST rules, and a resume, never start a run for an instant before them.
/// - Two processes that see the same facts decide the same, and deciding again after the decision was carried out
///   starts nothing.
package struct ScheduleFacts: Sendable {
    package var schedule: Schedule
    package var policy: SchedulePolicy
    /// What the last decision said to remember; nil for a pipeline that had no schedule until now.
    package var status: ScheduleStatus?
    /// When the specification was last changed, if the caller knows, or else `now`. It is used only where `status` is
    /// about another schedule or none. Right are the creation time for an object of generation 1 and the newest time of
    /// another manager in `metadata.managedFields`; then instants since the change are not lost even where the operator
    /// was down or crashed meanwhile. A time too early would start a run for an instant before the change.
    package var changeTime: Date
    /// The pipeline's runs that exist, finished ones too.
    package var runs: [ScheduledRun]
    package var now: Date

    package init(
        schedule: Schedule,
        policy: SchedulePolicy,
        status: ScheduleStatus?,
        changeTime: Date,
        runs: [ScheduledRun],
        now: Date
    ) {
        self.schedule = schedule
        self.policy = policy
        self.status = status
        self.changeTime = changeTime
        self.runs = runs
        self.now = now
    }

    /// The latest instant that has a run. It is later than now only where the clock went back, before whoever created
    /// the run could write it down.
    var latestRun: Date { runs.compactMap(\.scheduledTime).max() ?? .distantPast }

    /// What is to be done now.
    package func decide() -> ScheduleDecision {
        var ledger = ScheduleLedger(facts: self)
        let start = policy.suspend ? nil : ledger.settle()
        let handled = max(ledger.status.handledThrough, latestRun)
        let next = policy.suspend ? nil : schedule.next(after: max(now, handled))
        ledger.status.nextScheduleTime = next
        return ScheduleDecision(
            start: start,
            skips: ledger.skips,
            status: ledger.status,
            lookAgain: next,
            clockIsBehind: max(0, handled.timeIntervalSince(now))
        )
    }
}
