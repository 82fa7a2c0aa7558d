// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeCore
import Testing
import WorkerTestSupport

@testable import Forecasting
@testable import Serving

@Suite("The OpenAPI document and its page")
struct OpenAPITests {
    private func model(
        columns: [String] = ["value"],
        frequency: String = "1h",
        lookback: Int = 3,
        horizon: Int = 2,
        bounds: [Double]? = nil
    ) throws -> ServedModel {
        let shape = try WindowShape(lookback: lookback, horizon: horizon, channels: columns.count, targets: 1)
        let frame = try TimeSeriesFrame(timestamps: [0], names: columns, columns: columns.map { _ in [0] })
        var forecaster = try Forecaster(
            model: SeasonalNaive(shape: shape, seasonLength: 3),
            scaler: Scaler(kind: .none, fitting: frame, rows: 0..<1),
            columns: columns,
            frequency: Frequency(frequency)
        )
        if let bounds {
            let levels = try IntervalLevels([80])
            forecaster = try forecaster.adding(ForecastIntervals(levels: levels, windows: 9, offsets: bounds))
        }
        return ServedModel(name: "traffic", version: "v7", kind: "SeasonalNaive", forecaster: forecaster)
    }

    private func serve<Value: Sendable>(
        _ model: ServedModel,
        mark: TimeSeriesBody.Mark? = nil,
        _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        let shelf = ModelShelf(model)
        var routes = ServingRoutes(shelf: shelf, readiness: Readiness(), metrics: ServingMetrics(model: model))
        if let mark { routes.mark = { mark } }
        return try await LoopbackServer.with(routes.router(), body)
    }

    private func document(_ model: ServedModel) throws -> JSONValue {
        let bytes = OpenAPIDocument(model: model, versions: [model.version]).encoded()
        return try KubeJSON.decoder().decode(JSONValue.self, from: Data(bytes))
    }

    private func members(_ value: JSONValue?) -> [String: JSONValue] {
        guard case .object(let members) = value else { return [:] }
        return members
    }

    @Test("every example is answered, whatever the columns and the step", arguments: ["1h", "10min", "1mo"])
    func examples(_ frequency: String) async throws {
        for columns in [["value"], ["a \"b\"", "größe", "c"]] {
            let model = try model(columns: columns, frequency: frequency)
            let paths = members(try document(model)["paths"])
            try await serve(model) { url in
                let transport = CurlTransport()
                var sent = 0
                for (path, methods) in paths {
                    let (method, operation) = try #require(members(methods).first)
                    let example = operation["requestBody"]?["content"]?["application/json"]?["example"]
                    let request = HTTPRequest(
                        method: method.uppercased(),
                        url: url + path.replacingOccurrences(of: "{version}", with: "v7"),
                        headers: [HTTPHeader("Content-Type", "application/json")],
                        body: try example.map { try KubeJSON.encoder().encode($0) }
                    )
                    let answer = try await transport.send(request)
                    #expect(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
                    sent += 1
                }
                #expect(sent >= 25)
                await transport.shutdown()
            }
        }
    }

    @Test("the document holds the model's own names and sizes, and its quantiles where it has some")
    func sizes() throws {
        let found = try document(model(columns: ["load", "heat"]))
        func options(_ document: JSONValue) -> JSONValue? {
            let body = document["paths"]?["/predict"]?["post"]?["requestBody"]?["content"]?["application/json"]
            guard case .array(let forms) = body?["schema"]?["oneOf"] else { return nil }
            return forms.first?["properties"]
        }
        #expect(options(found)?["horizon"] != nil && options(found)?["quantiles"] == nil)
        let quantiles = options(try document(model(bounds: [-1, 0, 1, -2, 0, 2])))?["quantiles"]
        #expect(quantiles?["items"]?["enum"] == .array([.double(0.1), .double(0.5), .double(0.9)]))
        #expect(found["info"]?["title"]?.string == "traffic" && found["info"]?["version"]?.string == "v7")
        let body = found["paths"]?["/v1/models/traffic:predict"]?["post"]?["requestBody"]?["content"]
        let schema = body?["application/json"]?["schema"]?["properties"]?["instances"]?["items"]
        #expect(schema?["minItems"] == .int(3) && schema?["items"]?["maxItems"] == .int(2))
    }

    @Test("the page needs nothing from elsewhere, and a browser is told so")
    func docs() async throws {
        try await serve(try model()) { url in
            let transport = CurlTransport()
            let answer = try await transport.send(HTTPRequest(url: url + "/docs"))
            let text = String(decoding: answer.body, as: UTF8.self)
            let policy = answer.headers.first { $0.name.lowercased() == "content-security-policy" }
            #expect(answer.status == 200 && policy?.value.hasPrefix("default-src 'none'") == true)
            let others = text.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
            #expect(!others.contains("http://") && !others.contains("https://") && !others.contains("innerHTML"))
            await transport.shutdown()
        }
    }

    @Test(
        "the requests of the page for users get the answers that it shows",
        .enabled(if: ClientEnvironment.programs != nil)
    )
    func page() async throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/serving.md").standardized.path
        var model = try model(
            columns: ["volume"],
            lookback: 6,
            horizon: 3,
            bounds: [-20, -5, 12.5, -25, -5, 20, -30, -5, 30]
        )
        model = ServedModel(
            name: "metro-traffic",
            version: "20261121-030000",
            kind: model.kind,
            forecaster: model.forecaster
        )
        let mark = TimeSeriesBody.Mark(id: "5f0c2c8e", created: 1_795_237_200)
        try await serve(model, mark: mark) { url in
            let problem = try await ClientEnvironment.script("curls", url, page)
            #expect(problem == nil, "\(problem ?? "")")
        }
    }

    @Test(
        "what schemathesis makes of the document is answered as the document says",
        .enabled(if: ClientEnvironment.programs != nil, "no schemathesis ('make setup')"),
        .timeLimit(.minutes(3)),
        arguments: [false, true]
    )
    func schemathesis(isGrouped: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let shared = [
            "--max-examples", "8", "--seed", "1", "--generation-database", "none", "--workers", "1", "--phases",
            "examples,coverage,fuzzing",
        ]
        // What no schema can say, that columns are of one length and numbers as many as a shape holds, makes valid
        // bodies that are refused: only where schemas say all are valid bodies to be accepted.
        let rest = ["--exclude-checks", "positive_data_acceptance"]
        let complete = ["--checks", "positive_data_acceptance", "--include-path-regex", "^/v1/models"]
        try await serve(isGrouped ? .stores() : model(columns: ["load", "heat"], bounds: [-1, 0, 1, -2, 0, 2])) { url in
            for choice in [rest, complete] {
                let arguments = ["run", "\(url)/openapi.json", "--no-color"] + shared + choice
                let problem = try await ClientEnvironment.run("schemathesis", arguments, in: folder.path)
                #expect(problem == nil, "\(problem ?? "")")
            }
        }
    }
}
