// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Scheduling

/// What is known of a pipeline's schedule: enough for a person to see what it does, and for the next decision.
package struct PipelineScheduleStatus: Codable, Sendable, Equatable {
    /// The schedule that this is about, in words.
    package var schedule: String
    /// Whether it was suspended when it was last looked at.
    package var suspended: Bool?
    /// Since when the schedule is as it is; no earlier instant starts a run.
    package var inForceSince: Date
    /// The latest instant that started a run.
    package var lastScheduleTime: Date?
    /// When a run that an instant started last ended with a model.
    package var lastSuccessfulTime: Date?
    /// The next instant; nil while suspended.
    package var nextScheduleTime: Date?
    /// Instants that passed without a run, but for those of a suspension.
    package var missedCount: Int
    /// The latest of them.
    package var lastMissed: Missed?

    /// An instant that passed without a run.
    package struct Missed: Codable, Sendable, Equatable {
        /// The instant.
        package var time: Date
        /// Why no run started.
        package var reason: SkipReason

        /// Makes the facts of a miss.
        package init(time: Date, reason: SkipReason) {
            self.time = time
            self.reason = reason
        }
    }

    /// Takes over what a decision wants to be remembered.
    package init(_ status: ScheduleStatus, lastSuccessfulTime: Date?) {
        schedule = status.schedule
        suspended = status.isSuspended ? true : nil
        inForceSince = status.inForceSince
        lastScheduleTime = status.lastScheduleTime
        self.lastSuccessfulTime = lastSuccessfulTime
        nextScheduleTime = status.nextScheduleTime
        missedCount = status.missedCount
        lastMissed = status.lastMissed.map { Missed(time: $0.time, reason: $0.reason) }
    }

    /// What the next decision starts from.
    package var remembered: ScheduleStatus {
        ScheduleStatus(
            schedule: schedule,
            isSuspended: suspended ?? false,
            inForceSince: inForceSince,
            lastScheduleTime: lastScheduleTime,
            nextScheduleTime: nextScheduleTime,
            missedCount: missedCount,
            lastMissed: lastMissed.map { ScheduleStatus.Missed(time: $0.time, reason: $0.reason) }
        )
    }
}
