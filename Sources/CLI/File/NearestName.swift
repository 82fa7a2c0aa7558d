// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TimeZones

/// Finds what somebody meant by a misspelt name.
enum NearestName {
    /// The candidate that differs least, without regard to case; nil when none is near.
    static func of(_ name: String, among candidates: some Collection<String>) -> String? {
        let limit = max(1, min(3, name.count / 3))
        let ranked = candidates.map {
            (distance: EditDistance.between(name.lowercased(), Array($0.lowercased())), name: $0)
        }
        let best = ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return best.flatMap { $0.distance <= limit ? $0.name : nil }
    }
}
