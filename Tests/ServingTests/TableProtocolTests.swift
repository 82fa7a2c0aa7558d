// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import TestSupport
import Testing

@testable import Serving

@Suite("The protocols of tables")
struct TableProtocolTests {
    private let one: ServedSeries
    private let two: ServedSeries
    private let calendar: ServedSeries

    init() throws {
        one = try Self.series(lookback: 3, ["value"])
        two = try Self.series(lookback: 2, ["load", "heat"])
        calendar = try Self.series(lookback: 2, ["value"], usesTimes: true)
    }

    private static func series(
        lookback: Int,
        _ columns: [String],
        frequency: String = "1h",
        usesTimes: Bool = false
    ) throws -> ServedSeries {
        let shape = try WindowShape(lookback: lookback, horizon: 2, channels: columns.count, targets: 1)
        return ServedSeries(
            shape: shape,
            columns: columns,
            frequency: try Frequency(frequency),
            usesTimes: usesTimes
        )
    }

    private func problem(_ work: () throws -> Any) -> String {
        do { return "no problem: \(try work())" } catch { return "\(error)" }
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Almanac's own

    @Test("/predict takes columns and rows by name, in any order and with more than the model needs")
    func predictBodies() throws {
        let bodies = [
            #"{"data":{"heat":[9,2,4],"load":[9,1,3],"note":["a",null]}}"#,
            #"{"data":[{"load":9,"heat":9},{"heat":2,"load":1,"x":[{}]},{"load":3,"heat":4}]}"#,
            #"{"more":1,"series":[{"data":{"load":[1,3],"heat":[2,4]}}]}"#,
        ]
        for body in bodies {
            let found = try PredictBody(series: two).decode(Array(body.utf8))
            #expect(found.history == HistoryBatch(values: [1, 2, 3, 4], batch: 1), "\(body)")
            #expect(found.horizon == 2 && found.names == [nil] && found.ends == [nil])
        }
    }

    @Test("/predict answers many series by name, with the times that follow where there were times")
    func predictAnswers() throws {
        let body =
            #"{"horizon":1,"series":[{"name":"a","data":{"value":[1,2,3],"timestamp":["2026-11-21T01:00:00Z","#
            + #""2026-11-21T02:00:00Z","2026-11-21 03:00:00"]}},{"name":7,"data":{"value":[4,5,6]}}]}"#
        let bodies = PredictBody(series: one)
        let request = try bodies.decode(Array(body.utf8))
        #expect(request.history == HistoryBatch(values: [1, 2, 3, 4, 5, 6], batch: 2))
        #expect(request.names == ["a", "7"] && request.ends == [1_795_230_000, nil] && request.horizon == 1)
        let answer = try bodies.encode([10, 11, 12, 13], for: request, model: "m", version: "v")
        let expected =
            #"{"model":"m","version":"v","frequency":"1h","forecasts":[{"name":"a","data":{"timestamp":"#
            + #"["2026-11-21T04:00:00Z"],"value":[10.0]}},{"name":"7","data":{"value":[12.0]}}]}"#
        #expect(text(answer) == expected)
    }

    @Test(
        "/predict names what is wrong",
        arguments: [
            ("{}", "data: is missing"),
            (#"{"data":{}}"#, "data: has no column 'value'"),
            (#"{"data":[]}"#, "data: has 0 rows; the model needs at least 3"),
            (#"{"data":{"value":[1,2]}}"#, "data: has 2 rows; the model needs at least 3"),
            (#"{"data":{"value":[1,null,3]}}"#, "data.value[1]: is 'null'; must be a number"),
            (#"{"data":{"value":[1,NaN,3]}}"#, "data.value[1]: is 'NaN'; must be a number"),
            (#"{"data":{"value":[[1,2,3]]}}"#, "data.value: is nested"),
            (#"{"data":{"value":[1,2,3],"value":[1]}}"#, "data.value: is there twice"),
            (#"{"data":[{"value":1},{"other":2}]}"#, "data[1]: has no column 'value'"),
            (#"{"data":[{"value":1,"value":2}]}"#, "data[0].value: is there twice"),
            (#"{"data":[{"value":1},7]}"#, "data[1]: is a number; must be an object"),
            (#"{"data":[{"value":1,"timestamp":0},{"value":1}]}"#, "data[1]: must have a 'timestamp' as all other"),
            (#"{"data":{"value":[1,2,3]},"data":{}}"#, "data: comes second"),
            (#"{"series":[]}"#, "series: is empty"),
            (#"{"series":[{"data":{"value":[1,2,3]}},{"name":"b"}]}"#, "series[1].data: is missing"),
            (#"{"series":[{"name":{},"data":{"value":[1,2,3]}}]}"#, "series[0].name: is an object; must be a string"),
            (#"{"data":{"value":[1,2,3]},"horizon":3}"#, "horizon: is 3.0; must be a whole number from 1 to 2"),
            (#"{"data":{"value":[1,2,3]},"horizon":0}"#, "horizon: is 0.0"),
            (#"{"data":{"value":[1,2,3]},"horizon":1.5}"#, "horizon: is 1.5"),
            (#"{"data":{"value":[1,2,3]},"horizon":1e400}"#, "horizon: is too large"),
            (#"{"data":{"value":[1,2,3]},"quantiles":[0.1]}"#, "quantiles: cannot be given"),
            (#"{"data":{"value":[1,2,3],"timestamp":[0,3600]}}"#, "data.timestamp: has 2 times; 'value' has 3 values"),
            (#"{"data":{"value":[1,2,3],"timestamp":[0,3600,7201]}}"#, "data: row 2: is not one step of 1h after"),
            (#"{"data":{"value":[1,2,3],"timestamp":[0,0,0]}}"#, "data: row 1: is not one step"),
            (#"{"data":{"value":[1,2,3],"timestamp":["x",0,0]}}"#, "data.timestamp[0]: is 'x'"),
            (#"{"data":{"value":[1,2,3],"timestamp":[1e300,0,0]}}"#, "data.timestamp[0]: is 1e+300"),
            (
                #"{"data":{"value":[1,2,3],"timestamp":["9999-12-31T21:00:00Z","9999-12-31T22:00:00Z","9999-12-31T23:00:00Z"]}}"#,
                "data: reaches beyond the years 1 to 9999"
            ),
        ]
    )
    func predictFaults(_ body: String, _ expected: String) {
        let found = problem { try PredictBody(series: one).decode(Array(body.utf8)) }
        #expect(found.hasPrefix(expected), "\(found)")
    }

    @Test("a model that knows the calendar is asked with times, in every protocol of tables")
    func needsTimes() {
        let bodies: [(String, (ServedSeries, [UInt8]) throws -> Any)] = [
            (#"{"data":{"value":[1,2]}}"#, { try PredictBody(series: $0).decode($1) }),
            (#"{"inputs":[{"series":[1,2]}]}"#, { try TimeSeriesBody(series: $0).decode($1) }),
            (#"{"dataframe_records":[{"value":1},{"value":2}]}"#, { try InvocationsBody(series: $0).decode($1) }),
            (#"{"instances":[[1,2]]}"#, { try InvocationsBody(series: $0).decode($1) }),
        ]
        for (body, decode) in bodies {
            let found = problem { try decode(calendar, Array(body.utf8)) }
            #expect(found.contains("this model needs"), "\(found)")
        }
    }

    @Test("rows of a month's last day are one step apart")
    func monthEnds() throws {
        let months = try Self.series(lookback: 3, ["value"], frequency: "1mo")
        for times in [["2026-01-31", "2026-02-28", "2026-03-31"], ["2026-01-30", "2026-02-28", "2026-03-30"]] {
            let list = times.map { "\"\($0)\"" }.joined(separator: ",")
            let body = #"{"data":{"value":[1,2,3],"timestamp":[\#(list)]}}"#
            #expect(try PredictBody(series: months).decode(Array(body.utf8)).history.ends.count == 1)
        }
    }

    // MARK: KServe's time series

    @Test("a time series needs nothing but its numbers, and null is as good as nothing")
    func timeSeriesRequests() throws {
        let bodies = TimeSeriesBody(series: one)
        let bare = try bodies.decode(Array(#"{"inputs":[{"series":[0,1,2,3]}]}"#.utf8))
        #expect(bare.batch.history == HistoryBatch(values: [1, 2, 3], batch: 1) && bare.batch.horizon == 2)
        let nulls =
            #"{"model":null,"metadata":null,"inputs":[{"series":[[1],[2],[3]],"name":null,"type":null,"frequency":null,"#
            + #""start_timestamp":null}],"options":{"horizon":null,"quantiles":null}}"#
        #expect(try bodies.decode(Array(nulls.utf8)) == bare)
        let full =
            #"{"model":"m","inputs":[{"type":"univariate_time_series","name":"a","series":[0,1,2,3],"frequency":"H","#
            + #""start_timestamp":"2026-11-21T00:00:00Z"}],"options":{"horizon":1,"quantiles":[]},"metadata":{"x":1}}"#
        let request = try bodies.decode(Array(full.utf8))
        #expect(request.batch.names == ["a"] && request.steps == ["H"] && request.batch.horizon == 1)
        #expect(request.batch.history == HistoryBatch(values: [1, 2, 3], batch: 1, ends: [1_795_230_000]))
        #expect(try TimeSeriesBody.model(in: Array(full.utf8)) == "m")
        #expect(try TimeSeriesBody.model(in: Array(nulls.utf8)) == nil)
        let mark = TimeSeriesBody.Mark(id: "i", created: 5)
        let answer = try bodies.encode([8, 9], for: request, model: "m", version: "v", mark: mark)
        let expected =
            #"{"id":"i","created_at":5,"status":"completed","error":null,"model":"m","model_version":"v","outputs":["#
            + #"{"type":"time_series_forecast","id":"i-0","status":"completed","error":null,"content":[{"type":"#
            + #""univariate_time_series","name":"a","mean_forecast":[8.0],"frequency":"H","start_timestamp":"#
            + #""2026-11-21T04:00:00Z","quantiles":null}]}],"usage":null}"#
        #expect(text(answer) == expected)
    }

    @Test(
        "a time series names what is wrong",
        arguments: [
            ("{}", "inputs: is missing"),
            (#"{"inputs":[]}"#, "inputs: is empty"),
            (#"{"inputs":[{}]}"#, "inputs[0].series: is missing"),
            (#"{"inputs":[{"series":[1]}]}"#, "inputs[0].series: has 1 rows"),
            (#"{"inputs":[{"series":[[1,2],[1,2],[1,2]]}]}"#, "inputs[0].series: has shape [3,2]"),
            (#"{"inputs":[{"series":[1,2,3],"type":"x"}]}"#, "inputs[0].type: is 'x'"),
            (
                #"{"inputs":[{"series":[1,2,3],"frequency":"D"}]}"#,
                "inputs[0].frequency: is 'D'; the model's rows are 'hour'"
            ),
            (#"{"inputs":[{"series":[1,2,3],"frequency":7}]}"#, "inputs[0].frequency: is a number"),
            (#"{"inputs":[{"series":[1,2,3],"start_timestamp":"soon"}]}"#, "inputs[0].start_timestamp: is 'soon'"),
            (#"{"inputs":[{"series":[1,2,3],"start_timestamp":1e17}]}"#, "inputs[0].start_timestamp: or the series"),
            (#"{"inputs":[{"series":[1,2,3]}],"options":{"horizon":"3"}}"#, "options.horizon: is a string"),
            (#"{"inputs":[{"series":[1,2,3]}],"options":{"horizon":3}}"#, "options.horizon: is 3.0; must be"),
            (#"{"inputs":[{"series":[1,2,3]}],"options":{"quantiles":[0.5]}}"#, "options.quantiles: cannot be given"),
            (#"{"inputs":[{"series":[1,2,3]}],"options":7}"#, "options: is a number"),
        ]
    )
    func timeSeriesFaults(_ body: String, _ expected: String) {
        let found = problem { try TimeSeriesBody(series: one).decode(Array(body.utf8)) }
        #expect(found.hasPrefix(expected), "\(found)")
    }

    @Test("a step may be written in KServe's words, in pandas' or in ours")
    func steps() throws {
        for (text, frequency) in [
            ("hour", "1h"), ("H", "1h"), ("T", "1min"), ("15T", "15min"), ("15 minutes", "15min"), ("60min", "1h"),
            ("Q", "3mo"), ("quarter", "3mo"), ("Y", "12mo"), ("M", "1mo"), ("week", "7d"), ("24 hours", "1d"),
        ] {
            let step = try Frequency(frequency).step
            #expect(StepName.step(text) == step, "\(text)")
        }
        for text in ["", "0H", "-1H", "fortnight", "H1", "99999999999H", "1.5H", "1  H"] {
            #expect(StepName.step(text) == nil, "\(text)")
        }
        #expect(StepName.name(try Frequency("60min")) == "hour")
        #expect(StepName.name(try Frequency("10min")) == "10min")
    }

    // MARK: MLflow

    @Test("/invocations takes its four kinds of bodies")
    func invocations() throws {
        let bodies = InvocationsBody(series: two)
        let frames = [
            #"{"dataframe_split":{"index":[0,1],"columns":["load","x","heat"],"data":[[1,"a",2],[3,null,4]]}}"#,
            #"{"dataframe_split":{"data":[[1,2],[3,4]],"columns":["load","heat"]},"params":{"horizon":1}}"#,
            #"{"dataframe_records":[{"load":1,"heat":2},{"heat":4,"load":3}]}"#,
            #"{"inputs":{"load":[1,3],"heat":[2,4]},"params":null}"#,
        ]
        for body in frames {
            let request = try bodies.decode(Array(body.utf8))
            #expect(
                request.isFrame && request.batch.history == HistoryBatch(values: [1, 2, 3, 4], batch: 1),
                "\(body)"
            )
        }
        for key in ["instances", "inputs"] {
            let request = try bodies.decode(Array(#"{"\#(key)":[[[1,2],[3,4]],[[5,6],[7,8]]]}"#.utf8))
            #expect(!request.isFrame && request.batch.history.batch == 2)
            #expect(text(try bodies.encode([1, 2, 3, 4], for: request)) == #"{"predictions":[[1.0,2.0],[3.0,4.0]]}"#)
        }
    }

    @Test("/invocations answers a data frame with rows, of several series with their names")
    func invocationRows() throws {
        let bodies = InvocationsBody(series: calendar)
        let rows = [("a", 1, 0), ("b", 5, 0), ("a", 2, 3_600), ("b", 6, 3_600)].map { name, value, time in
            #"["\#(name)",\#(value),\#(time)]"#
        }
        let body =
            #"{"dataframe_split":{"columns":["item_id","value","timestamp"],"data":[\#(rows.joined(separator: ","))]},"#
            + #""params":{"horizon":1}}"#
        let request = try bodies.decode(Array(body.utf8))
        #expect(request.batch.names == ["a", "b"])
        #expect(request.batch.history == HistoryBatch(values: [1, 2, 5, 6], batch: 2, ends: [3_600, 3_600]))
        let expected =
            #"{"predictions":[{"item_id":"a","timestamp":"1970-01-01T02:00:00Z","value":7.0},"#
            + #"{"item_id":"b","timestamp":"1970-01-01T02:00:00Z","value":9.0}]}"#
        #expect(text(try bodies.encode([7, 8, 9, 10], for: request)) == expected)
    }

    @Test(
        "/invocations names what is wrong",
        arguments: [
            ("{}", "body: must hold exactly one of dataframe_split"),
            (#"{"instances":[[1,2,3]],"inputs":[]}"#, "inputs: comes second; give exactly one of"),
            (#"{"dataframe_split":{"columns":["value"]}}"#, "dataframe_split.data: is missing"),
            (#"{"dataframe_split":{"data":[]}}"#, "dataframe_split.columns: is missing"),
            (#"{"dataframe_split":{"columns":["x"],"data":[]}}"#, "dataframe_split.columns: has no column 'value'"),
            (#"{"dataframe_split":{"columns":["value"],"data":[]}}"#, "dataframe_split.data: is empty"),
            (
                #"{"dataframe_split":{"columns":["value"],"data":[[1],[2,3]]}}"#,
                "dataframe_split.data[1]: has 2 values; there are 1 columns"
            ),
            (
                #"{"dataframe_split":{"columns":["value","value"],"data":[[1,2]]}}"#,
                "dataframe_split.data[0][1]: is there twice"
            ),
            (#"{"dataframe_split":{"columns":["value"],"data":[["1"]]}}"#, "dataframe_split.data[0][0]: is a string"),
            (#"{"dataframe_records":{"value":{"0":1}}}"#, "dataframe_records: is an object; must be an array"),
            (#"{"dataframe_records":[{"value":1,"item_id":"n"}]}"#, "dataframe_records of 'n': has 1 rows"),
            (#"{"inputs":{"x":[1]}}"#, "inputs: has no column 'value'"),
            (#"{"instances":[[1]],"params":{}}"#, "instances[0]: has 1 rows"),
            (#"{"instances":[[1,2,3]],"params":{"horizon":9}}"#, "params.horizon: is 9.0"),
            (#"{"instances":[[1,2,3]],"params":{"quantiles":[0.5]}}"#, "params.quantiles: cannot be given"),
        ]
    )
    func invocationFaults(_ body: String, _ expected: String) {
        let found = problem { try InvocationsBody(series: one).decode(Array(body.utf8)) }
        #expect(found.hasPrefix(expected), "\(found)")
    }

    @Test("names of series are bounded, since each costs more than its few bytes")
    func manySeries() {
        let rows = (0...SeriesBatch.mostSeries).map { #"{"value":1,"item_id":\#($0)}"# }.joined(separator: ",")
        let found = problem { try InvocationsBody(series: one).decode(Array("{\"dataframe_records\":[\(rows)]}".utf8)) }
        #expect(found == "dataframe_records: holds more than 10000 series")
    }

    // MARK: Hostile bodies

    @Test("no body makes a reader trap: mutated requests and random bytes", arguments: [1, 2, 3] as [UInt64])
    func fuzz(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let seeds = [
            #"{"data":{"value":[1,2,3],"timestamp":["2026-11-21T01:00:00Z","2026-11-21 02:00:00",1795230000]},"horizon":1}"#,
            #"{"series":[{"name":"a","data":[{"value":1,"timestamp":0},{"value":2,"timestamp":3600}]}],"quantiles":null}"#,
            #"{"model":"m","inputs":[{"series":[1,2,3],"frequency":"15T","start_timestamp":"2026-11-21"}],"options":{}}"#,
            #"{"dataframe_split":{"data":[[1,"a",0],[3,"b",3600]],"columns":["value","item_id","timestamp"]}}"#,
            #"{"dataframe_records":[{"value":1,"item_id":7},{"value":2.5e3,"item_id":7}],"params":{"horizon":1}}"#,
            #"{"inputs":{"value":[1,2,3],"load":[1,2],"heat":[3,4]}}"#,
        ].map { Array($0.utf8) }
        var accepted = 0
        func hold(_ batch: SeriesBatch?, _ series: ServedSeries) {
            guard let batch else { return }
            accepted += 1
            #expect(batch.history.values.count == batch.history.batch * series.shape.inputCount)
            #expect(batch.names.count == batch.history.batch && batch.ends.count == batch.history.batch)
            let forecasts = [Double](repeating: 1, count: batch.history.batch * series.shape.outputCount)
            #expect((try? PredictBody(series: series).encode(forecasts, for: batch, model: "", version: "")) != nil)
        }
        for round in 0..<4_000 {
            let body =
                round.isMultiple(of: 10)
                ? (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                : random.mutate(seeds[round % seeds.count])
            for series in [one, two, calendar] {
                hold(try? PredictBody(series: series).decode(body), series)
                hold(try? TimeSeriesBody(series: series).decode(body).batch, series)
                hold(try? InvocationsBody(series: series).decode(body).batch, series)
                _ = try? TimeSeriesBody.model(in: body)
            }
        }
        #expect(accepted > 50)
    }
}
