// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The schemas of what names a series, for a model of several.
struct SeriesSchemas: Sendable {
    /// More series than this are not written out one by one.
    private static let mostListed = 50

    let groups: ServedGroups

    private var names: [JSONLiteral] { groups.groupBy.map { JSONLiteral($0) } }

    /// The object that names a series. Where there are few, the schema holds all of them.
    var key: JSONLiteral {
        var schema: [String: JSONLiteral] = [
            "type": "object", "required": JSONLiteral(names), "properties": JSONLiteral(cells),
            "description": "One of the \(groups.count) series that the model was fitted on; /series lists them.",
        ]
        if groups.count <= Self.mostListed { schema["anyOf"] = JSONLiteral(groups.panel.keys.map(only)) }
        return JSONLiteral(schema)
    }

    private func only(_ key: SeriesKey) -> JSONLiteral {
        let values = zip(groups.groupBy, key.values).map { ($0, ["const": JSONLiteral($1)] as JSONLiteral) }
        return ["properties": JSONLiteral(Dictionary(values) { first, _ in first })]
    }

    /// The grouping columns in a row of a data frame.
    var cells: [String: JSONLiteral] { columns(["type": ["string", "number", "boolean"]]) }

    /// The grouping columns of an answer.
    var texts: [String: JSONLiteral] { columns(["type": "string"]) }

    /// Members of one schema, one a grouping column.
    func columns(_ schema: JSONLiteral) -> [String: JSONLiteral] {
        Dictionary(groups.groupBy.map { ($0, schema) }) { first, _ in first }
    }
}
