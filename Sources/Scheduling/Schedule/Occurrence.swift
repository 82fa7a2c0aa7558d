// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import TimeZones

/// An instant of a schedule, with what a clock in its zone shows.
package struct Occurrence: Sendable, Hashable {
    /// What a jump of the clock has to do with it.
    package enum Jump: Sendable, Hashable {
        /// It stands for this time, or several from it on, which the clock jumped over.
        case moved(from: LocalTime)
        /// The clock will be put back and show this time once more.
        case firstOfTwo
        /// The clock was put back and shows this time again.
        case secondOfTwo
    }

    package let time: Date
    package let local: LocalTime
    /// Seconds east of UTC.
    package let offset: Int
    /// Nil on all but a few days of the year.
    package let jump: Jump?
}

extension Schedule {
    /// The first instant after a date, explained; nil when none comes within a hundred years.
    package func nextOccurrence(after date: Date) -> Occurrence? { next(after: date).map(occurrence) }

    private func occurrence(at date: Date) -> Occurrence {
        let time = Self.seconds(date)
        var segments = ZoneSegments(of: zone, containing: time)
        guard let segment = segments.next() else {
            return Occurrence(time: date, local: LocalTime(seconds: time), offset: 0, jump: nil)
        }
        let local = time + segment.offset
        var jump: Occurrence.Jump?
        if time == segment.start, let minute = moved(into: segment) {
            jump = .moved(from: LocalTime(seconds: minute * 60))
        } else if local < segment.shown {
            jump = .secondOfTwo
        } else if let following = segments.next(), local >= following.localStart {
            jump = .firstOfTwo
        }
        return Occurrence(time: date, local: LocalTime(seconds: local), offset: segment.offset, jump: jump)
    }
}
