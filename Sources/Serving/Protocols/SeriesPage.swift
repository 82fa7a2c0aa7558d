// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The series of a model, as `/series` lists them: sorted, a page at a time.
struct SeriesPage: Sendable {
    /// How many a page holds when nobody says otherwise.
    static let usual = 1_000

    /// The position of the first one.
    let offset: Int
    /// How many there are at most.
    let limit: Int

    /// A page as the query of a URL asks for it.
    ///
    /// - Parameters:
    ///   - offset: A whole number from 0; nil for 0.
    ///   - limit: A whole number from 1 to the most series that a model may have; nil for the usual one.
    init(offset: Substring?, limit: Substring?) throws(ServingError) {
        self.offset = try Self.number(offset, "offset", least: 0) ?? 0
        self.limit = try Self.number(limit, "limit", least: 1) ?? Self.usual
    }

    private static func number(_ text: Substring?, _ field: String, least: Int) throws(ServingError) -> Int? {
        guard let text else { return nil }
        let range = least...Panel.mostSeries
        guard let number = Int(text), range.contains(number) else {
            throw .invalidBody(
                field: field,
                problem: "is '\(text.prefix(40))'; must be a whole number from \(least) to \(range.upperBound)"
            )
        }
        return number
    }

    /// Writes the page of a model's series; one that is not grouped has one, without a name.
    func encode(_ groups: ServedGroups?, model: String, version: String) -> [UInt8] {
        let groupBy = groups?.groupBy ?? []
        let count = groups?.count ?? 1
        let places = min(offset, count)..<min(offset + limit, count)
        var writer = JSONWriter(numbers: places.count * (1 + 2 * groupBy.count))
        writer.text("{\"model\":")
        writer.string(model)
        writer.text(",\"version\":")
        writer.string(version)
        writer.text(",\"groupBy\":[")
        for (index, column) in groupBy.enumerated() {
            if index > 0 { writer.text(",") }
            writer.string(column)
        }
        writer.text("],\"count\":\(count),\"offset\":\(offset),\"series\":[")
        for place in places {
            writer.text(place == places.lowerBound ? "{" : ",{")
            groups?.writeMembers(of: place, &writer)
            writer.text("}")
        }
        writer.text("]}")
        return writer.bytes
    }
}
