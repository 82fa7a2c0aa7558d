// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Rows of aligned columns, as kubectl prints them: three spaces apart, no space at the end of a line.
enum TextTable {
    /// The lines, each ended; the heading is the first row.
    static func text(_ rows: [[String]]) -> String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            var line = padded.joined(separator: "   ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
