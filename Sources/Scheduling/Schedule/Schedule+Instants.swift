// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import TimeZones

extension Schedule {
    /// How far ahead and back an instant is looked for. The rarest expression, February 29, comes once in 8 years; only
    /// one whose every time is jumped over and skipped can find nothing.
    private static let horizon = 100 * 366 * 86_400
    /// The years 1 to 9999, in seconds since 1970.
    private static let years = -62_135_596_800...253_402_300_799

    /// The first instant after a date; nil when none comes within a hundred years
    /// or before the year 10000.
    package func next(after date: Date) -> Date? {
        let from = Self.seconds(date) + 1
        for segment in ZoneSegments(of: zone, containing: from) {
            if let found = first(in: segment, from: from) {
                return Self.years.contains(found) ? Self.date(found) : nil
            }
            if segment.end - from > Self.horizon { break }
        }
        return nil
    }

    /// The last instant at or before a date; nil when there was none within a hundred years.
    package func latest(atOrBefore date: Date) -> Date? {
        let through = Self.seconds(date)
        // Segments can be walked forward only, so the search goes back in windows that grow.
        var end = through
        var length = 2 * 86_400
        while through - end < Self.horizon {
            let start = end - length
            let segments = ZoneSegments(of: zone, containing: start + 1).prefix { $0.start <= end }
            for segment in segments.reversed() {
                if let found = last(in: segment, after: start, through: end) {
                    return Self.years.contains(found) ? Self.date(found) : nil
                }
            }
            end = start
            length *= 16
        }
        return nil
    }

    /// How many instants lie after one date and at or before another; none when the second is not the later one.
    ///
    /// Costs a few steps for each month and each change of the zone's offset, whatever the expressions: ten years take
    /// less than a millisecond.
    package func count(after start: Date, through end: Date) -> Int {
        let from = Self.seconds(start) + 1
        let through = Self.seconds(end)
        guard from <= through else { return 0 }
        return ZoneSegments(of: zone, containing: from)
            .prefix { $0.start <= through }
            .reduce(0) { $0 + count(in: $1, from: from, through: through) }
    }

    /// Whether the schedule has an instant at this very second.
    package func contains(_ date: Date) -> Bool {
        count(after: Self.date(Self.seconds(date) - 1), through: date) == 1
    }
}

extension Schedule {
    /// Whole seconds since 1970, rounded down; dates outside the years 1 to 9999 count as the nearest inside.
    static func seconds(_ date: Date) -> Int {
        let seconds = date.timeIntervalSince1970
        guard seconds > Double(years.lowerBound) else { return years.lowerBound }
        return seconds < Double(years.upperBound) ? Int(seconds.rounded(.down)) : years.upperBound
    }

    static func date(_ seconds: Int) -> Date { Date(timeIntervalSince1970: Double(seconds)) }

    /// Whether an expression runs in a part of a segment that the clock had shown before.
    private func runsAgain(_ cron: CronExpression) -> Bool { cron.keepsRhythm || repeatedHour == .both }

    /// The local time from which an expression runs in a segment.
    private func localStart(of cron: CronExpression, in segment: ZoneSegment) -> Int {
        runsAgain(cron) ? segment.localStart : max(segment.localStart, segment.shown)
    }

    /// The first skipped local minute whose expression runs after the jump; nil when there is none.
    func moved(into segment: ZoneSegment) -> Int? {
        guard skippedHour == .runAfter, !segment.skipped.isEmpty else { return nil }
        let minutes = Self.minutes(segment.skipped)
        return crons.lazy.filter { !$0.keepsRhythm }
            .compactMap { $0.first(from: minutes.lowerBound, before: minutes.upperBound) }
            .min()
    }

    private func first(in segment: ZoneSegment, from: Int) -> Int? {
        if segment.start >= from, moved(into: segment) != nil { return segment.start }
        var limit = Self.minute(atOrAfter: segment.localEnd)
        var best: Int?
        for cron in crons {
            let start = max(localStart(of: cron, in: segment), from + segment.offset)
            guard let found = cron.first(from: Self.minute(atOrAfter: start), before: limit) else { continue }
            best = found
            limit = found
        }
        return best.map { $0 * 60 - segment.offset }
    }

    private func last(in segment: ZoneSegment, after: Int, through: Int) -> Int? {
        let end = min(through + 1, segment.end) + segment.offset
        var best: Int?
        for cron in crons {
            let start = max(localStart(of: cron, in: segment), after + 1 + segment.offset)
            let limit = max(Self.minute(atOrAfter: start), best.map { $0 + 1 } ?? .min)
            best = cron.last(through: Self.minute(atOrAfter: end) - 1, from: limit) ?? best
        }
        if let best { return best * 60 - segment.offset }
        let isInside = segment.start > after && segment.start <= through
        return isInside && moved(into: segment) != nil ? segment.start : nil
    }

    private func count(in segment: ZoneSegment, from: Int, through: Int) -> Int {
        let start = max(segment.start, from) + segment.offset
        let end = min(segment.end, through + 1) + segment.offset
        let repeated = min(max(start, segment.shown), end)
        let union = CronUnion(crons: crons)
        var total = CronUnion(crons: crons.filter(runsAgain)).count(in: Self.minutes(start..<repeated))
        total += union.count(in: Self.minutes(repeated..<end))
        // The instant of a jump counts once, whether times were moved to it or it is one anyway.
        if segment.start >= from, moved(into: segment) != nil {
            let isMinute = Floor.remainder(segment.localStart, 60) == 0
            total += isMinute && union.contains(Floor.quotient(segment.localStart, 60)) ? 0 : 1
        }
        return total
    }

    /// The number of the first local minute that begins at or after a local second.
    private static func minute(atOrAfter seconds: Int) -> Int { Floor.quotient(seconds + 59, 60) }

    /// The local minutes that begin in a stretch of local seconds.
    private static func minutes(_ seconds: Range<Int>) -> Range<Int> {
        minute(atOrAfter: seconds.lowerBound)..<minute(atOrAfter: seconds.upperBound)
    }
}
