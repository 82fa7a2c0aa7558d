// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A stretch of time in which a zone's offset does not change.
///
/// All in seconds: `start` and `end` since 1970 in UTC, the local ones as if the zone's clock were UTC's.
package struct ZoneSegment: Equatable, Sendable {
    /// The first second.
    package var start: Int
    /// Exclusive.
    package var end: Int
    /// Seconds east of UTC.
    package var offset: Int
    /// The local time up to which (exclusively) the zone's clock had run before this segment. The rules for jumps rest
    /// on it: local times before it are shown again, those from it to `localStart` were jumped over.
    package var shown: Int

    /// The first local time.
    package var localStart: Int { start + offset }
    /// The local time at which it ends, exclusive.
    package var localEnd: Int { end + offset }
    /// The local times that were jumped over where the segment begins; empty unless the clock went forward.
    package var skipped: Range<Int> { min(shown, localStart)..<localStart }
}
