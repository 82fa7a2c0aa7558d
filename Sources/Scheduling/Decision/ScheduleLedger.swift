// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The books of one decision: settles every instant up to now, one after the other kind.
struct ScheduleLedger {
    private(set) var skips: [ScheduleDecision.Skip] = []
    var status: ScheduleStatus
    private let facts: ScheduleFacts

    /// Opens the books, and takes in a new, edited, suspended or resumed schedule.
    init(facts: ScheduleFacts) {
        self.facts = facts
        let text = facts.schedule.text
        // The API's times have no fractions; without them the status is the same after it was written and read.
        let change = Schedule.date(Schedule.seconds(min(facts.changeTime, facts.now)))
        status =
            facts.status
            ?? ScheduleStatus(schedule: text, isSuspended: facts.policy.suspend, inForceSince: change)
        let isKnown = facts.status?.schedule == text
        acknowledgeRuns(countingBetween: isKnown)
        guard !isKnown || status.isSuspended != facts.policy.suspend else { return }
        // The instants of another schedule are nobody's any more. Those before a suspension or in it are named.
        if isKnown { skip(after: status.handledThrough, through: change, .suspended) }
        status.schedule = text
        status.isSuspended = facts.policy.suspend
        status.inForceSince = max(status.inForceSince, change)
    }

    /// Settles the instants up to now; returns the run to start, if any.
    mutating func settle() -> ScheduleDecision.Start? {
        let handled = status.handledThrough
        // Runs of earlier instants would push the one of the future out of the history; the clock would then find its
        // instant without a run.
        guard facts.latestRun <= facts.now else { return nil }
        guard let due = facts.schedule.latest(atOrBefore: facts.now), due > handled else { return nil }
        let lateness = facts.now.timeIntervalSince(due)
        if let refusal = facts.policy.refusal(lateness: lateness) {
            skip(after: handled, through: due, refusal)
            return nil
        }
        skipEarlier(after: handled, before: due)
        let active = facts.runs.filter(\.isActive)
        if facts.policy.concurrency == .forbid, !active.isEmpty {
            skip(after: due.addingTimeInterval(-1), through: due, .stillRunning)
            return nil
        }
        status.lastScheduleTime = due
        let replaced = facts.policy.concurrency == .replace ? active.map(\.name).sorted() : []
        return ScheduleDecision.Start(time: due, replaces: replaced)
    }

    /// Takes runs that exist for started, where whoever created them could not write it down. Those of the future wait
    /// until the clock, which must have gone back, is there again.
    private mutating func acknowledgeRuns(countingBetween: Bool) {
        var settled = status.handledThrough
        let times = Set(facts.runs.compactMap(\.scheduledTime)).filter { $0 > settled && $0 <= facts.now }
        for time in times.sorted() {
            if countingBetween { skipEarlier(after: settled, before: time) }
            status.lastScheduleTime = time
            settled = time
        }
    }

    /// Skips the instants between two, which came too late to be looked at one by one.
    private mutating func skipEarlier(after start: Date, before end: Date) {
        let reason = facts.policy.catchUp == .none ? SkipReason.notCaughtUp : .superseded
        skip(after: start, through: end.addingTimeInterval(-1), reason)
    }

    /// Skips the instants after one time and at or before another, if there are any.
    private mutating func skip(after start: Date, through end: Date, _ reason: SkipReason) {
        let count = facts.schedule.count(after: start, through: end)
        guard count > 0, let latest = facts.schedule.latest(atOrBefore: end) else { return }
        let before = skips.firstIndex { $0.reason == reason }.map { skips.remove(at: $0).count } ?? 0
        skips.append(ScheduleDecision.Skip(reason: reason, count: before + count, latest: latest))
        guard reason != .suspended else { return }
        let total = status.missedCount.addingReportingOverflow(count)
        status.missedCount = total.overflow ? .max : total.partialValue
        status.lastMissed = ScheduleStatus.Missed(time: latest, reason: reason)
    }
}
