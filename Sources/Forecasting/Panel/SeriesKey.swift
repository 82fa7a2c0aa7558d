// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What tells one series of a panel from the others: the value of each grouping column, in their order.
///
/// The key of data that is not grouped is empty. Keys sort by their first value, then by the second one, by their bytes.
package struct SeriesKey: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    /// The values of the grouping columns.
    package let values: [String]

    /// The key of data that is not grouped.
    package static let single = SeriesKey([])

    /// A key of values, one a grouping column.
    package init(_ values: [String]) { self.values = values }

    package init(from decoder: any Decoder) throws { values = try decoder.singleValueContainer().decode([String].self) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }

    package static func < (left: SeriesKey, right: SeriesKey) -> Bool {
        for (first, second) in zip(left.values, right.values) where first != second {
            return first.utf8.lexicographicallyPrecedes(second.utf8)
        }
        return left.values.count < right.values.count
    }

    /// The values as people read them: `north, 12`.
    package var description: String { values.joined(separator: ", ") }

    /// The key with the names of its columns, for messages and file columns: `store=north, item=12`.
    package func label(_ groupBy: [String]) -> String {
        zip(groupBy, values).map { "\($0)=\($1)" }.joined(separator: ", ")
    }
}
