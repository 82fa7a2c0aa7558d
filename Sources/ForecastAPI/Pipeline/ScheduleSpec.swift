// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Scheduling
package import TimeZones

/// When a pipeline retrains by itself.
package struct ScheduleSpec: Codable, Sendable, Equatable {
    /// Cron expressions, 1 to 32; an instant that several share is one.
    package var crons: [String]
    /// An IANA time zone. Default UTC.
    package var timeZone: String?
    /// What happens at an instant while a run is active. Default `Forbid`.
    package var concurrencyPolicy: ConcurrencyPolicy?
    /// Seconds after an instant up to which its run may still start; nil for no limit.
    package var startingDeadlineSeconds: Int?
    /// What becomes of instants that passed while nobody looked. Default `Latest`.
    package var catchUpPolicy: CatchUpPolicy?
    /// What becomes of a time of the day that the clock jumps over. Default `RunAfter`.
    package var skippedHour: SkippedHour?
    /// What becomes of a time of the day that comes twice. Default `First`.
    package var repeatedHour: RepeatedHour?

    /// Makes a schedule.
    package init(crons: [String], timeZone: String? = nil) {
        self.crons = crons
        self.timeZone = timeZone
    }

    /// The schedule with each default of the CRD filled in.
    package func withDefaults() -> Self {
        var filled = self
        filled.timeZone = timeZone ?? "UTC"
        filled.concurrencyPolicy = concurrencyPolicy ?? .forbid
        filled.catchUpPolicy = catchUpPolicy ?? .latest
        filled.skippedHour = skippedHour ?? .runAfter
        filled.repeatedHour = repeatedHour ?? .first
        return filled
    }

    /// The instants. Throws `SchedulingError` or `TimeZoneError`, which say which part is wrong.
    package func schedule(zones: ZoneDatabase) throws -> Schedule {
        try Schedule(
            crons: crons,
            zone: try zone(in: zones),
            skippedHour: skippedHour ?? .runAfter,
            repeatedHour: repeatedHour ?? .first
        )
    }

    /// The zone whose clock the expressions are about. Throws `TimeZoneError`.
    package func zone(in zones: ZoneDatabase) throws(TimeZoneError) -> Zone {
        try zones.zone(timeZone ?? Zone.utc.name)
    }

    /// How instants become runs. Throws `SchedulingError`.
    package func policy(suspend: Bool) throws(SchedulingError) -> SchedulePolicy {
        try SchedulePolicy(
            suspend: suspend,
            startingDeadlineSeconds: startingDeadlineSeconds,
            concurrency: concurrencyPolicy ?? .forbid,
            catchUp: catchUpPolicy ?? .latest
        )
    }
}

extension ConcurrencyPolicy: Codable {}
extension CatchUpPolicy: Codable {}
extension SkippedHour: Codable {}
extension RepeatedHour: Codable {}
extension SkipReason: Codable {}
