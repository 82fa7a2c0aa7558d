// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The bodies of MLflow's `/invocations`: exactly one of `dataframe_split`, `dataframe_records`, `instances` and `inputs`.
///
/// A data frame holds the rows of a history by column name, with a column `timestamp` where there are times, and a column
/// `item_id` where there are several series in it; of a model of several series it has the grouping columns. It is answered with a row for each step. `instances`, and `inputs` as a
/// list, hold histories as in KServe's V1 and are answered as there; `inputs` as an object holds columns. `params.horizon`
/// asks for fewer steps; `params.quantiles` adds columns such as `traffic_0.1`, and then histories are
/// answered with columns by name too. What must be known of the rows to forecast stands beside a data frame in
/// `known_covariates`, AutoGluon's name for it, as records or as columns; in `instances` it stands in each.
struct InvocationsBody: Sendable {
    /// The column that says which series a row belongs to.
    static let item = "item_id"
    /// The member with what is known of the rows behind a data frame.
    static let known = "known_covariates"
    /// The members of which there must be exactly one.
    static let kinds = ["dataframe_split", "dataframe_records", "instances", "inputs"]

    /// A request as it was understood.
    struct Request: Sendable, Equatable {
        /// Whether it is answered with rows, as data frames are, or with nested lists.
        var isFrame: Bool
        /// The series.
        var batch: SeriesBatch
    }

    private enum Content {
        case frame(SeriesTables)
        case histories(HistoryBatch)
    }

    let series: ServedSeries

    // MARK: Requests

    /// Reads a request's body.
    func decode(_ body: [UInt8]) throws(ServingError) -> Request {
        var scanner = JSONScanner(body, takesGaps: series.takesGaps)
        var content: Content?
        var known: SeriesTables?
        var (horizon, quantiles) = (series.shape.horizon, [Int]())
        try scanner.object("body") { (key, scanner) throws(ServingError) in
            if key == "params" {
                (horizon, quantiles) = try params(&scanner)
                return
            }
            if key == Self.known, let ahead = series.ahead {
                guard known == nil else { throw .invalidBody(field: key, problem: "is there twice") }
                return known = try frame(key, of: ahead, &scanner)
            }
            guard Self.kinds.contains(key) else { return try scanner.skip() }
            guard content == nil else {
                throw .invalidBody(
                    field: key,
                    problem: "comes second; give exactly one of \(Self.kinds.joined(separator: ", "))"
                )
            }
            content = try self.content(key, &scanner)
        }
        try scanner.requireEnd()
        switch content {
        case nil:
            let kinds = Self.kinds.joined(separator: ", ")
            throw .invalidBody(field: "body", problem: "must hold exactly one of \(kinds)")
        case .frame(let tables):
            var batch = try tables.batch(horizon: horizon, future: known, futureField: Self.known)
            try batch.ask(for: quantiles, shape: series.shape)
            return Request(isFrame: true, batch: batch)
        case .histories(let history):
            guard known == nil else {
                throw .invalidBody(
                    field: Self.known,
                    problem: "goes with data frames; of histories each one has its own '\(FutureRows.name)'"
                )
            }
            var batch = SeriesBatch(
                names: [String?](repeating: nil, count: history.batch),
                ends: history.ends.isEmpty ? [Int64?](repeating: nil, count: history.batch) : history.ends,
                history: history,
                horizon: horizon
            )
            try batch.ask(for: quantiles, shape: series.shape)
            return Request(isFrame: false, batch: batch)
        }
    }

    private func params(_ scanner: inout JSONScanner) throws(ServingError) -> (horizon: Int, quantiles: [Int]) {
        var (horizon, quantiles) = (series.shape.horizon, [Int]())
        if scanner.takeNull() { return (horizon, quantiles) }
        try scanner.object("params") { (key, scanner) throws(ServingError) in
            switch key {
            case "horizon": horizon = try series.horizon("params.horizon", &scanner)
            case "quantiles": quantiles = try series.quantiles("params.quantiles", &scanner)
            default: try scanner.skip()
            }
        }
        return (horizon, quantiles)
    }

    private func content(_ key: String, _ scanner: inout JSONScanner) throws(ServingError) -> Content {
        switch key {
        case "dataframe_split": return .frame(try split(&scanner))
        case "dataframe_records": return .frame(try records(key, of: series, &scanner))
        case "inputs" where scanner.peek() == UInt8(ascii: "{"):
            return .frame(try frame(key, of: series, &scanner))
        default:
            let reader = InferenceV1(
                shape: series.shape,
                needsTimes: series.usesTimes,
                takesGaps: series.takesGaps,
                futureColumns: series.futureColumns,
                groups: series.groups
            )
            return .histories(try reader.instances(key, &scanner))
        }
    }

    /// Reads columns, or records.
    private func frame(
        _ field: String,
        of series: ServedSeries,
        _ scanner: inout JSONScanner
    ) throws(ServingError) -> SeriesTables {
        guard scanner.peek() == UInt8(ascii: "{") else { return try records(field, of: series, &scanner) }
        var columns = ColumnsReader(series, isFrame: true)
        try columns.read(field, &scanner)
        return try SeriesTables(series, columns, field: field)
    }

    private func records(
        _ field: String,
        of series: ServedSeries,
        _ scanner: inout JSONScanner
    ) throws(ServingError) -> SeriesTables {
        var tables = SeriesTables(series, field: field)
        var reader = HistoryTable.RowReader(series, isFrame: true)
        try scanner.array(field) { (position, scanner) throws(ServingError) in
            let place = "\(field)[\(position)]"
            try reader.readObject(place, &scanner)
            try tables.append(reader, place)
        }
        return tables
    }

    /// Reads `{"columns": [...], "data": [[...], ...]}`, whose members may come in any order.
    private func split(_ scanner: inout JSONScanner) throws(ServingError) -> SeriesTables {
        let field = "dataframe_split"
        var roles: [HistoryTable.Role]?
        var data: JSONScanner?
        try scanner.object(field) { (key, scanner) throws(ServingError) in
            switch key {
            case "columns":
                guard roles == nil else { throw .invalidBody(field: "\(field).columns", problem: "is there twice") }
                roles = try self.roles("\(field).columns", &scanner)
            case "data":
                guard data == nil else { throw .invalidBody(field: "\(field).data", problem: "is there twice") }
                // What the cells mean may be said only behind them.
                data = scanner
                try scanner.skip()
            default: try scanner.skip()
            }
        }
        guard let roles else { throw .invalidBody(field: "\(field).columns", problem: "is missing") }
        guard var data else { throw .invalidBody(field: "\(field).data", problem: "is missing") }
        var tables = SeriesTables(series, field: "\(field).data")
        var reader = HistoryTable.RowReader(series, isFrame: true)
        try data.array("\(field).data") { (position, scanner) throws(ServingError) in
            let place = "\(field).data[\(position)]"
            try reader.readList(place, roles: roles, &scanner)
            try tables.append(reader, place)
        }
        return tables
    }

    private func roles(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) -> [HistoryTable.Role] {
        let reader = HistoryTable.RowReader(series, isFrame: true)
        var roles: [HistoryTable.Role] = []
        try scanner.array(field) { (position, scanner) throws(ServingError) in
            let name = try scanner.name("\(field)[\(position)]")
            roles.append(reader.role(of: name))
        }
        try reader.requireAll(roles, field)
        return roles
    }

    // MARK: Answers

    /// Writes an answer: `forecasts` is [batch x horizon x targets].
    func encode(_ forecasts: [Double], for request: Request) throws(ServingError) -> [UInt8] {
        let (batch, targets) = (request.batch, series.shape.targets)
        let columns = ForecastColumns(forecasts, of: batch, series)
        var writer = JSONWriter(numbers: batch.history.batch * batch.horizon * targets * columns.copies)
        writer.text("{\"predictions\":[")
        for position in 0..<batch.history.batch {
            if position > 0 { writer.text(",") }
            if request.isFrame {
                try writeRows(columns, batch, position, &writer)
            } else if columns.copies > 1 {
                writer.text("{")
                try columns.writeLists(of: position, &writer)
                writer.text("}")
            } else {
                let first = position * series.shape.outputCount
                let shape = targets == 1 ? [batch.horizon] : [batch.horizon, targets]
                try writer.numbers(Array(forecasts[first..<first + batch.horizon * targets]), shape: shape)
            }
        }
        writer.text("]}")
        return writer.bytes
    }

    private func writeRows(
        _ columns: ForecastColumns,
        _ batch: SeriesBatch,
        _ position: Int,
        _ writer: inout JSONWriter
    ) throws(ServingError) {
        let times = batch.times(of: position, series.frequency)
        for step in 0..<batch.horizon {
            writer.text(step == 0 ? "{" : ",{")
            if let groups = series.groups {
                groups.writeMembers(of: batch.history.series[position], &writer)
                writer.text(",")
            }
            if let name = batch.names[position] {
                writer.text("\"\(Self.item)\":")
                writer.string(name)
                writer.text(",")
            }
            if !times.isEmpty { writer.text("\"\(HistoryTable.timestamp)\":\"\(times[step])\",") }
            try columns.writeCells(of: position, step: step, &writer)
            writer.text("}")
        }
    }
}
