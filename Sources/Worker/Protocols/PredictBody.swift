// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The bodies of Almanac's own `/predict`: columns or rows by the names that the model was fitted with.
///
/// `{"data": {"timestamp": [...], "traffic": [...]}, "horizon": 6}` asks for one series, `{"series": [{"name": "noord",
/// "data": ...}, ...]}` for many. `data` may also be a list of rows, `[{"timestamp": ..., "traffic": ...}, ...]`. Values are
/// in original units. `quantiles` adds columns such as `traffic_0.1`. Times are optional unless the model needs them; where
/// they are there, the answer has times too.
struct PredictBody: Sendable {
    let series: ServedSeries

    private typealias Table = (name: String?, table: HistoryTable, field: String)

    /// Reads a request's body.
    func decode(_ body: [UInt8]) throws(WorkerError) -> SeriesBatch {
        var scanner = JSONScanner(body, takesGaps: series.takesGaps)
        var tables: [Table]?
        var horizon = series.shape.horizon
        var quantiles: [Int] = []
        try scanner.object("body") { (key, scanner) throws(WorkerError) in
            switch key {
            case "data", "series":
                guard tables == nil else {
                    throw .invalidBody(field: key, problem: "comes second; give either data or series, once")
                }
                tables = key == "series" ? try many(&scanner) : [(nil, try table("data", &scanner), "data")]
            case "horizon": horizon = try series.horizon("horizon", &scanner)
            case "quantiles": quantiles = try series.quantiles("quantiles", &scanner)
            default: try scanner.skip()
            }
        }
        try scanner.requireEnd()
        guard let tables else {
            throw .invalidBody(field: "data", problem: "is missing; must hold the columns or rows of a history")
        }
        var batch = try SeriesBatch(tables, horizon: horizon, series: series)
        try batch.ask(for: quantiles, shape: series.shape)
        return batch
    }

    private func table(_ field: String, _ scanner: inout JSONScanner) throws(WorkerError) -> HistoryTable {
        var table = HistoryTable(series)
        try table.read(field, &scanner)
        return table
    }

    private func many(_ scanner: inout JSONScanner) throws(WorkerError) -> [Table] {
        var tables: [Table] = []
        try scanner.array("series") { (position, scanner) throws(WorkerError) in
            guard position < SeriesBatch.mostSeries else {
                throw .invalidBody(field: "series", problem: "holds more than \(SeriesBatch.mostSeries) series")
            }
            tables.append(try one("series[\(position)]", &scanner))
        }
        guard !tables.isEmpty else { throw .invalidBody(field: "series", problem: "is empty; must hold a series") }
        return tables
    }

    private func one(_ field: String, _ scanner: inout JSONScanner) throws(WorkerError) -> Table {
        var name: String?
        var table: HistoryTable?
        try scanner.object(field) { (key, scanner) throws(WorkerError) in
            switch key {
            case "name": name = try scanner.name("\(field).name")
            case "data":
                guard table == nil else { throw .invalidBody(field: "\(field).data", problem: "is there twice") }
                table = try self.table("\(field).data", &scanner)
            default: try scanner.skip()
            }
        }
        guard let table else { throw .invalidBody(field: "\(field).data", problem: "is missing") }
        return (name, table, "\(field).data")
    }

    /// Writes an answer: `forecasts` is [batch x horizon x targets].
    func encode(
        _ forecasts: [Double],
        for request: SeriesBatch,
        model: String,
        version: String
    ) throws(WorkerError) -> [UInt8] {
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
