// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// What is remembered of a schedule from one decision to the next; it lives in the pipeline's status.
///
/// Every instant up to `handledThrough` is settled: it started a run or never will.
package struct ScheduleStatus: Sendable, Hashable {
    /// An instant that passed without a run.
    package struct Missed: Sendable, Hashable {
        package var time: Date
        package var reason: SkipReason

        package init(time: Date, reason: SkipReason) {
            self.time = time
            self.reason = reason
        }
    }

    /// `Schedule.text` of the schedule that these facts are about, so that an edit is noticed.
    package var schedule: String
    /// Whether the schedule was suspended when it was last looked at.
    package var isSuspended: Bool
    /// Since when the schedule is as it is: made, edited, suspended or resumed. No earlier instant starts a run.
    package var inForceSince: Date
    /// The latest instant that started a run.
    package var lastScheduleTime: Date?
    /// The next instant; nil while suspended.
    package var nextScheduleTime: Date?
    /// Instants that passed without a run, for any reason but `Suspended`, since the pipeline was made. Never falls.
    package var missedCount: Int
    /// The latest of them.
    package var lastMissed: Missed?

    package init(
        schedule: String,
        isSuspended: Bool = false,
        inForceSince: Date,
        lastScheduleTime: Date? = nil,
        nextScheduleTime: Date? = nil,
        missedCount: Int = 0,
        lastMissed: Missed? = nil
    ) {
        self.schedule = schedule
        self.isSuspended = isSuspended
        self.inForceSince = inForceSince
        self.lastScheduleTime = lastScheduleTime
        self.nextScheduleTime = nextScheduleTime
        self.missedCount = missedCount
        self.lastMissed = lastMissed
    }

    /// The time up to which, inclusively, every instant is settled. It never goes back, whatever the clock does.
    package var handledThrough: Date {
        [inForceSince, lastScheduleTime, lastMissed?.time].compactMap { $0 }.max() ?? inForceSince
    }
}
