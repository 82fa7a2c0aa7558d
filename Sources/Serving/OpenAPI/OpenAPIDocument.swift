// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import KubeCore

/// What `/openapi.json` says: all that can be asked of a server, in the sizes and names of the model that it serves.
struct OpenAPIDocument: Sendable {
    let model: ServedModel
    /// The versions that there are.
    let versions: [String]
    /// How clients may show who they are; empty where nobody asks.
    var access: [AccessCheck.Scheme] = []

    /// The protocols as the page of the document groups them.
    private enum Tag: String, CaseIterable {
        case almanac = "Almanac"
        case v2 = "Open Inference Protocol v2"
        case v1 = "KServe V1"
        case timeSeries = "KServe time series"
        case mlflow = "MLflow"
        case server = "Server"
    }

    /// One thing that can be asked.
    private struct Operation {
        var path: String
        var tag: Tag
        var summary: String
        var body: (schema: JSONLiteral, example: JSONLiteral)?
        var answer: JSONLiteral?
        /// Of what has no schema.
        var answerType = "application/json"
        var errors = ErrorBody.inference
        var takesVersion = false
        /// What the URL may say beside the version.
        var query: [JSONLiteral] = []
        var method: String?
    }

    private var requests: BodySchemas { BodySchemas(series: model.series) }
    private var answers: AnswerSchemas { AnswerSchemas(series: model.series) }
    private var examples: RequestExamples {
        RequestExamples(series: model.series, model: model.name, example: model.example)
    }

    /// The name as it stands in a path.
    private var name: String {
        model.name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._~")))
            ?? model.name
    }

    /// The document's bytes.
    func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts, whole numbers and finite ones always encode.
        return (try? encoder.encode(document.value)).map(Array.init) ?? Array("{}".utf8)
    }

    private var document: JSONLiteral {
        var paths: [String: JSONLiteral] = [:]
        for operation in forecasts + metadata + server {
            let method = operation.method ?? (operation.body == nil ? "get" : "post")
            paths[operation.path] = JSONLiteral([method: describe(operation)])
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "\(model.name)", "version": "\(model.version)",
                "description": "\(description)",
            ],
            "tags": JSONLiteral(Tag.allCases.map { ["name": "\($0.rawValue)"] }),
            "paths": JSONLiteral(paths),
            "components": ["securitySchemes": JSONLiteral(Dictionary(uniqueKeysWithValues: access.map(scheme)))],
        ]
    }

    private func scheme(_ scheme: AccessCheck.Scheme) -> (String, JSONLiteral) {
        switch scheme {
        case .header:
            (scheme.rawValue, ["type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key."])
        case .bearer:
            (scheme.rawValue, ["type": "http", "scheme": "bearer", "description": "A key, or a token."])
        }
    }

    private var description: String {
        let series = model.series
        return
            "\(model.kind) forecasts \(series.targets.joined(separator: ", ")) up to \(series.shape.horizon) steps of "
            + "\(series.frequency) ahead, from at least \(series.shape.lookback) rows of "
            + "\(series.columns.joined(separator: ", ")). Values are in original units."
            + (series.groups.map { " It knows \($0.count) series, by \($0.groupBy.joined(separator: ", "))." } ?? "")
    }

    private func describe(_ operation: Operation) -> JSONLiteral {
        var content: [String: JSONLiteral] = [:]
        if let answer = operation.answer {
            content["application/json"] = ["schema": answer]
        } else {
            content[operation.answerType] = ["schema": ["type": "string"]]
        }
        let error: JSONLiteral = [
            "description": "What is wrong, in the words of the protocol.",
            "content": ["application/json": ["schema": AnswerSchemas.error(operation.errors)]],
        ]
        var members: [String: JSONLiteral] = [
            "tags": ["\(operation.tag.rawValue)"], "summary": "\(operation.summary)",
            "responses": [
                "200": ["description": "The answer.", "content": JSONLiteral(content)], "4XX": error, "5XX": error,
            ],
        ]
        if !access.isEmpty, !AdmissionMiddleware.isHealth(operation.path) {
            members["security"] = JSONLiteral(access.map { JSONLiteral([$0.rawValue: JSONLiteral([JSONLiteral]())]) })
        }
        if let body = operation.body {
            let media: JSONLiteral = ["schema": body.schema, "example": body.example]
            members["requestBody"] = ["required": true, "content": ["application/json": media]]
        }
        let isInPath = operation.path.contains("{version}")
        var parameters = operation.query
        if isInPath || operation.takesVersion { parameters.insert(version(isInPath: isInPath), at: 0) }
        if !parameters.isEmpty { members["parameters"] = JSONLiteral(parameters) }
        return JSONLiteral(members)
    }

    private func version(isInPath: Bool) -> JSONLiteral {
        [
            "name": "version", "in": isInPath ? "path" : "query", "required": JSONLiteral(.bool(isInPath)),
            "description": isInPath ? "The version." : "The version; by default the one that is served to all.",
            "schema": ["type": "string", "enum": JSONLiteral(versions.map { JSONLiteral($0) })],
            "example": "\(model.version)",
        ]
    }

    private static func number(_ name: String, from least: Int, _ description: String) -> JSONLiteral {
        [
            "name": JSONLiteral(name), "in": "query", "required": false, "description": JSONLiteral(description),
            "schema": [
                "type": "integer", "minimum": JSONLiteral(least), "maximum": JSONLiteral(Panel.mostSeries),
            ],
        ]
    }

    // MARK: Operations

    private var forecasts: [Operation] {
        let (v1, v2) = ((requests.v1, examples.v1), (requests.v2, examples.v2))
        return [
            Operation(
                path: "/predict",
                tag: .almanac,
                summary: "Forecast one or many series by the names of their columns",
                body: (requests.predict, examples.predict),
                answer: answers.predict,
                errors: .predict,
                takesVersion: true
            ),
            Operation(
                path: "/v1/timeseries/forecast",
                tag: .timeSeries,
                summary: "Forecast time series",
                body: (requests.timeSeries, examples.timeSeries),
                answer: answers.timeSeries,
                errors: .timeSeries,
                takesVersion: true
            ),
            Operation(
                path: "/invocations",
                tag: .mlflow,
                summary: "Forecast from a data frame, or from lists",
                body: (requests.invocations, examples.invocations),
                answer: answers.invocations,
                errors: .mlflow,
                takesVersion: true
            ),
            Operation(
                path: "/v1/models/\(name):predict",
                tag: .v1,
                summary: "Forecast",
                body: v1,
                answer: answers.v1
            ),
            Operation(
                path: "/v1/models/\(name)/versions/{version}:predict",
                tag: .v1,
                summary: "Forecast by one version",
                body: v1,
                answer: answers.v1
            ),
            Operation(
                path: "/v2/models/\(name)/infer",
                tag: .v2,
                summary: "Forecast",
                body: v2,
                answer: answers.v2
            ),
            Operation(
                path: "/v2/models/\(name)/versions/{version}/infer",
                tag: .v2,
                summary: "Forecast by one version",
                body: v2,
                answer: answers.v2
            ),
        ]
    }

    private var metadata: [Operation] {
        let index = Operation(
            path: "/v2/repository/index",
            tag: .v2,
            summary: "All versions",
            answer: AnswerSchemas.index,
            method: "post"
        )
        let series = Operation(
            path: "/series",
            tag: .almanac,
            summary: "Which series there are to choose from",
            answer: answers.page,
            errors: .predict,
            takesVersion: true,
            query: [
                Self.number("offset", from: 0, "The position of the first one; 0 by default."),
                Self.number("limit", from: 1, "How many at most; \(SeriesPage.usual) by default."),
            ]
        )
        var operations = [index, series]
        func add(_ path: String, _ tag: Tag, _ summary: String, _ answer: JSONLiteral) {
            let errors = tag == .timeSeries ? ErrorBody.timeSeries : .inference
            operations.append(Operation(path: path, tag: tag, summary: summary, answer: answer, errors: errors))
        }
        add("/v1/timeseries/models", .timeSeries, "The model's name", AnswerSchemas.models)
        add("/v1/models", .v1, "The model's name", AnswerSchemas.models)
        add("/v2/models", .v2, "The model's name", AnswerSchemas.models)
        add("/v2", .v2, "What the server is", AnswerSchemas.server)
        add("/v2/health/live", .v2, "Whether the server is alive", AnswerSchemas.health)
        add("/v2/health/ready", .v2, "Whether the server wants requests", AnswerSchemas.health)
        for suffix in ["", "/versions/{version}"] {
            add("/v1/models/\(name)\(suffix)", .v1, "Whether the model is ready", AnswerSchemas.ready)
            add("/v2/models/\(name)\(suffix)", .v2, "What goes in and comes out", AnswerSchemas.metadata)
            add("/v2/models/\(name)\(suffix)/ready", .v2, "Whether the model is ready", AnswerSchemas.ready)
        }
        return operations
    }

    private var server: [Operation] {
        let text = "text/plain"
        return [
            Operation(path: "/ping", tag: .mlflow, summary: "Whether it is ready", answerType: text, errors: .mlflow),
            Operation(path: "/health", tag: .mlflow, summary: "The same", answerType: text, errors: .mlflow),
            Operation(path: "/version", tag: .mlflow, summary: "The API's version", answerType: text, errors: .mlflow),
            Operation(path: "/metrics", tag: .server, summary: "Prometheus metrics", answerType: text),
            Operation(
                path: "/healthz",
                tag: .server,
                summary: "Whether the process is alive",
                answer: ["type": "object", "properties": ["status": ["type": "string"]]]
            ),
        ]
    }
}
