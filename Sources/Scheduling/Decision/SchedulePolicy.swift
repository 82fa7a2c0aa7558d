// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How a pipeline wants its instants to be turned into runs.
package struct SchedulePolicy: Sendable, Hashable {
    /// Lateness in seconds that counts as on time where nothing is made up: cron counts in minutes, and a new leader
    /// may need half of one to take over.
    package static let punctuality = 60

    /// While true no run starts. Instants that pass meanwhile never start one, and are not counted as missed.
    package let suspend: Bool
    /// Seconds after an instant up to which its run may still start; nil for no limit.
    package let startingDeadline: Int?
    package let concurrency: ConcurrencyPolicy
    package let catchUp: CatchUpPolicy

    /// - Throws: `SchedulingError.badStartingDeadline` for a deadline below one second, which no run could ever meet.
    package init(
        suspend: Bool = false,
        startingDeadlineSeconds: Int? = nil,
        concurrency: ConcurrencyPolicy = .forbid,
        catchUp: CatchUpPolicy = .latest
    ) throws(SchedulingError) {
        if let startingDeadlineSeconds, startingDeadlineSeconds < 1 {
            throw .badStartingDeadline(startingDeadlineSeconds)
        }
        self.suspend = suspend
        startingDeadline = startingDeadlineSeconds
        self.concurrency = concurrency
        self.catchUp = catchUp
    }

    /// Why an instant that is so many seconds old may no longer start a run; nil when it may.
    func refusal(lateness: Double) -> SkipReason? {
        if let startingDeadline, lateness > Double(startingDeadline) { return .deadlinePassed }
        if catchUp == .none, lateness > Double(Self.punctuality) { return .notCaughtUp }
        return nil
    }
}
