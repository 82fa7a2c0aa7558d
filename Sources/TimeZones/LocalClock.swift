// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Tells what a zone's clock shows at an instant, and the instants at which it shows a local time.
///
/// Local times are seconds since 1970 as if the zone's clock were UTC's. Times that follow one another cost next to
/// nothing: the stretch in which the last one lay is remembered.
package struct LocalClock: Sendable {
    /// When a clock shows a time.
    package enum Showing: Sendable, Equatable {
        /// At this instant, in seconds since 1970 (UTC).
        case once(Int)
        /// At this instant, and again after the clock was put back.
        case twice(first: Int, ClockChange)
        /// Never: the clock is put forward beyond it.
        case never
    }

    /// Where a clock is put back.
    package struct ClockChange: Sendable, Hashable {
        /// When that is, in seconds since 1970 (UTC).
        package let instant: Int
        /// How many seconds are between the two instants at which it shows the same time.
        package let length: Int
    }

    /// No zone is further from UTC than this, in seconds (RFC 9636).
    private static let furthest = 2 * 86_400

    private let zone: Zone
    /// Local times that are shown once, with one offset.
    private var plain = 0..<0
    private var offset = 0
    /// Instants with one offset.
    private var stretch = 0..<0
    private var offsetOfStretch = 0

    /// The clock of a zone.
    package init(_ zone: Zone) { self.zone = zone }

    /// When the clock shows a local time.
    @inline(__always)
    package mutating func showing(_ local: Int) -> Showing {
        plain.contains(local) ? .once(local - offset) : search(local)
    }

    /// Makes instants of local times from `start` on for as long as they lie in the stretch of the last one, and returns
    /// where that ends.
    func settle(_ times: inout [Int64], from start: Int) -> Int {
        let (low, high, offset) = (Int64(plain.lowerBound), Int64(plain.upperBound), Int64(offset))
        return times.withUnsafeMutableBufferPointer { times in
            var row = start
            while row < times.count, low <= times[row], times[row] < high {
                times[row] -= offset
                row += 1
            }
            return row
        }
    }

    /// What the clock shows at an instant, which is seconds since 1970 (UTC).
    package mutating func local(at instant: Int) -> Int {
        if !stretch.contains(instant) {
            offsetOfStretch = zone.rules.offset(at: instant)
            stretch = instant..<max(instant, zone.rules.change(after: instant))
        }
        return instant + offsetOfStretch
    }

    private mutating func search(_ local: Int) -> Showing {
        var found: [ZoneSegment] = []
        var following: ZoneSegment?
        for segment in ZoneSegments(of: zone, containing: local - Self.furthest) {
            if segment.localStart <= local, local < segment.localEnd {
                found.append(segment)
                following = nil
            } else if !found.isEmpty, following == nil {
                following = segment
            }
            if segment.start > local + Self.furthest { break }
        }
        guard let first = found.first, let last = found.last else { return .never }
        guard first == last else {
            return .twice(
                first: local - first.offset,
                ClockChange(instant: last.start, length: first.offset - last.offset)
            )
        }
        let end = min(first.localEnd, following?.localStart ?? first.localEnd)
        let start = max(first.localStart, first.shown)
        if start <= local, local < end { (plain, offset) = (start..<end, first.offset) }
        return .once(local - first.offset)
    }
}
