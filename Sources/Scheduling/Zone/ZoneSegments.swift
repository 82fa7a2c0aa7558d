// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The segments of a zone from an instant on, for ever.
struct ZoneSegments: Sequence, IteratorProtocol {
    /// Stands for the end of the last segment: beyond every `Date` that is looked at.
    static let never = 1 << 50
    /// No zone has ever put its clock back by more than a day, so what was shown earlier than this is not shown again.
    private static let memory = 3 * 86_400

    private let timeZone: TimeZone
    private let wanted: Int
    private var upcoming: ZoneSegment?

    /// Begins with the segment in which `instant` lies.
    init(of timeZone: TimeZone, containing instant: Int) {
        self.timeZone = timeZone
        wanted = instant
        let start = instant - Self.memory
        let offset = timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(start)))
        upcoming = ZoneSegment(
            start: start,
            end: Self.transition(of: timeZone, after: start),
            offset: offset,
            shown: start + offset
        )
    }

    mutating func next() -> ZoneSegment? {
        while let segment = upcoming {
            upcoming = following(segment)
            if segment.end > wanted { return segment }
        }
        return nil
    }

    private func following(_ segment: ZoneSegment) -> ZoneSegment? {
        guard segment.end < Self.never else { return nil }
        return ZoneSegment(
            start: segment.end,
            end: Self.transition(of: timeZone, after: segment.end),
            offset: timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(segment.end))),
            shown: Swift.max(segment.shown, segment.localEnd)
        )
    }

    private static func transition(of timeZone: TimeZone, after instant: Int) -> Int {
        let date = Date(timeIntervalSince1970: Double(instant))
        guard let next = timeZone.nextDaylightSavingTimeTransition(after: date) else { return never }
        let seconds = next.timeIntervalSince1970
        guard seconds > Double(instant), seconds < Double(never) else { return never }
        return Int(seconds)
    }
}
