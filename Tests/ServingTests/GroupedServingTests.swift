// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import TestSupport
import Testing
import WorkerTestSupport

@testable import Forecasting
@testable import Serving

@Suite("Serving a model of several series")
struct GroupedServingTests {
    private static let history = "[310,220,180,330,240,190]"
    private static let north = #"{"store":"north","item":"12"}"#

    // MARK: Asking

    private struct Answer {
        var status: Int
        var text: String
        var json: JSONValue
    }

    private func serve<Value: Sendable>(
        _ shelf: ModelShelf,
        _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        var routes = ServingRoutes(shelf: shelf, readiness: Readiness(), metrics: ServingMetrics())
        routes.mark = { TimeSeriesBody.Mark(id: "5f0c2c8e", created: 1_795_237_200) }
        return try await LoopbackServer.with(routes.router(), body)
    }

    /// The answers to some requests; those without a body are GET.
    private func answers(
        _ shelf: ModelShelf,
        _ requests: [(path: String, body: String?)]
    ) async throws -> [Answer] {
        try await serve(shelf) { url in
            let transport = CurlTransport()
            var answers: [Answer] = []
            for (path, body) in requests {
                let request = HTTPRequest(
                    method: body == nil ? "GET" : "POST",
                    url: url + path,
                    headers: [HTTPHeader("Content-Type", "application/json")],
                    body: body.map { Data($0.utf8) }
                )
                let answer = try await transport.send(request)
                answers.append(
                    Answer(
                        status: answer.status,
                        text: String(decoding: answer.body, as: UTF8.self),
                        json: (try? KubeJSON.decoder().decode(JSONValue.self, from: answer.body)) ?? .null
                    )
                )
            }
            await transport.shutdown()
            return answers
        }
    }

    private func problem(_ work: () throws -> Any) -> String {
        do { return "no problem: \(try work())" } catch { return "\(error)" }
    }

    /// All numbers of an answer that are forecasts, in their order.
    private func numbers(_ value: JSONValue) -> [Double] {
        switch value {
        case .int(let number): [Double(number)]
        case .double(let number): [number]
        case .array(let items): items.flatMap(numbers)
        case .object(let members):
            ["forecasts", "data", "sales", "outputs", "content", "mean_forecast", "predictions"]
                .compactMap { members[$0] }.flatMap(numbers)
        default: []
        }
    }

    // MARK: The protocols

    /// Forecasts of `south, 7` and then of `north, 12`, in the words of each protocol.
    private static let bodies: [(path: String, body: String)] = [
        (
            "/predict",
            #"{"series":[{"data":{"sales":\#(history)},"series":{"item":7,"store":"south","x":[]}},"#
                + #"{"series":\#(north),"data":{"sales":\#(history)}}]}"#
        ),
        (
            "/v1/timeseries/forecast",
            #"{"inputs":[{"series_id":{"store":"south","item":"7"},"series":\#(history)},"#
                + #"{"series":\#(history),"series_id":\#(north)}]}"#
        ),
        (
            "/invocations",
            #"{"instances":[{"series":{"store":"south","item":7},"history":\#(history)},"#
                + #"{"history":\#(history),"series":\#(north)}]}"#
        ),
        (
            "/invocations",
            #"{"inputs":{"item":[7,"12",7,12,7,12,7,12,7,12,7,12],"store":["south","north","south","north","south","#
                + #""north","south","north","south","north","south","north"],"#
                + #""sales":[310,310,220,220,180,180,330,330,240,240,190,190]}}"#
        ),
        (
            "/invocations",
            #"{"dataframe_split":{"columns":["item","sales","store"],"data":[[7,310,"south"],[7,220,"south"],"#
                + #"[12,310,"north"],[7,180,"south"],[7,330,"south"],[7,240,"south"],[7,190,"south"],[12,220,"north"],"#
                + #"[12,180,"north"],[12,330,"north"],[12,240,"north"],["12",190,"north"]]}}"#
        ),
        (
            "/v1/models/store-sales:predict",
            #"{"instances":[{"series":{"store":"south","item":7},"history":\#(history)},"#
                + #"{"history":\#(history),"series":\#(north)}]}"#
        ),
        (
            "/v2/models/store-sales/infer",
            #"{"inputs":[{"name":"item","datatype":"BYTES","shape":[2],"data":["7","12"]},{"name":"history","#
                + #""datatype":"FP64","shape":[2,6],"data":[310,220,180,330,240,190,310,220,180,330,240,190]},"#
                + #"{"name":"store","datatype":"BYTES","shape":[2,1],"data":["south","north"]}]}"#
        ),
    ]

    @Test("each protocol has a place for the series, and each history is forecast by its own")
    func protocols() async throws {
        let found = try await answers(ModelShelf(.stores()), Self.bodies.map { ($0.path, $0.body) })
        for (body, answer) in zip(Self.bodies, found) {
            #expect(answer.status == 200, "\(body.path): \(answer.text)")
            #expect(numbers(answer.json) == [190, 190, 190, 330, 240, 190], "\(body.path): \(answer.text)")
        }
    }

    @Test("answers repeat the series, in the order of the request")
    func repeated() async throws {
        let one = #"{"series":\#(Self.north),"data":{"sales":\#(Self.history)},"horizon":1}"#
        let asked = [Self.bodies[0], Self.bodies[1], Self.bodies[4], (path: "/predict", body: one)]
        let found = try await answers(ModelShelf(.stores()), asked.map { ($0.path, $0.body) })
        let both = [#""series":{"store":"south","item":"7"},"#, #""series":\#(Self.north),"#]
        #expect(both.allSatisfy { found[0].text.contains("{\($0)\"data\":{\"sales\":[") })
        #expect(
            found[1].text.contains(
                #"{"series_id":{"store":"south","item":"7"},"type":"univariate_time_series","name":"#
            )
        )
        let row = #"{"store":"south","item":"7","sales":190.0}"#
        let other = #"{"store":"north","item":"12","sales":330.0}"#
        #expect(found[2].text.hasPrefix("{\"predictions\":[\(row),\(row),\(row),\(other),"))
        #expect(found[3].text.hasSuffix("[{\(both[1])\"data\":{\"sales\":[330.0]}}]}"))
    }

    @Test("a quantile is measured by the errors of its own series")
    func quantiles() async throws {
        let tensors =
            #"[{"name":"item","datatype":"BYTES","shape":[2],"data":["7","12"]},{"name":"history","datatype":"FP64","#
            + #""shape":[2,6],"data":[310,220,180,330,240,190,310,220,180,330,240,190]},"#
            + #"{"name":"store","datatype":"BYTES","shape":[2],"data":["south","north"]}]"#
        let wishes: [(Int, String)] = [
            (0, #","quantiles":[0.9],"horizon":1}"#), (1, #","options":{"quantiles":[0.9],"horizon":1}}"#),
            (2, #","params":{"quantiles":[0.9],"horizon":1}}"#), (4, #","params":{"quantiles":[0.9],"horizon":1}}"#),
        ]
        var requests = wishes.map { index, rest -> (path: String, body: String?) in
            (Self.bodies[index].path, String(Self.bodies[index].body.dropLast()) + rest)
        }
        let parameters = #""parameters":{"quantiles":"0.9","horizon":1}"#
        requests.append(("/v2/models/store-sales/infer", #"{"inputs":\#(tensors),\#(parameters)}"#))
        let found = try await answers(ModelShelf(.stores()), requests)
        let wanted = [
            [#""sales":[190.0],"sales_0.9":[205.0]"#, #""sales":[330.0],"sales_0.9":[335.0]"#],
            [#"{"0.9":[205.0]}"#, #"{"0.9":[335.0]}"#],
            [#"{"sales":[190.0],"sales_0.9":[205.0]}"#, #"{"sales":[330.0],"sales_0.9":[335.0]}"#],
            [#""sales":190.0,"sales_0.9":205.0}"#, #""sales":330.0,"sales_0.9":335.0}"#],
            [#""data":[190.0,330.0]"#, #""data":[205.0,335.0]"#],
        ]
        for (answer, texts) in zip(found, wanted) {
            #expect(answer.status == 200 && texts.allSatisfy(answer.text.contains), "\(answer.text)")
        }
    }

    // MARK: Refusals

    private static let tensor =
        #"{"name":"history","datatype":"FP64","shape":[1,6],"data":[310,220,180,330,240,190]}"#
    private static let told = "this model has 3 series, named by 'store', 'item', such as store=north, item=12"

    private static let data = #""data":{"sales":\#(history)}"#
    private static let unknown = "which this model does not know; it has 3 series, named by 'store', 'item', such as"

    /// Requests that are refused, and what they are told.
    private static var refusals: [(path: String, body: String, text: String)] {
        [
            ("/predict", "{\(data)}", "series: is missing; \(told)"),
            ("/predict", #"{"series":[{\#(data)}]}"#, "series[0].series: is missing; \(told)"),
            ("/predict", #"{"series":{"store":"north"},\#(data)}"#, "series.item: is missing; \(told)"),
            (
                "/predict", #"{"series":{"store":"north","item":"12.0"},\#(data)}"#,
                "series: is of the series store=north, item=12.0, \(unknown) store=north, item=12; store=south, item=12;"
            ),
            (
                "/predict", #"{"series":{"store":"zoo","item":1},\#(data)}"#, "\(unknown) store=south, item=7"
            ),
            ("/predict", #"{"series":{"store":"a","item":null},\#(data)}"#, "series.item: is 'null'; must be a string"),
            (
                "/predict", #"{"series":{"store":true,"item":false},\#(data)}"#,
                "the series store=true, item=false, which"
            ),
            ("/predict", #"{"series":{"store":"a","store":"b"},\#(data)}"#, "series.store: is there twice"),
            ("/predict", #"{"series":\#(north),"series":\#(north),\#(data)}"#, "series: is there twice"),
            ("/predict", #"{"series":\#(north),"series":[{\#(data)}]}"#, "series[0].series: is missing"),
            ("/v1/models/store-sales:predict", #"{"instances":[\#(history)]}"#, "instances[0].series: is missing"),
            (
                "/v1/models/store-sales:predict", #"{"instances":[{"history":\#(history)}]}"#,
                "instances[0].series: is missing; \(told)"
            ),
            (
                "/v1/models/store-sales:predict",
                #"{"instances":[{"history":\#(history),"series":"north"}]}"#,
                "instances[0].series: is a string; must be an object"
            ),
            (
                "/v1/timeseries/forecast", #"{"inputs":[{"series":\#(history)}]}"#,
                "inputs[0].series_id: is missing; \(told)"
            ),
        ]
    }

    /// Those of data frames and tensors.
    private static var refusedTables: [(path: String, body: String, text: String)] {
        [
            (
                "/invocations", #"{"dataframe_records":[{"sales":1,"store":"north"}]}"#,
                "dataframe_records[0]: has no column 'item', which the model needs"
            ),
            (
                "/invocations", #"{"dataframe_split":{"columns":["sales","store"],"data":[]}}"#,
                "dataframe_split.columns: has no column 'item', which the model needs"
            ),
            (
                "/invocations", #"{"dataframe_records":[{"sales":1,"store":"east","item":1}]}"#,
                "dataframe_records[0]: is of the series store=east, item=1, \(unknown)"
            ),
            (
                "/invocations", #"{"dataframe_records":[{"sales":1,"store":"north","item":12}]}"#,
                "dataframe_records of 'store=north, item=12': has 1 rows; the model needs at least 6"
            ),
            (
                "/invocations", #"{"inputs":{"sales":[1,2],"store":["north"],"item":[12,12]}}"#,
                "inputs.store: has 1 values; 'sales' has 2"
            ),
            (
                "/v2/models/store-sales/infer", #"{"inputs":[\#(tensor)]}"#,
                "inputs, the tensor 'store' (BYTES, [batch]): is missing; \(told)"
            ),
            (
                "/v2/models/store-sales/infer",
                #"{"inputs":[\#(tensor),{"name":"store","datatype":"BYTES","shape":[1],"data":["north"]},"#
                    + #"{"name":"item","datatype":"BYTES","shape":[1],"data":["9"]}]}"#,
                "inputs: history 0: is of the series store=north, item=9, \(unknown)"
            ),
            (
                "/v2/models/store-sales/infer",
                #"{"inputs":[\#(tensor),{"name":"store","datatype":"BYTES","shape":[2],"data":["a","b"]}]}"#,
                "inputs[1].shape: must be [1]: a text for each history"
            ),
            (
                "/v2/models/store-sales/infer",
                #"{"inputs":[\#(tensor),{"name":"store","datatype":"INT64","shape":[1],"data":[1]}]}"#,
                "inputs[1].datatype: must be BYTES"
            ),
            (
                "/v2/models/store-sales/infer",
                #"{"inputs":[\#(tensor),{"name":"store","datatype":"BYTES","shape":[1],"data":[1]}]}"#,
                "inputs[1].data: holds 0 texts; must hold 1"
            ),
        ]
    }

    @Test("a request that names none, half of one, or an unknown one is told which there are")
    func refused() async throws {
        let cases = Self.refusals + Self.refusedTables
        let found = try await answers(ModelShelf(.stores()), cases.map { ($0.path, $0.body) })
        for (refused, answer) in zip(cases, found) {
            #expect(answer.status == 400 && answer.text.contains(refused.text), "\(refused.path): \(answer.text)")
        }
        #expect(found[0].json["field"]?.string == "series")
        #expect(found[13].json["error"]?["param"]?.string == "inputs[0].series_id")
        #expect(found[14].json["error_code"]?.string == "BAD_REQUEST")
    }

    @Test("a model of one series refuses a name of one, wherever a request may write it")
    func ungrouped() async throws {
        let cases: [(path: String, body: String, field: String)] = [
            ("/predict", #"{"series":{"store":"north"},"data":{"value":[1,2,3]}}"#, "series"),
            ("/predict", #"{"series":[{"series":{"store":"n"},"data":{"value":[1,2,3]}}]}"#, "series[0].series"),
            (
                "/v1/models/traffic:predict", #"{"instances":[{"history":[1,2,3],"series":{}}]}"#,
                "instances[0].series"
            ),
            ("/invocations", #"{"instances":[{"history":[1,2,3],"series":{}}]}"#, "instances[0].series"),
            ("/v1/timeseries/forecast", #"{"inputs":[{"series":[1,2,3],"series_id":"n"}]}"#, "inputs[0].series_id"),
        ]
        let found = try await answers(ModelShelf(.naive()), cases.map { ($0.path, $0.body) })
        for (refused, answer) in zip(cases, found) {
            let text = "\(refused.field): names a series, and this model has no names for any"
            #expect(answer.status == 400 && answer.text.contains(text), "\(refused.path): \(answer.text)")
        }
    }

    @Test("a version that lacks a series says so itself, while the others forecast it")
    func versions() async throws {
        let (first, second) = (try ServedModel.stores("v1"), try ServedModel.stores("v2", without: "north"))
        let shelf = ModelShelf()
        shelf.update { state in
            func version(_ name: String) -> ServingConfiguration.Version {
                ServingConfiguration.Version(version: name, uri: "models/team/store-sales/\(name)")
            }
            var wanted = ServingConfiguration(revision: "1", name: "store-sales", stable: version("v1"))
            wanted.canary = .init(version: version("v2"), trafficPercent: 50)
            state.propose(wanted)
            while let due = state.due(at: .now) { state.put(due.version == "v1" ? first : second, as: due) }
        }
        let body = #"{"series":\#(Self.north),"data":{"sales":\#(Self.history)}}"#
        let south = #"{"series":{"store":"south","item":"7"},"data":{"sales":\#(Self.history)}}"#
        let asked: [(path: String, body: String?)] = [
            ("/predict?version=v1", body), ("/predict?version=v2", body), ("/predict", body), ("/predict", body),
            ("/predict?version=v2", south),
        ]
        let found = try await answers(shelf, asked)
        #expect(found[0].status == 200 && numbers(found[0].json) == [330, 240, 190])
        #expect(found[1].status == 400 && found[1].text.contains("it has 2 series"))
        #expect(Set(found[2...3].map(\.status)) == [200, 400])
        #expect(numbers(found[4].json) == [190, 190, 190])
    }

    // MARK: Frames

    @Test("a frame may hold several histories of a series by their names, and what is known ahead of each series")
    func frames() async throws {
        let model = try ServedModel.priced()
        let rows = [4.0, 5, 6, 4, 5, 6]
        func records(_ store: String, _ item: String, _ prices: [Double], sales: Double?) -> [String] {
            prices.map { price in
                let value = sales.map { "\"sales\":\($0 * (1 + price / 10))," } ?? ""
                return #"{"store":"\#(store)","item_id":"\#(item)",\#(value)"price":\#(price)}"#
            }
        }
        let history = zip(
            records("south", "a", rows, sales: 1_000),
            zip(records("north", "a", rows, sales: 10), records("south", "b", rows.reversed(), sales: 1_000))
        ).flatMap { [$0, $1.0, $1.1] }
        let known =
            records("north", "a", [1, 2, 3], sales: nil) + records("south", "b", [2, 2, 2], sales: nil)
            + records("south", "a", [3, 2, 1], sales: nil)
        let body =
            "{\"known_covariates\":[\(known.joined(separator: ","))],"
            + "\"dataframe_records\":[\(history.joined(separator: ","))]}"
        let bodies = InvocationsBody(series: model.series)
        let request = try bodies.decode(Array(body.utf8))
        #expect(request.batch.names == ["a", "a", "b"] && request.batch.history.series == [1, 0, 1])
        #expect(request.batch.history.future == [3, 2, 1, 1, 2, 3, 2, 2, 2])
        let forecasts = try await model.forecast(request.batch.history)
        for position in 0..<3 {
            let own = model.panel.forecasters[request.batch.history.series[position]]
            let expected = try own.forecast(
                history: Array(request.batch.history.values[position * 12..<(position + 1) * 12]),
                future: Array(request.batch.history.future[position * 3..<(position + 1) * 3])
            )
            #expect(Array(forecasts[position * 3..<(position + 1) * 3]) == expected)
        }
        let answer = String(decoding: try bodies.encode(forecasts, for: request), as: UTF8.self)
        #expect(answer.hasPrefix(#"{"predictions":[{"store":"south","item_id":"a","sales":"#))
        let columns =
            #"{"inputs":{"sales":[1,2,3,4,5,6],"price":[1,2,3,4,5,6],"store":["north","north","north","north","north","#
            + #""north"]},"known_covariates":{"price":[7,8,9],"store":["north","north","north"]}}"#
        #expect(try bodies.decode(Array(columns.utf8)).batch.history.future == [7, 8, 9])
        let lost = columns.replacingOccurrences(of: #"[7,8,9],"store":["north""#, with: #"[7,8,9],"store":["south""#)
        #expect(
            problem { try bodies.decode(Array(lost.utf8)) }.hasPrefix(
                "known_covariates of 'store=north': has 2 rows; the model needs 3 rows of 'price'"
            )
        )
    }

    // MARK: What is said of the model

    @Test("/series lists the series a page at a time, and of a model of one series one without a name")
    func list() async throws {
        let queries = ["", "?limit=1&offset=1", "?offset=3", "?limit=0", "?offset=x", "?version=v9"]
        let found = try await answers(ModelShelf(.stores()), queries.map { ("/series\($0)", nil) })
        let head = #"{"model":"store-sales","version":"20261121-030000","groupBy":["store","item"],"count":3,"#
        let south = #"{"store":"south","item":"12"}"#
        #expect(
            found[0].text == head + #""offset":0,"series":[\#(Self.north),\#(south),{"store":"south","item":"7"}]}"#
        )
        #expect(found[1].text == head + #""offset":1,"series":[\#(south)]}"#)
        #expect(found[2].text == head + #""offset":3,"series":[]}"#)
        #expect(found[3].text == #"{"error":"limit: is '0'; must be a whole number from 1 to 10000","field":"limit"}"#)
        #expect(found[4].status == 400 && found[5].status == 404)
        let one = try await answers(ModelShelf(.naive()), [("/series", nil)])
        #expect(one[0].text.hasSuffix(#""groupBy":[],"count":1,"offset":0,"series":[{}]}"#))
    }

    @Test("the metadata of Triton's protocol name a tensor for each grouping column")
    func metadata() async throws {
        let found = try await answers(ModelShelf(.stores()), [("/v2/models/store-sales", nil)])
        for column in ["store", "item"] {
            #expect(found[0].text.contains(#"{"datatype":"BYTES","name":"\#(column)","shape":[-1]}"#))
        }
    }

    @Test("no metric says which series was asked for")
    func metrics() async throws {
        var asked: [(path: String, body: String?)] = [0, 6].map { (Self.bodies[$0].path, Self.bodies[$0].body) }
        asked.append(("/metrics", nil))
        let found = try await answers(ModelShelf(.stores()), asked)
        #expect(found[2].text.contains("store-sales") && !found[2].text.contains("north"))
    }

    @Test("every example of the document is answered, with what is known ahead and without", arguments: [false, true])
    func examples(isPriced: Bool) async throws {
        let model = try isPriced ? ServedModel.priced() : .stores()
        let bytes = OpenAPIDocument(model: model, versions: [model.version]).encoded()
        let document = try KubeJSON.decoder().decode(JSONValue.self, from: Data(bytes))
        guard case .object(let paths)? = document["paths"] else {
            Issue.record("no paths")
            return
        }
        var requests: [(path: String, body: String?)] = []
        for (path, methods) in paths {
            let example = methods["post"]?["requestBody"]?["content"]?["application/json"]?["example"]
            guard methods["get"] != nil || example != nil else { continue }
            let body = try example.map { String(decoding: try KubeJSON.encoder().encode($0), as: UTF8.self) }
            requests.append((path.replacingOccurrences(of: "{version}", with: model.version), body))
            #expect(body?.contains("north") != false, "\(path): \(body ?? "")")
        }
        #expect(requests.count > 20)
        for (request, answer) in zip(requests, try await answers(ModelShelf(model), requests)) {
            #expect(answer.status == 200, "\(request.path): \(answer.text)")
        }
    }

    @Test("ten thousand series are loaded from a store; the document lists none of them, and naming one is no search")
    func many() throws {
        let workspace = try Workspace()
        let artifact = try Artifact(
            forecaster: try ServedModel.many().panel,
            evaluation: nil,
            inputExample: (0..<6).map { [Double($0)] },
            origin: .init(
                data: DatasetReference(digest: "sha256:00", rows: 200, from: "a", to: "b"),
                created: "2026-11-21T03:00:00Z",
                producer: "almanac-worker test"
            )
        )
        let address = try ArtifactAddress(namespace: "team", pipeline: "store-sales", version: "v1")
        _ = try workspace.artifacts.publish(artifact, as: address)
        let start = ContinuousClock.now
        let model = try ServedModel.load("models/team/store-sales/v1", store: workspace.artifacts, name: nil)
        print("a model of \(model.panel.keys.count) series is loaded in \(start.duration(to: .now))")
        #expect(OpenAPIDocument(model: model, versions: ["v1"]).encoded().count < 60_000)
        let groups = try #require(model.groups)
        #expect(try groups.place(of: ["4711"], "series") == 4_711)
        let found = problem { try groups.place(of: ["4711a"], "series") }
        #expect(found.hasSuffix("it has 10000 series, named by 'store', such as store=4711; store=4712; store=4713"))
        let page = try SeriesPage(offset: "9999", limit: nil)
        #expect(String(decoding: page.encode(groups, model: "m", version: "v"), as: UTF8.self).contains(#""9999"}]"#))
    }

    // MARK: Batches

    @Test("requests for several series that are computed together get each its own")
    func batched() async throws {
        let model = try ServedModel.stores()
        let batcher = MicroBatcher(ServingBatchingSpec(maxBatchSize: 3, maxLatencyMilliseconds: 2_000))
        let sizes = Shared<[Int]>([])
        let values = [310.0, 220, 180, 330, 240, 190]
        let found = try await withThrowingTaskGroup(of: (Int, [Double]).self) { group in
            for place in 0..<3 {
                group.addTask {
                    let history = HistoryBatch(values: values, batch: 1, series: [place])
                    let forecast = try await batcher.forecast(history) { whole in
                        sizes.withLock { $0.append(whole.batch) }
                        return try await model.forecast(whole)
                    }
                    return (place, forecast)
                }
            }
            return try await group.reduce(into: [Int: [Double]]()) { $0[$1.0] = $1.1 }
        }
        #expect(found == [0: [330, 240, 190], 1: [240, 190, 240], 2: [190, 190, 190]])
        #expect(sizes.withLock { $0 } == [3])
        let two = HistoryBatch(values: values + values, batch: 2, series: [2, 0])
        #expect(two.piece(1..<2, of: model.shape) == HistoryBatch(values: values, batch: 1, series: [0]))
    }

    // MARK: Bytes and clients of others

    @Test("whatever the bytes are, reading them ends with a request or an error", arguments: 0..<60)
    func fuzz(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let model = try ServedModel.stores()
        var understood = 0
        for (path, body) in Self.bodies {
            for _ in 0..<40 {
                let bytes = random.mutate(Array(body.utf8))
                let batch: HistoryBatch? =
                    switch path {
                    case "/predict": try? PredictBody(series: model.series).decode(bytes).history
                    case "/invocations": try? InvocationsBody(series: model.series).decode(bytes).batch.history
                    case "/v1/timeseries/forecast":
                        try? TimeSeriesBody(series: model.series).decode(bytes).batch.history
                    case "/v2/models/store-sales/infer": try? model.v2.decode(bytes).history
                    default: try? model.v1.decode(bytes)
                    }
                guard let batch else { continue }
                understood += 1
                #expect(batch.series.count == batch.batch && batch.series.allSatisfy((0..<3).contains))
                #expect(batch.values.count == batch.batch * model.shape.inputCount)
            }
        }
        #expect(understood > 0)
    }

    @Test(
        "clients that others wrote name a series, and the page for users gets the answers that it shows",
        .enabled(if: ClientEnvironment.programs != nil, "no clients ('make setup')"),
        .timeLimit(.minutes(2)),
        arguments: ["grouped_tritonclient", "grouped_kserve", "grouped_mlflow", "curls"]
    )
    func clients(_ name: String) async throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/serving.md").standardized.path
        try await serve(ModelShelf(.stores())) { url in
            let problem = try await ClientEnvironment.script(name, url, page, "Several series")
            #expect(problem == nil, "\(problem ?? "")")
        }
    }
}
