// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// The schemas of answers, with the sizes and names of one model.
struct AnswerSchemas: Sendable {
    let series: ServedSeries

    private static let numbers: JSONLiteral = ["type": "array", "items": ["type": "number"]]
    private static let text: JSONLiteral = ["type": "string"]

    /// An object whose members are all there.
    private static func object(_ properties: [String: JSONLiteral], optional: [String] = []) -> JSONLiteral {
        let required = properties.keys.filter { !optional.contains($0) }.sorted()
        return [
            "type": "object", "properties": JSONLiteral(properties),
            "required": JSONLiteral(required.map { JSONLiteral($0) }),
        ]
    }

    private static func list(_ items: JSONLiteral) -> JSONLiteral { ["type": "array", "items": items] }

    /// A forecast: numbers, or rows of several targets.
    private var forecast: JSONLiteral { series.shape.targets == 1 ? Self.numbers : Self.list(Self.numbers) }

    /// The columns that are there when quantiles are asked for.
    private var quantileColumns: [String] {
        let quantiles = series.intervals?.quantiles ?? []
        return series.targets.flatMap { target in quantiles.map { IntervalsSpec.column(target, quantile: $0) } }
    }

    private var groups: SeriesSchemas? { series.groups.map { SeriesSchemas(groups: $0) } }

    /// Members, with the one that repeats the series where the model has several.
    private func keyed(_ properties: [String: JSONLiteral], as name: String) -> [String: JSONLiteral] {
        guard let groups else { return properties }
        return properties.merging([name: Self.object(groups.texts)]) { own, _ in own }
    }

    /// Almanac's own.
    var predict: JSONLiteral {
        var columns: [String: JSONLiteral] = [HistoryTable.timestamp: Self.list(Self.text)]
        for name in series.targets { columns[name] = Self.numbers }
        for name in quantileColumns { columns[name] = Self.numbers }
        let data = Self.object(columns, optional: [HistoryTable.timestamp] + quantileColumns)
        let forecast = keyed(["name": Self.text, "data": data], as: ServedGroups.member)
        return Self.object([
            "model": Self.text, "version": Self.text, "frequency": Self.text,
            "forecasts": Self.list(Self.object(forecast, optional: ["name"])),
        ])
    }

    /// KServe's time series.
    var timeSeries: JSONLiteral {
        let quantiles = (series.intervals?.quantiles ?? []).map { ("\($0)", forecast) }
        let found: JSONLiteral = [
            "type": ["object", "null"], "properties": JSONLiteral(Dictionary(quantiles) { first, _ in first }),
        ]
        let members: [String: JSONLiteral] = [
            "type": Self.text, "name": Self.text, "mean_forecast": forecast, "frequency": Self.text,
            "start_timestamp": Self.text, "quantiles": found,
        ]
        let content = Self.object(keyed(members, as: ServedGroups.timeSeriesMember))
        let output = Self.object([
            "type": Self.text, "id": Self.text, "status": Self.text, "error": ["type": "null"],
            "content": Self.list(content),
        ])
        return Self.object([
            "id": Self.text, "created_at": ["type": "integer"], "status": Self.text, "error": ["type": "null"],
            "model": Self.text, "model_version": Self.text, "outputs": Self.list(output), "usage": ["type": "null"],
        ])
    }

    /// MLflow.
    var invocations: JSONLiteral {
        var cells: [String: JSONLiteral] = [HistoryTable.timestamp: Self.text, InvocationsBody.item: Self.text]
        if let groups { cells.merge(groups.texts) { own, _ in own } }
        var columns: [String: JSONLiteral] = [:]
        for name in series.targets + quantileColumns {
            cells[name] = ["type": "number"]
            columns[name] = Self.numbers
        }
        let row = Self.object(cells, optional: [HistoryTable.timestamp, InvocationsBody.item] + quantileColumns)
        let named = Self.object(columns, optional: quantileColumns)
        return Self.object(["predictions": ["anyOf": [Self.list(row), Self.list(forecast), Self.list(named)]]])
    }

    /// KServe's V1.
    var v1: JSONLiteral { Self.object(["predictions": Self.list(forecast)]) }

    /// The Open Inference Protocol v2.
    var v2: JSONLiteral {
        let output = Self.object(
            [
                "name": Self.text, "datatype": Self.text, "shape": Self.list(["type": "integer"]),
                "data": Self.numbers, "parameters": ["type": "object"],
            ],
            optional: ["data", "parameters"]
        )
        return Self.object(
            ["model_name": Self.text, "model_version": Self.text, "id": Self.text, "outputs": Self.list(output)],
            optional: ["id"]
        )
    }

    /// The series of a model.
    var page: JSONLiteral {
        let whole: JSONLiteral = ["type": "integer"]
        return Self.object([
            "model": Self.text, "version": Self.text, "groupBy": Self.list(Self.text), "count": whole, "offset": whole,
            "series": Self.list(Self.object(groups?.texts ?? [:])),
        ])
    }

    /// Names of models.
    static let models = object(["models": list(text)])
    /// Whether a model is ready.
    static let ready = object(["name": text, "ready": ["type": "boolean"]])
    /// The metadata of a server.
    static let server = object(["name": text, "version": text, "extensions": list(text)])
    /// Whether a server is alive or ready.
    static let health = object(["live": ["type": "boolean"], "ready": ["type": "boolean"]], optional: ["ready"])
    /// The metadata of a model.
    static var metadata: JSONLiteral {
        let tensor = object(["name": text, "datatype": text, "shape": list(["type": "integer"])])
        return object([
            "name": text, "versions": list(text), "platform": text, "inputs": list(tensor), "outputs": list(tensor),
        ])
    }
    /// The versions in a repository.
    static let index = list(object(["name": text, "version": text, "state": text, "reason": text]))

    /// The errors of the protocols.
    static func error(_ style: ErrorBody) -> JSONLiteral {
        switch style {
        case .inference: object(["error": text])
        case .predict: object(["error": text, "field": text], optional: ["field"])
        case .timeSeries:
            object([
                "error": object([
                    "code": text, "message": text, "param": ["type": ["string", "null"]], "type": text,
                ])
            ])
        case .mlflow: object(["error_code": text, "message": text])
        }
    }
}
