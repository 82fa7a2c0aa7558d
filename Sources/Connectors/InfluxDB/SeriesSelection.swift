// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Which columns of a database's answer are wanted.
package struct SeriesSelection: Sendable, Equatable {
    /// The column of times.
    package var timestamp: String
    /// The numeric columns, in the order in which they are wanted, each once.
    package var values: [String]
    /// The tags or columns of text that tell series apart; none where all rows are one series.
    package var groupBy: [String]

    /// Selects columns by name.
    package init(timestamp: String, values: [String], groupBy: [String] = []) {
        self.timestamp = timestamp
        self.values = values
        self.groupBy = groupBy
    }
}
