// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Finds what somebody meant by a misspelt name.
enum NearestName {
    /// The candidate that differs least, without regard to case; nil when none is near.
    static func of(_ name: String, among candidates: some Collection<String>) -> String? {
        let limit = max(1, min(3, name.count / 3))
        let ranked = candidates.map { (distance: distance(name.lowercased(), $0.lowercased()), name: $0) }
        let best = ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return best.flatMap { $0.distance <= limit ? $0.name : nil }
    }

    /// Edits that turn one text into another: insertions, deletions, replacements (Levenshtein, 1966).
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (right[column] == character ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
