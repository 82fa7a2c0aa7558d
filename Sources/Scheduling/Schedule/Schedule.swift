// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import TimeZones

/// The instants of one or more cron expressions in a time zone.
///
/// An instant that several expressions share is one instant.
///
/// **When the clock jumps.** The zone's clock shows most local times once. Where it is put forward it jumps over some;
/// where it is put back it shows some again. There are two kinds of expressions:
///
/// - One that takes every hour (`*/10 * * * *`, `5 * * * *`) keeps a *rhythm*. It runs at each instant at which the
///   clock shows one of its minutes, so its distance in elapsed time stays the same: in the skipped hour nothing is
///   made up, in the repeated hour it goes on. `skippedHour` and `repeatedHour` do not apply. To move the skipped times
///   would run `5 * * * *` at 03:00 and 03:05; to run repeated times once would stop `*/10` for an hour. Where a zone
///   shifts by half an hour (Lord Howe), an hourly rhythm sees one distance of 30 or 90 minutes.
/// - Every other one names *times of the day* (`30 2 * * *`, `*/10 1-5 * * *`). `skippedHour` says what becomes of those
///   that were jumped over, `repeatedHour` of those that are shown again. With `RunAfter` and `First`, every time runs
///   exactly once: at the first instant at which the clock shows that time or a later one.
///
/// The rules look only at jumps of the clock, so they hold for every change of a zone's offset: daylight saving,
/// Ramadan in Morocco, a new standard time, the missing day of Samoa.
package struct Schedule: Sendable, Hashable {
    /// The most expressions that one schedule may have.
    package static let maximumCrons = 32

    package let crons: [CronExpression]
    package let zone: Zone
    package let skippedHour: SkippedHour
    package let repeatedHour: RepeatedHour

    /// Reads the expressions.
    ///
    /// - Parameters:
    ///   - crons: 1 to `maximumCrons` cron expressions, see `CronExpression`.
    ///   - zone: whose clock the expressions are about; UTC unless given.
    /// - Throws: a `SchedulingError` whose text is fit for a user.
    package init(
        crons: [String],
        zone: Zone = .utc,
        skippedHour: SkippedHour = .runAfter,
        repeatedHour: RepeatedHour = .first
    ) throws(SchedulingError) {
        guard (1...Self.maximumCrons).contains(crons.count) else { throw .cronCount(crons.count) }
        var parsed: [CronExpression] = []
        for cron in crons { parsed.append(try CronExpression(cron)) }
        self.crons = parsed
        self.zone = zone
        self.skippedHour = skippedHour
        self.repeatedHour = repeatedHour
    }

    /// Everything that fixes the instants, in words: `0 3 * * 1-5; 0 12 * * 6 (Europe/Amsterdam, RunAfter, First)`.
    /// Two schedules with the same text have the same instants.
    package var text: String {
        let crons = crons.map(\.description).joined(separator: "; ")
        return "\(crons) (\(zone), \(skippedHour.rawValue), \(repeatedHour.rawValue))"
    }
}
