// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The schemas of requests and answers, with the sizes and names of one model.
///
/// What a schema cannot say stands in its description: that columns are of one length, and times one step apart.
struct BodySchemas: Sendable {
    let series: ServedSeries

    private var lookback: JSONLiteral { JSONLiteral(series.shape.lookback) }

    /// From here on a number rounds to infinity in the 32 bits that models compute in.
    private static let tooLarge =
        Double(Float.greatestFiniteMagnitude) + Double(Float.greatestFiniteMagnitude.ulp) / 2

    /// A value of a history.
    private var number: JSONLiteral {
        [
            "type": series.takesGaps ? ["number", "null"] : "number", "exclusiveMinimum": JSONLiteral(-Self.tooLarge),
            "exclusiveMaximum": JSONLiteral(Self.tooLarge),
        ]
    }

    private func object(
        _ properties: [String: JSONLiteral],
        required: [String] = [],
        _ description: String? = nil
    ) -> JSONLiteral {
        var schema: [String: JSONLiteral] = ["type": "object", "properties": JSONLiteral(properties)]
        if !required.isEmpty { schema["required"] = JSONLiteral(required.map { JSONLiteral($0) }) }
        if let description { schema["description"] = JSONLiteral(description) }
        return JSONLiteral(schema)
    }

    private func list(_ items: JSONLiteral, least: JSONLiteral = 0, most: JSONLiteral? = nil) -> JSONLiteral {
        var schema: [String: JSONLiteral] = ["type": "array", "items": items, "minItems": least]
        if let most { schema["maxItems"] = most }
        return JSONLiteral(schema)
    }

    private func orNull(_ schema: JSONLiteral) -> JSONLiteral { ["anyOf": [schema, ["type": "null"]]] }

    private var time: JSONLiteral {
        [
            "type": ["string", "integer"],
            "description": "RFC 3339, such as 2026-11-21T03:00:00Z, or seconds since 1970; without a zone it is UTC.",
        ]
    }

    private var horizon: JSONLiteral {
        [
            "type": "integer", "minimum": 1, "maximum": JSONLiteral(series.shape.horizon),
            "description": "How many steps to forecast; all by default.",
        ]
    }

    /// The quantiles that may be asked for; nil where the model has none.
    private var quantiles: JSONLiteral? {
        series.intervals.map { intervals in
            [
                "type": ["array", "null"], "items": ["enum": JSONLiteral(intervals.quantiles.map { JSONLiteral($0) })],
                "uniqueItems": true,
                "description": "Which quantiles the answer has beside the forecast; none by default.",
            ]
        }
    }

    /// What a request may say of its answer.
    private var wishes: [String: JSONLiteral] {
        var wishes = ["horizon": horizon]
        wishes["quantiles"] = quantiles
        return wishes
    }

    /// The rows of a history, oldest first.
    private var rows: JSONLiteral {
        let columns = JSONLiteral(series.shape.channels)
        let rows = list(list(number, least: columns, most: columns), least: lookback)
        guard series.shape.channels == 1 else { return rows }
        return ["anyOf": [list(number, least: lookback), rows]]
    }

    // MARK: What is known of the rows to forecast

    private var isTold: Bool { series.shape.future > 0 }
    private var rowsAhead: JSONLiteral { JSONLiteral(series.shape.horizon) }

    /// The rows to forecast, without names.
    private var futureRows: JSONLiteral {
        let columns = JSONLiteral(series.shape.future)
        let rows = list(list(number, least: columns, most: columns), least: rowsAhead)
        guard series.shape.future == 1 else { return rows }
        return ["anyOf": [list(number, least: rowsAhead), rows]]
    }

    /// The rows to forecast as columns or as rows by name.
    ///
    /// - Parameter isFrame: Whether they are those of a data frame, which say which series they are of.
    private func futureTable(isFrame: Bool = false) -> JSONLiteral {
        var columns: [String: JSONLiteral] = [HistoryTable.timestamp: list(time, least: rowsAhead)]
        var cells: [String: JSONLiteral] = [HistoryTable.timestamp: time]
        let keys = isFrame ? groups?.cells ?? [:] : [:]
        if isFrame { cells[InvocationsBody.item] = ["type": ["string", "number"]] }
        for (name, schema) in keys.merging(series.futureColumns.map { ($0, number) }, uniquingKeysWith: { $1 }) {
            columns[name] = list(schema, least: rowsAhead)
            cells[name] = schema
        }
        let required = (isFrame ? groupBy : []) + series.futureColumns
        return [
            "description": "What is known of the rows to forecast: columns, or rows. The first rows are used.",
            "anyOf": [
                object(columns, required: required),
                list(object(cells, required: required), least: rowsAhead),
            ],
        ]
    }

    /// Members, with that of the future where the model needs it.
    private func told(
        _ properties: [String: JSONLiteral],
        _ schema: JSONLiteral,
        as name: String = FutureRows.name
    ) -> [String: JSONLiteral] {
        guard isTold else { return properties }
        var properties = properties
        properties[name] = schema
        return properties
    }

    private func told(_ required: [String]) -> [String] { isTold ? required + [FutureRows.name] : required }

    // MARK: Which series it is

    private var groups: SeriesSchemas? { series.groups.map { SeriesSchemas(groups: $0) } }
    private var groupBy: [String] { series.groups?.groupBy ?? [] }

    /// Members, with the one that names a series where the model has several.
    private func keyed(
        _ properties: [String: JSONLiteral],
        as name: String = ServedGroups.member
    ) -> [String: JSONLiteral] {
        guard let groups else { return properties }
        return properties.merging([name: groups.key]) { own, _ in own }
    }

    private func keyed(_ required: [String], as name: String = ServedGroups.member) -> [String] {
        groups == nil ? required : required + [name]
    }

    // MARK: Requests

    /// Almanac's own.
    var predict: JSONLiteral {
        let most = SeriesBatch.mostSeries
        return [
            "oneOf": [
                object(
                    keyed(told(asking("data", data), futureTable())),
                    required: keyed(told(["data"])),
                    "One series."
                ),
                object(
                    asking("series", list(object(named, required: keyed(told(["data"]))), least: 1)),
                    required: ["series"],
                    "Many series, at most \(most)."
                ),
            ]
        ]
    }

    /// A series among others.
    private var named: [String: JSONLiteral] {
        keyed(told(["name": ["type": ["string", "number"]], "data": data], futureTable()))
    }

    /// What is asked from, and what is asked of the answer.
    private func asking(_ name: String, _ schema: JSONLiteral) -> [String: JSONLiteral] {
        var properties = wishes
        properties[name] = schema
        return properties
    }

    private var data: JSONLiteral {
        var columns: [String: JSONLiteral] = [HistoryTable.timestamp: list(time, least: lookback)]
        var cells: [String: JSONLiteral] = [HistoryTable.timestamp: time]
        for name in series.columns {
            columns[name] = list(number, least: lookback)
            cells[name] = number
        }
        let required = series.columns + (series.usesTimes ? [HistoryTable.timestamp] : [])
        return [
            "description": "Columns of one length, or rows. The last rows are used; times must be one step apart.",
            "anyOf": [
                object(columns, required: required),
                list(object(cells, required: required), least: lookback),
            ],
        ]
    }

    /// KServe's time series.
    var timeSeries: JSONLiteral {
        let name = StepName.name(series.frequency)
        let steps = Set([name, series.frequency.description]).sorted().map { JSONLiteral($0) }
        let members: [String: JSONLiteral] = [
            "type": ["enum": ["univariate_time_series", "multivariate_time_series", nil]],
            "name": ["type": ["string", "null"]],
            "series": rows,
            "frequency": ["enum": JSONLiteral(steps + [nil])],
            "start_timestamp": [
                "type": series.usesTimes ? ["string", "integer"] : ["string", "integer", "null"],
                "format": "date-time",
                "description": "The time of the first row.",
            ],
        ]
        let required = told(series.usesTimes ? ["series", "start_timestamp"] : ["series"])
        let input = object(
            keyed(told(members, futureRows), as: ServedGroups.timeSeriesMember),
            required: keyed(required, as: ServedGroups.timeSeriesMember)
        )
        var horizon: [String: JSONLiteral] = [
            "type": ["integer", "null"], "minimum": 1, "maximum": JSONLiteral(series.shape.horizon),
        ]
        horizon["description"] = "How many steps to forecast; all by default."
        var options = ["horizon": JSONLiteral(horizon)]
        options["quantiles"] = quantiles
        return object(
            [
                "model": ["type": ["string", "null"], "description": "The model's name."],
                "inputs": list(input, least: 1),
                "options": orNull(object(options)),
            ],
            required: ["inputs"]
        )
    }

    /// MLflow.
    var invocations: JSONLiteral {
        var cells: [String: JSONLiteral] = [
            HistoryTable.timestamp: time, InvocationsBody.item: ["type": ["string", "number"]],
        ]
        var columns: [String: JSONLiteral] = [HistoryTable.timestamp: list(time, least: lookback)]
        for name in series.columns {
            cells[name] = number
            columns[name] = list(number, least: lookback)
        }
        for (name, schema) in groups?.cells ?? [:] {
            cells[name] = schema
            columns[name] = list(schema, least: lookback)
        }
        let required = groupBy + series.columns + (series.usesTimes ? [HistoryTable.timestamp] : [])
        let names = required.map { name -> JSONLiteral in ["contains": ["const": JSONLiteral(name)]] }
        let split = object(
            [
                "columns": ["type": "array", "items": ["type": ["string", "number"]], "allOf": JSONLiteral(names)],
                "data": list(["type": "array"], least: lookback),
            ],
            required: ["columns", "data"]
        )
        let kinds = InvocationsBody.kinds.map { kind -> JSONLiteral in ["required": [JSONLiteral(kind)]] }
        let members: [String: JSONLiteral] = [
            "dataframe_split": split,
            "dataframe_records": list(object(cells, required: required), least: lookback),
            "instances": instances,
            "inputs": ["anyOf": [instances, object(columns, required: required)]],
            "params": orNull(object(wishes)),
        ]
        return [
            "type": "object",
            "properties": JSONLiteral(told(members, futureTable(isFrame: true), as: InvocationsBody.known)),
            "oneOf": JSONLiteral(kinds),
        ]
    }

    private var instances: JSONLiteral {
        guard series.usesTimes || isTold || groups != nil else { return list(rows, least: 1) }
        var members = ["history": rows]
        // Other models take times too, which change nothing there.
        if series.usesTimes { members["end"] = time }
        let required = keyed(told(members.keys.sorted()))
        return list(object(keyed(told(members, futureRows)), required: required), least: 1)
    }

    /// KServe's V1.
    var v1: JSONLiteral { object(["instances": instances], required: ["instances"]) }

    /// The Open Inference Protocol v2.
    var v2: JSONLiteral {
        let shape = series.shape
        let columns = JSONLiteral(shape.channels)
        let history = tensor(
            InferenceV2.input,
            datatypes: InferenceV2.Datatype.allCases.map { JSONLiteral($0.rawValue) },
            inner: [["const": lookback], ["const": columns]],
            data: ["type": "array", "minItems": JSONLiteral(shape.lookback)],
            "[batch, \(shape.lookback), \(shape.channels)]; data may be flat or nested."
        )
        let end = tensor(
            HistoryEnd.name,
            datatypes: ["INT64", "BYTES"],
            inner: [],
            data: ["type": "array", "minItems": 1],
            "[batch]: the time of each history's last row."
        )
        var parameters = ["horizon": horizon]
        var outputs = [JSONLiteral(InferenceV2.output)]
        if let intervals = series.intervals, let quantiles {
            let all: JSONLiteral = [
                "type": "string", "const": JSONLiteral(intervals.quantileList),
                "description": "Some of these, with commas between.",
            ]
            parameters["quantiles"] = ["anyOf": [all, quantiles]]
            outputs.append(JSONLiteral(InferenceV2.quantiles))
        }
        let output = object(["name": ["enum": JSONLiteral(outputs)]], required: ["name"])
        let tensors = [history, end] + (isTold ? [futureTensor] : []) + groupBy.map(keyTensor)
        let least = 1 + (series.usesTimes ? 1 : 0) + (isTold ? 1 : 0) + groupBy.count
        return object(
            [
                "id": ["type": "string"],
                "inputs": list(
                    ["anyOf": JSONLiteral(tensors)],
                    least: JSONLiteral(least),
                    most: JSONLiteral(tensors.count)
                ),
                "outputs": orNull(list(output, most: 16)),
                "parameters": orNull(object(parameters)),
            ],
            required: ["inputs"]
        )
    }

    /// What is known of the rows to forecast, as a tensor.
    private var futureTensor: JSONLiteral {
        let (horizon, columns) = (series.shape.horizon, series.shape.future)
        return tensor(
            FutureRows.name,
            datatypes: InferenceV2.Datatype.allCases.map { JSONLiteral($0.rawValue) },
            inner: [["const": rowsAhead], ["const": JSONLiteral(columns)]],
            data: ["type": "array", "minItems": rowsAhead],
            "[batch, \(horizon), \(columns)]: what is known of the rows to forecast."
        )
    }

    /// The values of a grouping column, as a tensor.
    private func keyTensor(_ column: String) -> JSONLiteral {
        tensor(
            column,
            datatypes: ["BYTES"],
            inner: [],
            data: ["type": "array", "items": ["type": "string"], "minItems": 1],
            "[batch]: '\(column)' of each history's series."
        )
    }

    private func tensor(
        _ name: String,
        datatypes: [JSONLiteral],
        inner: [JSONLiteral],
        data: JSONLiteral,
        _ description: String
    ) -> JSONLiteral {
        let batch: JSONLiteral = ["type": "integer", "minimum": 1]
        let shape: JSONLiteral = ["type": "array", "prefixItems": JSONLiteral([batch] + inner), "minItems": 1]
        return object(
            [
                "name": ["const": JSONLiteral(name)], "datatype": ["enum": JSONLiteral(datatypes)],
                "shape": shape, "data": data, "parameters": ["type": ["object", "null"]],
            ],
            required: ["name", "datatype", "shape", "data"],
            description
        )
    }
}
