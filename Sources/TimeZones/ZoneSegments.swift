// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The segments of a zone from an instant on, for ever.
package struct ZoneSegments: Sequence, IteratorProtocol {
    /// No zone has ever put its clock back by more than a day, so what was shown earlier than this is not shown again.
    private static let memory = 3 * 86_400

    private let rules: ZoneRules
    private let wanted: Int
    private var upcoming: ZoneSegment?

    /// Begins with the segment in which `instant` lies.
    package init(of zone: Zone, containing instant: Int) {
        rules = zone.rules
        wanted = instant
        let start = instant - Self.memory
        let offset = rules.offset(at: start)
        upcoming = ZoneSegment(start: start, end: rules.change(after: start), offset: offset, shown: start + offset)
    }

    /// The next segment; nil behind the last one.
    package mutating func next() -> ZoneSegment? {
        while let segment = upcoming {
            upcoming = following(segment)
            if segment.end > wanted { return segment }
        }
        return nil
    }

    private func following(_ segment: ZoneSegment) -> ZoneSegment? {
        guard segment.end < ZoneRules.never else { return nil }
        return ZoneSegment(
            start: segment.end,
            end: rules.change(after: segment.end),
            offset: rules.offset(at: segment.end),
            shown: Swift.max(segment.shown, segment.localEnd)
        )
    }
}
