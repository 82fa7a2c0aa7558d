// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import KubeCore
import TestSupport
import Testing

@testable import Serving

@Suite("Serving with what is known of rows to come")
struct FutureServingTests {
    private static let end: Int64 = 1_795_237_200
    private static let history = [310.0, 4, 220, 5, 180, 6, 330, 4, 240, 5, 190, 6]
    private static let ahead = [7.0, 8, 9]

    /// Forecasts three hours of `volume` from six, and the temperature of these three.
    static func model(calendar: Bool = false, version: String = "v7") throws -> ServedModel {
        var random = SeededRandom(seed: 4)
        let temperature = (0..<300).map { _ in Double.random(in: 0...20, using: &random) }
        let frame = try TimeSeriesFrame(
            timestamps: (0..<300).map { end + Int64($0 - 299) * 3_600 },
            names: ["volume", "temp"],
            columns: [temperature.map { 200 + 10 * $0 + Double.random(in: -1...1, using: &random) }, temperature]
        )
        var settings = PreprocessorSettings()
        settings.future = FutureChannels(
            columns: 1,
            calendar: calendar ? CalendarChannels(cycles: [.hourOfDay], holidays: []) : nil,
            isInWindow: false
        )
        let shape = try WindowShape(
            lookback: 6,
            horizon: 3,
            channels: 2,
            targets: 1,
            future: settings.future?.count ?? 0
        )
        let recipe = ForecasterRecipe(
            configuration: .nlinear(individual: false),
            shape: shape,
            preprocessing: settings,
            frequency: try Frequency("1h")
        )
        return ServedModel(
            name: "metro-traffic",
            version: version,
            kind: "NLinear",
            forecaster: try recipe.fitted(on: Panel(frame), rows: [0..<300]).forecaster.common,
            exampleRows: (294..<300).map { row in frame.columns.map { $0[row] } },
            exampleFuture: [[7], [8], [9]],
            exampleEnd: end
        )
    }

    private func problem(_ work: () throws -> Any) -> String {
        do { return "no problem: \(try work())" } catch { return "\(error)" }
    }

    // MARK: The protocols

    /// The same request in the words of each protocol.
    private static let bodies: [(path: String, body: String)] = [
        (
            "/predict",
            #"{"future":{"temp":[7,8,9,10]},"data":{"volume":[310,220,180,330,240,190],"temp":[4,5,6,4,5,6]}}"#
        ),
        (
            "/predict",
            #"{"series":[{"name":"a","data":{"volume":[310,220,180,330,240,190],"temp":[4,5,6,4,5,6],"timestamp":"#
                + #"[1795219200,1795222800,1795226400,1795230000,1795233600,1795237200]},"future":"#
                + #"[{"timestamp":1795240800,"temp":7},{"timestamp":"2026-11-21T07:00:00Z","temp":8},"#
                + #"{"timestamp":1795248000,"temp":9}]}]}"#
        ),
        (
            "/v1/timeseries/forecast",
            #"{"inputs":[{"series":[[310,4],[220,5],[180,6],[330,4],[240,5],[190,6]],"future":[7,8,9]}]}"#
        ),
        (
            "/invocations",
            #"{"known_covariates":[{"temp":7,"item_id":"n"},{"temp":8,"item_id":"n"},{"temp":9,"item_id":"n"}],"#
                + #""dataframe_split":{"columns":["item_id","volume","temp"],"data":[["n",310,4],["n",220,5],["n",180,6],"#
                + #"["n",330,4],["n",240,5],["n",190,6]]}}"#
        ),
        (
            "/invocations",
            #"{"inputs":{"volume":[310,220,180,330,240,190],"temp":[4,5,6,4,5,6]},"known_covariates":{"temp":[7,8,9]}}"#
        ),
        (
            "/v1/models/metro-traffic:predict",
            #"{"instances":[{"history":[[310,4],[220,5],[180,6],[330,4],[240,5],[190,6]],"future":[[7],[8],[9]]}]}"#
        ),
        (
            "/v2/models/metro-traffic/infer",
            #"{"inputs":[{"name":"future","datatype":"FP32","shape":[1,3],"data":[7,8,9]},{"name":"history","#
                + #""datatype":"FP64","shape":[1,6,2],"data":[310,4,220,5,180,6,330,4,240,5,190,6]}]}"#
        ),
    ]

    /// All numbers of an answer that is a forecast's, in their order.
    private func numbers(_ value: JSONValue) -> [Double] {
        switch value {
        case .int(let number): [Double(number)]
        case .double(let number): [number]
        case .array(let items): items.flatMap(numbers)
        case .object(let members):
            ["forecasts", "data", "volume", "outputs", "content", "mean_forecast", "predictions"]
                .compactMap { members[$0] }.flatMap(numbers)
        default: []
        }
    }

    @Test("each protocol has a place for it, and all give the same forecast")
    func protocols() async throws {
        let model = try Self.model()
        let expected = try model.forecaster.forecast(history: Self.history, future: Self.ahead)
        // Ten a degree.
        let warmer = try model.forecaster.forecast(history: Self.history, future: Self.ahead.map { $0 + 5 })
        for (value, other) in zip(expected, warmer) { #expect(abs(other - value - 50) < 2) }
        try await serve(model) { url in
            let transport = CurlTransport()
            for (path, body) in Self.bodies {
                let answer = try await transport.send(request(url + path, body))
                let text = String(decoding: answer.body, as: UTF8.self)
                #expect(answer.status == 200, "\(path): \(text)")
                let found = numbers(try KubeJSON.decoder().decode(JSONValue.self, from: answer.body))
                #expect(found.suffix(3) == expected[...], "\(path): \(text)")
            }
            let metadata = try await transport.send(HTTPRequest(method: "GET", url: url + "/v2/models/metro-traffic"))
            let text = String(decoding: metadata.body, as: UTF8.self)
            #expect(text.contains(#"{"datatype":"FP64","name":"future","shape":[-1,3,1]}"#))
            await transport.shutdown()
        }
    }

    private func request(_ url: String, _ body: String) -> HTTPRequest {
        HTTPRequest(
            method: "POST",
            url: url,
            headers: [HTTPHeader("Content-Type", "application/json")],
            body: Data(body.utf8)
        )
    }

    private func serve(_ model: ServedModel, _ body: (_ url: String) async throws -> Void) async throws {
        let routes = ServingRoutes(
            shelf: ModelShelf(model),
            readiness: Readiness(),
            metrics: ServingMetrics(model: model)
        )
        try await LoopbackServer.with(routes.router(), body)
    }

    @Test("what is missing, too short or of other rows is named with its column and the rows that are needed")
    func refused() async throws {
        let data = #""data":{"volume":[1,2,3,4,5,6],"temp":[4,5,6,4,5,6],"timestamp":[0,3600,7200,10800,14400,18000]}"#
        let rows = "[[1,4],[2,5],[3,6],[4,4],[5,5],[6,6]]"
        let tensor = #"{"name":"history","datatype":"FP64","shape":[1,6,2],"data":[1,1,1,1,1,1,1,1,1,1,1,1]}"#
        let wrong: [(path: String, body: String, text: String)] = [
            ("/predict", "{\(data)}", "future: is missing; this model needs 3 rows of 'temp'"),
            (
                "/predict", #"{\#(data),"future":{"temp":[1,2]}}"#,
                "future: has 2 rows; the model needs 3 rows of 'temp'"
            ),
            ("/predict", #"{\#(data),"future":{"heat":[1,2,3]}}"#, "future: has no column 'temp'"),
            ("/predict", #"{\#(data),"future":{"temp":[1,null,3]}}"#, "future.temp[1]: is 'null'; must be a number"),
            (
                "/predict", #"{\#(data),"future":{"temp":[1,2,3],"timestamp":[21600,25200,25200]}}"#,
                "future: row 2: is not 3 steps of 1h after the last row of the history"
            ),
            (
                "/predict", #"{"series":[{\#(data)}]}"#,
                "series[0].future: is missing; this model needs 3 rows of 'temp'"
            ),
            ("/predict", #"{"series":[{\#(data)}],"future":[]}"#, "future: goes with data"),
            (
                "/v1/models/metro-traffic:predict", #"{"instances":[\#(rows)]}"#,
                "instances[0].future: is missing; this model needs 3 rows of 'temp'"
            ),
            (
                "/v1/models/metro-traffic:predict",
                #"{"instances":[{"history":\#(rows),"future":[[1,2],[3,4],[5,6]]}]}"#,
                "instances[0].future: has shape [3,2]; must be [rows] or [rows,1]"
            ),
            (
                "/v1/timeseries/forecast", #"{"inputs":[{"series":\#(rows),"future":[1]}]}"#,
                "inputs[0].future: has 1 rows; the model needs 3 rows of 'temp'"
            ),
            (
                "/invocations", #"{"inputs":{"volume":[1,2,3,4,5,6],"temp":[1,2,3,4,5,6]}}"#,
                "known_covariates: is missing; this model needs 3 rows of 'temp'"
            ),
            (
                "/invocations", #"{"instances":[\#(rows)],"known_covariates":{"temp":[1,2,3]}}"#,
                "instances[0].future: is missing"
            ),
            (
                "/v2/models/metro-traffic/infer", #"{"inputs":[\#(tensor)]}"#,
                "inputs, the tensor 'future': is missing; this model needs 3 rows of 'temp'"
            ),
            (
                "/v2/models/metro-traffic/infer",
                #"{"inputs":[\#(tensor),{"name":"future","datatype":"FP64","shape":[1,2,1],"data":[1,2]}]}"#,
                "inputs[1].shape: must be [1,3,1]: the columns temp in the rows to forecast"
            ),
        ]
        try await serve(try Self.model()) { url in
            let transport = CurlTransport()
            for (path, body, text) in wrong {
                let answer = try await transport.send(request(url + path, body))
                let found = String(decoding: answer.body, as: UTF8.self)
                #expect(answer.status == 400 && found.contains(text), "\(path): \(found)")
            }
            await transport.shutdown()
        }
    }

    @Test("a model that knows the calendar by its channels needs times, as one that has marks of its own")
    func times() throws {
        let model = try Self.model(calendar: true)
        #expect(model.series.usesTimes)
        let body = #"{"data":{"volume":[1,2,3,4,5,6],"temp":[4,5,6,4,5,6]},"future":{"temp":[1,2,3]}}"#
        let found = problem { try PredictBody(series: model.series).decode(Array(body.utf8)) }
        #expect(found.contains("data: has no 'timestamp', which this model needs"))
    }

    @Test("every example of the document is answered, with the calendar and without", arguments: [false, true])
    func examples(calendar: Bool) async throws {
        let model = try Self.model(calendar: calendar)
        let bytes = OpenAPIDocument(model: model, versions: ["v7"]).encoded()
        let document = try KubeJSON.decoder().decode(JSONValue.self, from: Data(bytes))
        guard case .object(let paths)? = document["paths"] else {
            Issue.record("no paths")
            return
        }
        try await serve(model) { url in
            let transport = CurlTransport()
            var sent = 0
            for (path, methods) in paths {
                guard
                    let example = methods["post"]?["requestBody"]?["content"]?["application/json"]?["example"]
                else { continue }
                let body = String(decoding: try KubeJSON.encoder().encode(example), as: UTF8.self)
                let place = url + path.replacingOccurrences(of: "{version}", with: "v7")
                let answer = try await transport.send(request(place, body))
                #expect(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
                #expect(body.contains("future") || body.contains("known_covariates"))
                sent += 1
            }
            #expect(sent >= 5)
            await transport.shutdown()
        }
    }

    @Test("the request of the page for users is answered")
    func page() async throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/serving.md").standardized
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "## What is known ahead\n").last)
        let body = try #require(section.components(separatedBy: "```json\n").dropFirst().first)
        let example = try #require(body.components(separatedBy: "```").first)
        let model = try Self.model(calendar: true)
        let decoded = try PredictBody(series: model.series).decode(Array(example.utf8))
        #expect(decoded.history.future == [6.5, 7, 7.5] && decoded.ends == [Self.end])
        let forecast = try await model.forecast(decoded.history)
        #expect(forecast.count == 3 && forecast.allSatisfy { $0.isFinite })
    }

    @Test("requests of several batched together keep what each knows")
    func batched() throws {
        let model = try Self.model()
        let two = HistoryBatch(values: Self.history + Self.history, batch: 2, future: [1, 2, 3] + Self.ahead)
        let piece = two.piece(1..<2, of: model.shape)
        #expect(piece == HistoryBatch(values: Self.history, batch: 1, future: Self.ahead))
    }

    @Test("whatever the bytes are, reading them ends with a request or an error", arguments: 0..<60)
    func fuzz(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let model = try Self.model(calendar: seed % 2 == 0)
        for (path, body) in Self.bodies {
            for _ in 0..<40 {
                let bytes = random.mutate(Array(body.utf8))
                let batch: HistoryBatch? =
                    switch path {
                    case "/predict": try? PredictBody(series: model.series).decode(bytes).history
                    case "/invocations": try? InvocationsBody(series: model.series).decode(bytes).batch.history
                    case "/v1/timeseries/forecast":
                        try? TimeSeriesBody(series: model.series).decode(bytes).batch.history
                    case "/v2/models/metro-traffic/infer": try? model.v2.decode(bytes).history
                    default: try? model.v1.decode(bytes)
                    }
                guard let batch else { continue }
                #expect(batch.future.count == batch.batch * model.shape.futureCount)
                #expect(batch.values.count == batch.batch * model.shape.inputCount)
                _ = try? model.forecaster.forecast(
                    history: batch.values,
                    future: batch.future,
                    ends: batch.ends,
                    batch: batch.batch
                )
            }
        }
    }
}
