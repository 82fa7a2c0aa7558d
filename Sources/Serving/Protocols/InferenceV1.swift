// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The bodies of KServe's V1 protocol: `{"instances": [...]}` and `{"predictions": [...]}`.
///
/// An instance is a list of rows, `[[c1, c2], ...]`, or with one column a list of numbers. Its last `lookback` rows are
/// used. Where forecasts depend on when they are made, an instance is an object of these rows and of the time of the last
/// one: `{"history": [[c1, c2], ...], "end": "2026-11-21T03:00:00Z"}`; other models take that form too. The prediction of
/// one target is a list of numbers, of several a list of rows. What must be known of the rows to forecast stands in the object
/// too, `"future": [[f1, f2], ...]`, a row for each step, and so does the series where a model has several,
/// `"series": {"store": "north"}`.
struct InferenceV1: Sendable {
    private static let history = "history"

    let shape: WindowShape
    /// Whether each instance must have a time.
    var needsTimes = false
    /// Whether values may be missing: `null`.
    var takesGaps = false
    /// The columns that must be known for the rows to forecast.
    var futureColumns: [String] = []
    /// The series that each instance must choose from; nil where there is but one.
    var groups: ServedGroups?

    private var future: FutureRows { FutureRows(shape, columns: futureColumns) }

    /// Reads a request's body.
    func decode(_ body: [UInt8]) throws(ServingError) -> HistoryBatch {
        var scanner = JSONScanner(body, takesGaps: takesGaps)
        var batch: HistoryBatch?
        try scanner.object("body") { (key, scanner) throws(ServingError) in
            guard key == "instances" || key == "inputs" else { return try scanner.skip() }
            guard batch == nil else {
                throw .invalidBody(field: key, problem: "is a second list; give either instances or inputs, once")
            }
            batch = try instances(key, &scanner)
        }
        try scanner.requireEnd()
        guard let batch else {
            throw .invalidBody(field: "instances", problem: "is missing; must be a list of histories")
        }
        return batch
    }

    /// Writes an answer: `forecasts` is [batch x horizon x targets].
    func encode(_ forecasts: [Double], batch: Int) throws(ServingError) -> [UInt8] {
        var writer = JSONWriter(numbers: forecasts.count)
        writer.text("{\"predictions\":")
        let inner = shape.targets == 1 ? [shape.horizon] : [shape.horizon, shape.targets]
        try writer.numbers(forecasts, shape: [batch] + inner)
        writer.text("}")
        return writer.bytes
    }

    /// Reads a list of histories.
    func instances(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) -> HistoryBatch {
        var batch = HistoryBatch(values: [], batch: 0)
        batch.values.reserveCapacity(shape.inputCount)
        let count = try scanner.array(field) { (position, scanner) throws(ServingError) in
            let place = "\(field)[\(position)]"
            guard scanner.peek() == UInt8(ascii: "{") else {
                try requireNoTime(place)
                if future.isNeeded { throw future.missing("\(place).\(FutureRows.name)") }
                if let groups { throw groups.missing("\(place).\(ServedGroups.member)") }
                try RowsReader(shape: shape).read(place, &scanner, into: &batch.values)
                return
            }
            if let end = try object(place, &scanner, into: &batch) {
                batch.ends.append(end)
            } else {
                try requireNoTime(place)
            }
        }
        guard count > 0 else { throw .invalidBody(field: field, problem: "is empty; must hold at least one history") }
        try HistoryBatch.requireFits(batch: count, shape: shape, field: field)
        batch.batch = count
        if batch.ends.count != count { batch.ends = [] }
        return batch
    }

    private func requireNoTime(_ field: String) throws(ServingError) {
        guard needsTimes else { return }
        throw .invalidBody(
            field: field,
            problem: "has no time, which this model needs: send {\"\(Self.history)\": [...], \"\(HistoryEnd.name)\": "
                + "\"2026-11-21T03:00:00Z\"} with the time of the last row"
        )
    }

    /// Reads `{"history": rows, "end": time, "future": rows, "series": key}`; returns the time where there is one.
    private func object(
        _ field: String,
        _ scanner: inout JSONScanner,
        into batch: inout HistoryBatch
    ) throws(ServingError) -> Int64? {
        var end: Int64?
        var series: Int?
        var hasRows = false
        var hasFuture = false
        try scanner.object(field) { (key, scanner) throws(ServingError) in
            let place = "\(field).\(key.prefix(40))"
            switch key {
            case Self.history:
                guard !hasRows else { throw .invalidBody(field: place, problem: "is there twice") }
                hasRows = true
                try RowsReader(shape: shape).read(place, &scanner, into: &batch.values)
            case FutureRows.name where future.isNeeded:
                guard !hasFuture else { throw .invalidBody(field: place, problem: "is there twice") }
                hasFuture = true
                try future.read(place, &scanner, into: &batch.future)
            case ServedGroups.member:
                guard series == nil else { throw .invalidBody(field: place, problem: "is there twice") }
                series = try ServedGroups.read(place, &scanner, of: groups)
            case HistoryEnd.name: end = try HistoryEnd.scan(place, &scanner)
            default: try scanner.skip()
            }
        }
        guard hasRows else {
            throw .invalidBody(field: "\(field).\(Self.history)", problem: "is missing; must hold the rows")
        }
        guard hasFuture || !future.isNeeded else { throw future.missing("\(field).\(FutureRows.name)") }
        if let groups {
            guard let series else { throw groups.missing("\(field).\(ServedGroups.member)") }
            batch.series.append(series)
        }
        return end
    }
}
