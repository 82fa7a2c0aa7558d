// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import Testing

@testable import Serving

@Suite("The serving routes")
struct ServingRoutesTests {
    private let readiness = Readiness()
    private let model: ServedModel

    init() throws {
        let shape = try WindowShape(lookback: 3, horizon: 2, channels: 1, targets: 1)
        let forecaster = try Forecaster(
            model: SeasonalNaive(shape: shape, seasonLength: 3),
            scaler: Scaler(
                kind: .none,
                fitting: TimeSeriesFrame(timestamps: [0], names: ["value"], columns: [[0]]),
                rows: 0..<1
            ),
            columns: ["value"],
            frequency: Frequency("1h")
        )
        model = ServedModel(name: "traffic", version: "v7", kind: "SeasonalNaive", forecaster: forecaster)
    }

    private struct Answer {
        var status: Int
        var body: String
        var headers: [HTTPHeader]

        init(_ response: HTTPResponse) {
            (status, headers) = (response.status, response.headers)
            body = String(decoding: response.body, as: UTF8.self)
        }

        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
    }

    private func send(
        _ method: String,
        _ path: String,
        _ body: String? = nil,
        type: String? = "application/json"
    ) async throws -> Answer {
        let routes = ServingRoutes(
            shelf: ModelShelf(model),
            readiness: readiness,
            metrics: ServingMetrics(model: model)
        )
        return try await LoopbackServer.with(routes.router()) { address in
            try await Self.ask(address + path, method, body, type: type)
        }
    }

    private static func ask(
        _ url: String,
        _ method: String,
        _ body: String? = nil,
        type: String? = nil
    ) async throws -> Answer {
        let transport = CurlTransport()
        let headers = type.map { [HTTPHeader("Content-Type", $0)] } ?? []
        let request = HTTPRequest(method: method, url: url, headers: headers, body: body.map { Data($0.utf8) })
        let answer = Answer(try await transport.send(request))
        await transport.shutdown()
        return answer
    }

    @Test(
        "answer what the protocols say",
        arguments: [
            ("/", #"{"status":"alive"}"#),
            ("/healthz", #"{"status":"alive"}"#),
            ("/v1/models", #"{"models":["traffic"]}"#),
            ("/v1/models/traffic", #"{"name":"traffic","ready":true}"#),
            ("/v2", #"{"extensions":["binary_tensor_data"],"name":"almanac","version":"v1alpha1"}"#),
            ("/v2/models", #"{"models":["traffic"]}"#),
            ("/v2/health/live", #"{"live":true}"#),
            ("/v2/health/ready", #"{"ready":true,"live":true}"#),
            ("/v2/models/traffic/ready", #"{"name":"traffic","ready":true}"#),
            ("/v2/models/traffic/versions/v7/ready", #"{"name":"traffic","ready":true}"#),
            (
                "/v2/models/traffic/versions/v7",
                #"{"inputs":[{"datatype":"FP64","name":"history","shape":[-1,3,1]}],"name":"traffic","outputs":"#
                    + #"[{"datatype":"FP64","name":"forecast","shape":[-1,2,1]}],"platform":"almanac_seasonalnaive","#
                    + #""versions":["v7"]}"#
            ),
        ]
    )
    func reads(_ path: String, _ body: String) async throws {
        let answer = try await send("GET", path)
        #expect(answer.status == 200)
        #expect(answer.body == body)
        #expect(answer.header("content-type") == "application/json")
    }

    @Test("forecast by both protocols, also with what curl sends as its content type")
    func forecasts() async throws {
        let v1 = try await send("POST", "/v1/models/traffic:predict", #"{"instances":[[1,2,3],[9,4,5,6]]}"#)
        #expect(v1.status == 200 && v1.body == #"{"predictions":[[1.0,2.0],[4.0,5.0]]}"#)
        let form = "application/x-www-form-urlencoded"
        #expect(
            try await send("POST", "/v1/models/traffic:predict", #"{"instances":[[1,2,3]]}"#, type: form).status == 200
        )
        let body = #"{"id":"7","inputs":[{"name":"history","shape":[1,3,1],"datatype":"FP32","data":[1,2,3]}]}"#
        for path in ["/v2/models/traffic/infer", "/v2/models/traffic/versions/v7/infer"] {
            let v2 = try await send("POST", path, body)
            let expected =
                #"{"model_name":"traffic","model_version":"v7","id":"7","outputs":[{"name":"forecast","#
                + #""shape":[1,2,1],"datatype":"FP32","data":[1.0,2.0]}]}"#
            #expect(v2.status == 200 && v2.body == expected)
        }
    }

    @Test("say which version answered, and answer at the address of a version")
    func versions() async throws {
        let instances = #"{"instances":[[1,2,3]]}"#
        for (path, body) in [
            ("/v1/models/traffic:predict", instances), ("/v1/models/traffic/versions/v7:predict", instances),
            ("/invocations?version=v7", instances), ("/predict?version=v7", #"{"data":{"value":[1,2,3]}}"#),
            ("/v1/timeseries/forecast?version=v7", #"{"inputs":[{"series":[1,2,3]}]}"#),
        ] {
            let answer = try await send("POST", path, body)
            #expect(answer.status == 200 && answer.header("almanac-model-version") == "v7", "\(path): \(answer.body)")
        }
        for path in ["/v1/models/traffic/versions/v8:predict", "/invocations?version=v8", "/predict?version=v8"] {
            #expect(try await send("POST", path, instances).status == 404)
        }
        #expect(try await send("GET", "/v1/models/traffic/versions/v7").status == 200)
        #expect(try await send("GET", "/v1/models/traffic/versions/v8").status == 404)
    }

    @Test("forecast by the protocols of tables")
    func tables() async throws {
        let own = try await send("POST", "/predict", #"{"data":{"value":[1,2,3]},"horizon":1}"#)
        let expected =
            #"{"model":"traffic","version":"v7","frequency":"1h","forecasts":[{"data":{"value":[1.0]}}]}"#
        #expect(own.status == 200 && own.body == expected)
        let frame = try await send(
            "POST",
            "/invocations",
            #"{"dataframe_split":{"columns":["value"],"data":[[1],[2],[3]]}}"#
        )
        #expect(frame.status == 200 && frame.body == #"{"predictions":[{"value":1.0},{"value":2.0}]}"#)
        let request = #"{"model":"traffic","inputs":[{"series":[1,2,3],"start_timestamp":"2026-11-21T00:00:00Z"}]}"#
        let series = try await send("POST", "/v1/timeseries/forecast", request)
        #expect(series.status == 200 && series.body.contains(#""mean_forecast":[1.0,2.0],"frequency":"hour""#))
        #expect(series.body.contains(#""start_timestamp":"2026-11-21T03:00:00Z""#))
    }

    @Test("say what went wrong in the words of each protocol")
    func errors() async throws {
        let own = try await send("POST", "/predict", #"{"data":{"value":[1,"x",3]}}"#)
        let text = "data.value[1]: is a string; must be a number"
        #expect(own.status == 400 && own.body == #"{"error":"\#(text)","field":"data.value[1]"}"#)
        let series = try await send("POST", "/v1/timeseries/forecast", #"{"inputs":[]}"#)
        let message = "inputs: is empty; must be a list of time series"
        #expect(series.status == 400)
        #expect(
            series.body
                == #"{"error":{"code":"400","message":"\#(message)","param":"inputs","type":"BadRequestError"}}"#
        )
        let unknown = try await send("POST", "/v1/timeseries/forecast", #"{"model":"x","inputs":[{"series":[1,2,3]}]}"#)
        #expect(unknown.status == 404 && unknown.body.contains(#""code":"404""#))
        let mlflow = try await send("POST", "/invocations", "{}")
        #expect(
            mlflow.status == 400 && mlflow.body.hasPrefix(#"{"error_code":"BAD_REQUEST","message":"body: must hold"#)
        )
        let csv = try await send("POST", "/invocations", "value\n1", type: "text/csv")
        #expect(csv.status == 415 && csv.body.hasPrefix(#"{"error_code":"BAD_REQUEST""#))
    }

    @Test("list versions as model repositories do, and answer MLflow's questions about health")
    func lists() async throws {
        let index = try await send("POST", "/v2/repository/index", "{}")
        #expect(index.body == #"[{"name":"traffic","reason":"","state":"READY","version":"v7"}]"#)
        #expect(try await send("GET", "/v1/timeseries/models").body == #"{"models":["traffic"]}"#)
        #expect(try await send("GET", "/ping").body == "\n")
        #expect(try await send("GET", "/version").body == "v1alpha1")
        readiness.drain()
        #expect(try await send("GET", "/ping").status == 503)
        #expect(try await send("POST", "/v2/repository/index").body.contains("UNAVAILABLE"))
    }

    @Test("refuse what they must, with the field and what is expected")
    func refusals() async throws {
        let bad = try await send("POST", "/v1/models/traffic:predict", #"{"instances":[[1,2]]}"#)
        #expect(bad.status == 400)
        #expect(bad.body.hasPrefix(#"{"error":"instances[0]: has 2 rows; the model needs at least 3"#))
        let huge = try await send("POST", "/v1/models/traffic:predict", #"{"instances":[[1e300,1e300,1e300]]}"#)
        #expect(huge.status == 400 && huge.body.contains("row 1 of 3"))
        let unknown = try await send("GET", "/v2/models/other")
        #expect(unknown.status == 404 && unknown.body == #"{"error":"Model with name other does not exist."}"#)
        #expect(try await send("GET", "/v2/models/traffic/versions/v8").status == 404)
        #expect(try await send("POST", "/v1/models/other:predict", "{}").status == 404)
        let nothing = try await send("GET", "/v3/\"x")
        #expect(nothing.status == 404 && nothing.body.contains("there is nothing at"))
        let method = try await send("GET", "/v1/models/traffic:predict")
        #expect(method.status == 405 && method.header("allow") == "POST")
        #expect(try await send("DELETE", "/v2/models/traffic").status == 405)
        let type = try await send("POST", "/v1/models/traffic:predict", "1,2", type: "text/csv")
        #expect(type.status == 415 && type.body.contains("text/csv"))
        let long = String(repeating: " ", count: ServingLimitsSpec.defaultMaxRequestBytes + 1)
        #expect(try await send("POST", "/v1/models/traffic:predict", long).status == 413)
    }

    @Test("while draining, say not ready and still forecast")
    func draining() async throws {
        readiness.drain()
        #expect(try await send("GET", "/v2/health/ready").status == 503)
        #expect(try await send("GET", "/v1/models/traffic").status == 503)
        #expect(try await send("GET", "/v2/models/traffic/ready").status == 503)
        #expect(try await send("GET", "/v2/health/live").status == 200)
        #expect(try await send("POST", "/v1/models/traffic:predict", #"{"instances":[[1,2,3]]}"#).status == 200)
    }

    @Test("count requests by protocol and code, and show the model")
    func metrics() async throws {
        let metrics = ServingMetrics(model: model)
        let routes = ServingRoutes(shelf: ModelShelf(model), readiness: readiness, metrics: metrics)
        try await LoopbackServer.with(routes.router()) { address in
            for body in [#"{"instances":[[1,2,3]]}"#, "{}"] {
                _ = try await Self.ask(address + "/v1/models/traffic:predict", "POST", body)
            }
            let text = try await Self.ask(address + "/metrics", "GET").body
            for line in [
                #"almanac_serving_requests_total{model="traffic",version="v7",protocol="v1",code="200"} 1"#,
                #"almanac_serving_requests_total{model="traffic",version="v7",protocol="v1",code="400"} 1"#,
                #"almanac_serving_request_seconds_count{model="traffic",version="v7",protocol="v1",code="200"} 1"#,
                "almanac_serving_requests_in_flight 1",
                #"almanac_serving_model_info{model="traffic",version="v7",kind="SeasonalNaive"} 1"#,
                "process_resident_memory_bytes",
            ] { #expect(text.contains(line), "\(line)") }
        }
    }
}
