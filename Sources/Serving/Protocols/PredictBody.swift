// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The bodies of Almanac's own `/predict`: columns or rows by the names that the model was fitted with.
///
/// `{"data": {"timestamp": [...], "traffic": [...]}, "horizon": 6}` asks for one series, `{"series": [{"name": "noord",
/// "data": ...}, ...]}` for many. `data` may also be a list of rows, `[{"timestamp": ..., "traffic": ...}, ...]`. Values are
/// in original units. `quantiles` adds columns such as `traffic_0.1`. Times are optional unless the model needs them; where
/// they are there, the answer has times too. A model with future covariates needs `future` beside each `data`: these columns
/// in the rows that follow, and a model of several series which of them it is: `"series": {"store": "north"}` beside `data`, and
/// in each of many.
struct PredictBody: Sendable {
    let series: ServedSeries

    /// What is known of a series, or of the only one.
    private struct Parts {
        var name: String?
        var place: Int?
        var history: HistoryTable?
        var future: HistoryTable?
    }

    /// Reads a request's body.
    func decode(_ body: [UInt8]) throws(ServingError) -> SeriesBatch {
        var scanner = JSONScanner(body, takesGaps: series.takesGaps)
        var one = Parts()
        var many: [SeriesBatch.Rows]?
        var horizon = series.shape.horizon
        var quantiles: [Int] = []
        try scanner.object("body") { (key, scanner) throws(ServingError) in
            switch key {
            case ServedGroups.member where scanner.peek() == UInt8(ascii: "{"):
                try readPlace(key, &scanner, into: &one)
            case "data", "series":
                guard one.history == nil, many == nil else {
                    throw .invalidBody(field: key, problem: "comes second; give either data or series, once")
                }
                if key == "series" {
                    many = try self.many(&scanner)
                } else {
                    one.history = try table("data", series, &scanner)
                }
            case FutureRows.name: try readFuture(key, &scanner, into: &one)
            case "horizon": horizon = try series.horizon("horizon", &scanner)
            case "quantiles": quantiles = try series.quantiles("quantiles", &scanner)
            default: try scanner.skip()
            }
        }
        try scanner.requireEnd()
        guard many == nil || one.future == nil else {
            throw .invalidBody(field: FutureRows.name, problem: "goes with data; of series each one has its own")
        }
        guard many == nil || one.place == nil else {
            throw .invalidBody(field: ServedGroups.member, problem: "is there twice")
        }
        if let history = one.history { many = [try rows(one, history, place: "")] }
        guard let many else {
            throw .invalidBody(field: "data", problem: "is missing; must hold the columns or rows of a history")
        }
        var batch = try SeriesBatch(many, horizon: horizon, series: series)
        try batch.ask(for: quantiles, shape: series.shape)
        return batch
    }

    private func rows(
        _ parts: Parts,
        _ history: HistoryTable,
        place: String
    ) throws(ServingError) -> SeriesBatch.Rows {
        if let groups = series.groups, parts.place == nil { throw groups.missing(place + ServedGroups.member) }
        return SeriesBatch.Rows(
            name: parts.name,
            place: parts.place,
            history: history,
            field: "\(place)data",
            future: parts.future,
            futureField: place + FutureRows.name
        )
    }

    private func readPlace(
        _ field: String,
        _ scanner: inout JSONScanner,
        into parts: inout Parts
    ) throws(ServingError) {
        guard parts.place == nil else { throw .invalidBody(field: field, problem: "is there twice") }
        parts.place = try ServedGroups.read(field, &scanner, of: series.groups)
    }

    private func readFuture(
        _ field: String,
        _ scanner: inout JSONScanner,
        into parts: inout Parts
    ) throws(ServingError) {
        // A model that needs nothing of it passes it over, as all that it does not know.
        guard let ahead = series.ahead else { return try scanner.skip() }
        guard parts.future == nil else { throw .invalidBody(field: field, problem: "is there twice") }
        parts.future = try table(field, ahead, &scanner)
    }

    private func table(
        _ field: String,
        _ series: ServedSeries,
        _ scanner: inout JSONScanner
    ) throws(ServingError) -> HistoryTable {
        var table = HistoryTable(series)
        try table.read(field, &scanner)
        return table
    }

    private func many(_ scanner: inout JSONScanner) throws(ServingError) -> [SeriesBatch.Rows] {
        var tables: [SeriesBatch.Rows] = []
        try scanner.array("series") { (position, scanner) throws(ServingError) in
            guard position < SeriesBatch.mostSeries else {
                throw .invalidBody(field: "series", problem: "holds more than \(SeriesBatch.mostSeries) series")
            }
            tables.append(try one("series[\(position)]", &scanner))
        }
        guard !tables.isEmpty else { throw .invalidBody(field: "series", problem: "is empty; must hold a series") }
        return tables
    }

    private func one(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) -> SeriesBatch.Rows {
        var parts = Parts()
        try scanner.object(field) { (key, scanner) throws(ServingError) in
            switch key {
            case "name": parts.name = try scanner.name("\(field).name")
            case ServedGroups.member: try readPlace("\(field).\(key)", &scanner, into: &parts)
            case "data":
                guard parts.history == nil else {
                    throw .invalidBody(field: "\(field).data", problem: "is there twice")
                }
                parts.history = try table("\(field).data", series, &scanner)
            case FutureRows.name: try readFuture("\(field).\(key)", &scanner, into: &parts)
            default: try scanner.skip()
            }
        }
        guard let history = parts.history else {
            throw .invalidBody(field: "\(field).data", problem: "is missing")
        }
        return try rows(parts, history, place: "\(field).")
    }

    /// Writes an answer: `forecasts` is [batch x horizon x targets].
    func encode(
        _ forecasts: [Double],
        for request: SeriesBatch,
        model: String,
        version: String
    ) throws(ServingError) -> [UInt8] {
        let columns = ForecastColumns(forecasts, of: request, series)
        let numbers = request.history.batch * request.horizon * series.shape.targets
        var writer = JSONWriter(numbers: numbers * columns.copies)
        writer.text("{\"model\":")
        writer.string(model)
        writer.text(",\"version\":")
        writer.string(version)
        writer.text(",\"frequency\":\"\(series.frequency)\",\"forecasts\":[")
        for position in 0..<request.history.batch {
            writer.text(position == 0 ? "{" : ",{")
            series.groups?.write(ServedGroups.member, of: request.history.series[position], &writer)
            if let name = request.names[position] {
                writer.text("\"name\":")
                writer.string(name)
                writer.text(",")
            }
            writer.text("\"data\":{")
            let times = request.times(of: position, series.frequency)
            if !times.isEmpty {
                writer.text("\"\(HistoryTable.timestamp)\":[\"" + times.joined(separator: "\",\"") + "\"],")
            }
            try columns.writeLists(of: position, &writer)
            writer.text("}}")
        }
        writer.text("]}")
        return writer.bytes
    }
}
