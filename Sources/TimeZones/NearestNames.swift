// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Finds names that somebody may have meant.
enum NearestNames {
    /// Up to `count` candidates near the name, nearest first, without regard to case. A candidate whose last part is
    /// the name, such as a city without its continent, is nearest.
    static func of(_ name: String, among candidates: [String], count: Int) -> [String] {
        // The distance costs the product of the lengths, and the name comes from outside.
        let wanted = Array(name.lowercased().utf8.prefix(64)).map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "_") : $0 }
        let limit = max(1, min(3, wanted.count / 4))
        var ranked: [(distance: Int, name: String)] = []
        for candidate in candidates {
            let full = Array(candidate.lowercased().utf8)
            let city = full.lastIndex(of: UInt8(ascii: "/")).map { Array(full[($0 + 1)...]) } ?? full
            let distance = min(EditDistance.between(wanted, full), EditDistance.between(wanted, city))
            if distance <= limit { ranked.append((distance, candidate)) }
        }
        return ranked.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(count).map(\.name)
    }
}
