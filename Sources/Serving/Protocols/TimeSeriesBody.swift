// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The bodies of KServe's `/v1/timeseries/forecast`.
///
/// Of a request only `inputs` with their `series` are required; whatever KServe calls optional may be left out or null. A
/// `series` is a list of numbers, or of rows where the model has several columns. KServe has no place for what is known of the
/// rows to forecast: an input of a model that needs it has a further member `future`, rows as those of `series`. Nor has it one
/// for which series it is, as a model of several needs to know: `"series_id": {"store": "north"}`.
struct TimeSeriesBody: Sendable {
    /// A request as it was understood.
    struct Request: Sendable, Equatable {
        /// The series.
        var batch: SeriesBatch
        /// The step of each input as it was written.
        var steps: [String]
    }

    /// What makes an answer unlike all others.
    struct Mark: Sendable {
        /// The answer's identifier.
        let id: String
        /// When it was made, in seconds since 1970.
        let created: Int64
    }

    private struct Input {
        var name: String?
        var step: String?
        var start: Int64?
        var rows: Int?
        var end: Int64?
        var place: Int?
        var hasFuture = false
    }

    /// The numbers of all inputs.
    private struct Values {
        var history: [Double] = []
        var future: [Double] = []
    }

    private static let univariate = "univariate_time_series"
    private static let multivariate = "multivariate_time_series"

    let series: ServedSeries

    private var shape: WindowShape { series.shape }
    private var output: String { shape.targets == 1 ? Self.univariate : Self.multivariate }

    // MARK: Requests

    /// The model that a body names; nil where it names none. What else the body means depends on the model.
    static func model(in body: [UInt8]) throws(ServingError) -> String? {
        var scanner = JSONScanner(body)
        var model: String?
        try scanner.object("body") { (key, scanner) throws(ServingError) in
            guard key == "model" else { return try scanner.skip() }
            model = scanner.takeNull() ? nil : try scanner.string("model")
        }
        return model
    }

    /// Reads a request's body.
    func decode(_ body: [UInt8]) throws(ServingError) -> Request {
        var scanner = JSONScanner(body, takesGaps: series.takesGaps)
        var horizon = shape.horizon
        var quantiles: [Int] = []
        var inputs: [Input]?
        var values = Values()
        try scanner.object("body") { (key, scanner) throws(ServingError) in
            switch key {
            case "inputs":
                guard inputs == nil else { throw .invalidBody(field: "inputs", problem: "is there twice") }
                inputs = try self.inputs(&scanner, into: &values)
            case "options": (horizon, quantiles) = try options(&scanner)
            default: try scanner.skip()
            }
        }
        try scanner.requireEnd()
        guard let inputs, !inputs.isEmpty else {
            let found = inputs == nil ? "is missing" : "is empty"
            throw .invalidBody(field: "inputs", problem: "\(found); must be a list of time series")
        }
        try HistoryBatch.requireFits(batch: inputs.count, shape: shape, field: "inputs")
        let ends = inputs.compactMap(\.end)
        let history = HistoryBatch(
            values: values.history,
            batch: inputs.count,
            ends: ends.count == inputs.count ? ends : [],
            future: values.future,
            series: inputs.compactMap(\.place)
        )
        var batch = SeriesBatch(names: inputs.map(\.name), ends: inputs.map(\.end), history: history, horizon: horizon)
        try batch.ask(for: quantiles, shape: shape)
        let own = StepName.name(series.frequency)
        return Request(batch: batch, steps: inputs.map { $0.step ?? own })
    }

    private func options(
        _ scanner: inout JSONScanner
    ) throws(ServingError) -> (horizon: Int, quantiles: [Int]) {
        var horizon = shape.horizon
        var quantiles: [Int] = []
        if scanner.takeNull() { return (horizon, quantiles) }
        try scanner.object("options") { (key, scanner) throws(ServingError) in
            switch key {
            case "horizon":
                if !scanner.takeNull() { horizon = try series.horizon("options.horizon", &scanner) }
            case "quantiles": quantiles = try series.quantiles("options.quantiles", &scanner)
            default: try scanner.skip()
            }
        }
        return (horizon, quantiles)
    }

    private func inputs(_ scanner: inout JSONScanner, into values: inout Values) throws(ServingError) -> [Input] {
        var inputs: [Input] = []
        try scanner.array("inputs") { (position, scanner) throws(ServingError) in
            guard position < SeriesBatch.mostSeries else {
                throw .invalidBody(field: "inputs", problem: "holds more than \(SeriesBatch.mostSeries) series")
            }
            inputs.append(try input("inputs[\(position)]", &scanner, into: &values))
        }
        return inputs
    }

    private func input(
        _ field: String,
        _ scanner: inout JSONScanner,
        into values: inout Values
    ) throws(ServingError) -> Input {
        var input = Input()
        try scanner.object(field) { (key, scanner) throws(ServingError) in
            let place = "\(field).\(key.prefix(40))"
            switch key {
            case "type": try checkType(place, &scanner)
            case "name": if !scanner.takeNull() { input.name = try scanner.string(place) }
            case "frequency": if !scanner.takeNull() { input.step = try step(place, &scanner) }
            case "start_timestamp":
                if !scanner.takeNull() { input.start = try HistoryEnd.scanOfRow(place, &scanner) }
            case "series":
                guard input.rows == nil else { throw .invalidBody(field: place, problem: "is there twice") }
                input.rows = try RowsReader(shape: shape).read(place, &scanner, into: &values.history)
            case ServedGroups.timeSeriesMember:
                guard input.place == nil else { throw .invalidBody(field: place, problem: "is there twice") }
                input.place = try ServedGroups.read(place, &scanner, of: series.groups)
            case FutureRows.name where series.future.isNeeded:
                guard !input.hasFuture else { throw .invalidBody(field: place, problem: "is there twice") }
                input.hasFuture = true
                try series.future.read(place, &scanner, into: &values.future)
            default: try scanner.skip()
            }
        }
        guard let rows = input.rows else {
            throw .invalidBody(field: "\(field).series", problem: "is missing; must hold the rows")
        }
        guard input.hasFuture || !series.future.isNeeded else {
            throw series.future.missing("\(field).\(FutureRows.name)")
        }
        if let groups = series.groups, input.place == nil {
            throw groups.missing("\(field).\(ServedGroups.timeSeriesMember)")
        }
        input.end = try end(field, start: input.start, rows: rows)
        return input
    }

    private func checkType(_ place: String, _ scanner: inout JSONScanner) throws(ServingError) {
        if scanner.takeNull() { return }
        let type = try scanner.string(place)
        guard type == Self.univariate || type == Self.multivariate else {
            throw .invalidBody(
                field: place,
                problem: "is '\(type.prefix(60))'; must be \(Self.univariate) or \(Self.multivariate)"
            )
        }
    }

    private func step(_ place: String, _ scanner: inout JSONScanner) throws(ServingError) -> String {
        let text = try scanner.string(place)
        guard StepName.step(text) == series.frequency.step else {
            throw .invalidBody(
                field: place,
                problem: "is '\(text.prefix(40))'; the model's rows are '\(StepName.name(series.frequency))' apart"
            )
        }
        return text
    }

    /// The time of the last row of a series that starts at `start`.
    private func end(_ field: String, start: Int64?, rows: Int) throws(ServingError) -> Int64? {
        guard let start else {
            guard !series.usesTimes else {
                throw .invalidBody(
                    field: "\(field).start_timestamp",
                    problem: "is missing; this model needs the time of the first row"
                )
            }
            return nil
        }
        guard
            let end = series.frequency.instant(rows - 1, after: start),
            series.frequency.instant(shape.horizon, after: end) != nil
        else {
            throw .invalidBody(
                field: "\(field).start_timestamp",
                problem: "or the series or its forecast is outside of the years 1 to 9999"
            )
        }
        return end
    }

    // MARK: Answers

    /// Writes an answer: `forecasts` is [batch x horizon x targets].
    func encode(
        _ forecasts: [Double],
        for request: Request,
        model: String,
        version: String,
        mark: Mark
    ) throws(ServingError) -> [UInt8] {
        let batch = request.batch
        let quantiles = series.quantiles(batch.quantiles, of: forecasts, at: batch.history.series)
        let copies = 1 + quantiles.count
        var writer = JSONWriter(numbers: batch.history.batch * batch.horizon * shape.targets * copies)
        writer.text(
            "{\"id\":\"\(mark.id)\",\"created_at\":\(mark.created),\"status\":\"completed\",\"error\":null,\"model\":"
        )
        writer.string(model)
        writer.text(",\"model_version\":")
        writer.string(version)
        writer.text(
            ",\"outputs\":[{\"type\":\"time_series_forecast\",\"id\":\"\(mark.id)-0\",\"status\":\"completed\","
        )
        writer.text("\"error\":null,\"content\":[")
        let inner = shape.targets == 1 ? [batch.horizon] : [batch.horizon, shape.targets]
        for position in 0..<batch.history.batch {
            writer.text("\(position == 0 ? "" : ","){")
            series.groups?.write(ServedGroups.timeSeriesMember, of: batch.history.series[position], &writer)
            writer.text("\"type\":\"\(output)\",\"name\":")
            writer.string(batch.names[position] ?? series.targets.joined(separator: ","))
            writer.text(",\"mean_forecast\":")
            let first = position * shape.outputCount
            let cells = first..<first + batch.horizon * shape.targets
            try writer.numbers(Array(forecasts[cells]), shape: inner)
            writer.text(",\"frequency\":")
            writer.string(request.steps[position])
            // KServe's own types want a text here, also where nobody knows when the series began.
            let start = batch.ends[position].flatMap { series.frequency.instant(1, after: $0) }
            writer.text(",\"start_timestamp\":\"\(start.map { UTCTime(seconds: $0).description } ?? "")\"")
            writer.text(",\"quantiles\":")
            for (index, quantile) in quantiles.enumerated() {
                writer.text("\(index == 0 ? "{" : ",")\"\(quantile.probability)\":")
                try writer.numbers(Array(quantile.values[cells]), shape: inner)
            }
            writer.text(quantiles.isEmpty ? "null}" : "}}")
        }
        writer.text("]}],\"usage\":null}")
        return writer.bytes
    }
}
