// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The series of a model that was fitted on several, and how requests name them: by a value for each grouping column.
///
/// A class, so that whatever knows a model holds its series for the price of a reference, and those of a model of one series
/// for nothing.
final class ServedGroups: Sendable {
    /// The member of a body that names a series.
    static let member = "series"
    /// The same where KServe has given that name to the values.
    static let timeSeriesMember = "series_id"

    /// The forecaster of each series.
    let panel: PanelForecaster

    /// The grouping columns, at least one.
    var groupBy: [String] { panel.groupBy }
    /// How many series there are.
    var count: Int { panel.keys.count }

    /// The series of a panel; nil where it is not grouped.
    init?(_ panel: PanelForecaster) {
        guard !panel.groupBy.isEmpty else { return nil }
        self.panel = panel
    }

    // MARK: Reading

    /// Reads `{"store": "north", "item": 12}`: the place of a series among those of a model.
    ///
    /// - Parameter groups: Those of the model; nil where it has none, and then there is nothing to name.
    static func read(
        _ field: String,
        _ scanner: inout JSONScanner,
        of groups: ServedGroups?
    ) throws(ServingError) -> Int {
        guard let groups else {
            throw .invalidBody(
                field: field,
                problem: "names a series, and this model has no names for any: its pipeline has no series.groupBy"
            )
        }
        let groupBy = groups.groupBy
        var values = [String?](repeating: nil, count: groupBy.count)
        try scanner.object(field) { (key, scanner) throws(ServingError) in
            guard let column = groupBy.firstIndex(of: key) else { return try scanner.skip() }
            let place = "\(field).\(key.prefix(60))"
            guard values[column] == nil else { throw .invalidBody(field: place, problem: "is there twice") }
            values[column] = try scanner.label(place)
        }
        for (column, value) in zip(groupBy, values) where value == nil {
            throw groups.missing("\(field).\(column)")
        }
        return try groups.place(of: values.compactMap(\.self), field)
    }

    /// The place of the series with these values, one a grouping column.
    func place(of values: [String], _ field: String) throws(ServingError) -> Int {
        let key = SeriesKey(values)
        if let place = panel.place(of: key) { return place }
        throw .invalidBody(
            field: field,
            problem: "is of the series \(label(key)), which this model does not know; it has \(told), such as "
                + neighbours(of: key).map(label).joined(separator: "; ")
        )
    }

    /// What is said of a request that does not name its series.
    func missing(_ field: String) -> ServingError {
        .invalidBody(field: field, problem: "is missing; this model has \(told), such as \(label(panel.keys[0]))")
    }

    /// How many there are, and by which columns requests tell them apart.
    private var told: String {
        let columns = groupBy.map { "'\($0.prefix(60))'" }.joined(separator: ", ")
        return "\(count) series, named by \(columns)"
    }

    /// A series as messages name it: `store=north, item=12`.
    func label(_ place: Int) -> String { label(panel.keys[place]) }

    private func label(_ key: SeriesKey) -> String {
        SeriesKey(key.values.map { String($0.prefix(60)) }).label(groupBy)
    }

    /// The keys round the place where an unknown one would stand.
    private func neighbours(of key: SeriesKey) -> ArraySlice<SeriesKey> {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if panel.keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return panel.keys[max(0, low - 1)..<min(count, low + 2)]
    }

    // MARK: Writing

    /// Writes the members `"store":"north","item":"12"` of a series.
    func writeMembers(of place: Int, _ writer: inout JSONWriter) {
        for (index, (column, value)) in zip(groupBy, panel.keys[place].values).enumerated() {
            if index > 0 { writer.text(",") }
            writer.string(column)
            writer.text(":")
            writer.string(value)
        }
    }

    /// Writes `"series":{"store":"north","item":"12"},`, the series of a history.
    func write(_ member: String, of place: Int, _ writer: inout JSONWriter) {
        writer.text("\"\(member)\":{")
        writeMembers(of: place, &writer)
        writer.text("},")
    }

    // MARK: Forecasting

    /// One quantile of forecasts of several series, each by the errors of its own.
    ///
    /// - Parameters:
    ///   - quantile: Its position among those of the model, which all series have.
    ///   - forecasts: [batch x horizon x targets].
    ///   - places: [batch], the series of each.
    func quantile(_ quantile: Int, of forecasts: [Double], at places: [Int]) -> [Double] {
        let size = forecasts.count / max(1, places.count)
        return places.indices.flatMap { position -> [Double] in
            let own = Array(forecasts[position * size..<(position + 1) * size])
            return panel.forecasters[places[position]].intervals?.quantile(quantile, of: own) ?? own
        }
    }
}
