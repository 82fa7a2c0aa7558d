// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How far one text is from another, for hints to people who mistyped a name.
package enum EditDistance {
    /// Edits that turn one text into the other: insertions, deletions, replacements (Levenshtein, 1966).
    package static func between<Element: Equatable>(_ left: some Collection<Element>, _ right: [Element]) -> Int {
        var row = Array(0...right.count)
        for (index, element) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (right[column] == element ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
