// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Forecasting
@testable import Serving

@Suite("Quantiles in the protocols")
struct QuantileTests {
    private let one: ServedSeries
    private let two: ServedSeries

    init() throws {
        one = try Self.series(["value"], offsets: [-1, 0, 1, -10, 0.5, 20])
        two = try Self.series(["load", "heat"], offsets: [-1, 0, 1, -2, 0, 2, -3, 0, 3, -4, 0, 4])
    }

    /// A model of two steps with the quantiles 0.1, 0.5 and 0.9.
    private static func series(_ targets: [String], offsets: [Double]) throws -> ServedSeries {
        ServedSeries(
            shape: try WindowShape(lookback: 2, horizon: 2, channels: targets.count, targets: targets.count),
            columns: targets,
            frequency: try Frequency("1h"),
            usesTimes: false,
            intervals: ForecastIntervals(levels: try IntervalLevels([80]), windows: 9, offsets: offsets)
        )
    }

    private func v2(_ series: ServedSeries) -> InferenceV2 {
        InferenceV2(shape: series.shape, intervals: series.intervals)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func problem(_ work: () throws -> Any) -> String {
        do { return "no problem: \(try work())" } catch { return "\(error)" }
    }

    @Test("/predict has a column for each, in the order that was asked")
    func predict() throws {
        let body = #"{"quantiles":[0.9,0.1],"series":[{"data":{"value":[1,2]}},{"name":"b","data":{"value":[3,4]}}]}"#
        let bodies = PredictBody(series: one)
        let request = try bodies.decode(Array(body.utf8))
        #expect(request.quantiles == [2, 0])
        let answer = try bodies.encode([10, 20, 30, 40], for: request, model: "m", version: "v")
        let expected =
            #"{"model":"m","version":"v","frequency":"1h","forecasts":["#
            + #"{"data":{"value":[10.0,20.0],"value_0.9":[11.0,40.0],"value_0.1":[9.0,10.0]}},"#
            + #"{"name":"b","data":{"value":[30.0,40.0],"value_0.9":[31.0,60.0],"value_0.1":[29.0,30.0]}}]}"#
        #expect(text(answer) == expected)
        let targets = try PredictBody(series: two).decode(
            Array(#"{"data":{"load":[1,2],"heat":[3,4]},"quantiles":[0.5],"horizon":1}"#.utf8)
        )
        let both = try PredictBody(series: two).encode([1, 2, 3, 4], for: targets, model: "m", version: "v")
        #expect(text(both).hasSuffix(#""data":{"load":[1.0],"load_0.5":[1.0],"heat":[2.0],"heat_0.5":[2.0]}}]}"#))
    }

    @Test("KServe's time series have a list for each, or rows for several targets")
    func timeSeries() throws {
        func answer(_ series: ServedSeries, _ body: String, _ forecasts: [Double]) throws -> String {
            let bodies = TimeSeriesBody(series: series)
            let request = try bodies.decode(Array(body.utf8))
            let mark = TimeSeriesBody.Mark(id: "i", created: 1)
            return text(try bodies.encode(forecasts, for: request, model: "m", version: "v", mark: mark))
        }
        let single = #"{"inputs":[{"series":[1,2]}],"options":{"quantiles":[0.1,0.9]}}"#
        #expect(try answer(one, single, [10, 20]).contains(#""quantiles":{"0.1":[9.0,10.0],"0.9":[11.0,40.0]}}]}]"#))
        let rows = #"{"inputs":[{"series":[[1,2],[3,4]]}],"options":{"horizon":1,"quantiles":[0.1]}}"#
        #expect(try answer(two, rows, [1, 2, 3, 4]).contains(#""quantiles":{"0.1":[[0.0,0.0]]}}]}]"#))
        let none = #"{"inputs":[{"series":[1,2]}],"options":{"quantiles":[]}}"#
        #expect(try answer(one, none, [10, 20]).contains(#""quantiles":null}]}]"#))
    }

    @Test("MLflow's rows have a column for each; histories without names are answered with columns then")
    func invocations() throws {
        let bodies = InvocationsBody(series: one)
        func answer(_ body: String) throws -> String {
            text(try bodies.encode([10, 20], for: bodies.decode(Array(body.utf8))))
        }
        let rows = #"{"dataframe_records":[{"value":1},{"value":2}],"params":{"quantiles":[0.1,0.9]}}"#
        let expected =
            #"{"predictions":[{"value":10.0,"value_0.1":9.0,"value_0.9":11.0},"#
            + #"{"value":20.0,"value_0.1":10.0,"value_0.9":40.0}]}"#
        #expect(try answer(rows) == expected)
        let lists = #"{"params":{"quantiles":[0.1]},"instances":[[1,2]]}"#
        #expect(try answer(lists) == #"{"predictions":[{"value":[10.0,20.0],"value_0.1":[9.0,10.0]}]}"#)
        #expect(try answer(#"{"instances":[[1,2]]}"#) == #"{"predictions":[[10.0,20.0]]}"#)
    }

    @Test("the Open Inference Protocol has a tensor of them, where it is named or some are asked for")
    func tensors() throws {
        let history = #""inputs":[{"name":"history","shape":[1,2],"datatype":"FP64","data":[1,2]}]"#
        func outputs(_ rest: String, _ forecasts: [Double] = [10, 20]) throws -> String {
            let request = try v2(one).decode(Array("{\(history)\(rest)}".utf8))
            let answer = try v2(one).encode(forecasts, for: request, model: "m", version: "v")
            return text(answer.bytes).replacing(#"{"model_name":"m","model_version":"v","outputs":"#, with: "")
        }
        let forecast = #"{"name":"forecast","shape":[1,2,1],"datatype":"FP64","data":[10.0,20.0]}"#
        func quantiles(_ list: String, _ count: Int, _ data: String) -> String {
            #"{"name":"quantiles","shape":[1,2,1,\#(count)],"datatype":"FP64","#
                + #""parameters":{"quantiles":"\#(list)"},"data":[\#(data)]}"#
        }
        let all = quantiles("0.1,0.5,0.9", 3, "9.0,10.0,11.0,10.0,20.5,40.0")
        #expect(try outputs("") == "[\(forecast)]}")
        #expect(try outputs(#","outputs":[{"name":"quantiles"}]"#) == "[\(all)]}")
        #expect(try outputs(#","outputs":[{"name":"quantiles"},{"name":"forecast"}]"#) == "[\(forecast),\(all)]}")
        let upper = quantiles("0.9", 1, "11.0,40.0")
        for parameter in [#""0.9""#, "[0.9]", #"" 0.9""#] {
            #expect(try outputs(#","parameters":{"quantiles":\#(parameter)}"#) == "[\(forecast),\(upper)]}")
        }
        #expect(
            try outputs(#","parameters":{"quantiles":"0.9,0.1","horizon":1},"outputs":[{"name":"quantiles"}]"#)
                == #"[{"name":"quantiles","shape":[1,1,1,2],"datatype":"FP64","parameters":{"quantiles":"0.9,0.1"},"#
                + #""data":[11.0,9.0]}]}"#
        )
        // What is named is all that is wanted.
        #expect(try outputs(#","parameters":{"quantiles":"0.9"},"outputs":[{"name":"forecast"}]"#) == "[\(forecast)]}")
    }

    @Test("both tensors may stand behind the JSON, one after the other, and one may stay in it")
    func binaryTensors() throws {
        let head =
            #"{"inputs":[{"name":"history","shape":[1,2],"datatype":"FP32","data":[1,2]}],"#
            + #""outputs":[{"name":"forecast"},{"name":"quantiles","parameters":{"binary_data":true}}],"#
        func answer(_ rest: String) throws -> InferenceV2.Answer {
            let request = try v2(one).decode(Array((head + rest).utf8))
            return try v2(one).encode([10, 20], for: request, model: "m", version: "v")
        }
        func bytes(_ values: [Float]) -> [UInt8] { values.flatMap { withUnsafeBytes(of: $0) { Array($0) } } }
        let wanted = bytes([9, 11, 10, 40])
        let mixed = try answer(#""parameters":{"quantiles":"0.1,0.9"}}"#)
        #expect(Array(mixed.bytes.suffix(16)) == wanted && mixed.jsonLength == mixed.bytes.count - 16)
        #expect(text(Array(mixed.bytes.dropLast(16))).contains(#""data":[10.0,20.0]"#))
        let both = try answer(#""parameters":{"quantiles":"0.1,0.9","binary_data_output":true}}"#)
        #expect(Array(both.bytes.suffix(24)) == bytes([10, 20]) + wanted)
        #expect(
            text(Array(both.bytes.dropLast(24))).hasSuffix(
                #""parameters":{"binary_data_size":8}},{"name":"quantiles","shape":[1,2,1,2],"datatype":"FP32","#
                    + #""parameters":{"quantiles":"0.1,0.9","binary_data_size":16}}]}"#
            )
        )
    }

    @Test("a quantile that the model does not have is refused with those that it has")
    func unknown() throws {
        let list = "this model has 0.1,0.5,0.9"
        func predict(_ quantiles: String) -> String {
            problem { try PredictBody(series: one).decode(Array(#"{"quantiles":\#(quantiles)}"#.utf8)) }
        }
        #expect(predict("[0.1,0.3]") == "quantiles[1]: is 0.3; \(list)")
        #expect(predict("[90]") == "quantiles[0]: is 90.0; \(list)")
        #expect(predict("[0.1,0.1]") == "quantiles[1]: is there twice")
        #expect(predict("[\"a\"]") == "quantiles[0]: is a string; must be a number")
        #expect(predict("0.1") == "quantiles: is a number; must be an array")
        #expect(predict("\"0.1,x\"") == "quantiles: holds 'x'; must be numbers and commas")
        #expect(predict("[0.10000000000000001,0.9000000000000001]").hasPrefix("data: is missing"))
        let options = #"{"inputs":[],"options":{"quantiles":[0.2]}}"#
        #expect(
            problem { try TimeSeriesBody(series: one).decode(Array(options.utf8)) }
                == "options.quantiles[0]: is 0.2; \(list)"
        )
        let params = #"{"params":{"quantiles":[0.2]}}"#
        #expect(
            problem { try InvocationsBody(series: one).decode(Array(params.utf8)) }
                == "params.quantiles[0]: is 0.2; \(list)"
        )
        let parameters = #"{"parameters":{"quantiles":"0.2"}}"#
        #expect(problem { try v2(one).decode(Array(parameters.utf8)) } == "parameters.quantiles: is 0.2; \(list)")
        // Without intervals there is no such tensor either.
        let named = #"{"outputs":[{"name":"quantiles"}]}"#
        #expect(
            problem { try InferenceV2(shape: one.shape).decode(Array(named.utf8)) }
                == "outputs[0].name: is 'quantiles'; must be 'forecast'"
        )
        let many = String(repeating: #"{"name":"forecast"},"#, count: 16) + #"{"name":"forecast"}"#
        #expect(
            problem { try v2(one).decode(Array(#"{"outputs":[\#(many)]}"#.utf8)) }
                == "outputs: holds more than 16 tensors"
        )
    }

    @Test("quantiles count where an answer would fill the memory")
    func amplification() throws {
        let shape = try WindowShape(lookback: 1, horizon: 100_000, channels: 1, targets: 1)
        let offsets = [Double](repeating: 0, count: 300_000)
        let series = ServedSeries(
            shape: shape,
            columns: ["value"],
            frequency: try Frequency("1h"),
            usesTimes: false,
            intervals: ForecastIntervals(levels: try IntervalLevels([80]), windows: 9, offsets: offsets)
        )
        let instances = [String](repeating: "[1]", count: 11).joined(separator: ",")
        let body = #"{"instances":[\#(instances)],"params":{"quantiles":[0.1,0.5,0.9]}}"#
        let found = problem { try InvocationsBody(series: series).decode(Array(body.utf8)) }
        #expect(found == "body: holds 11 histories; at most 10 fit into one request")
    }

    @Test("no body makes a reader of quantiles trap", arguments: [1, 2, 3] as [UInt64])
    func fuzz(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let seeds = [
            #"{"data":{"value":[1,2]},"quantiles":[0.1,0.9]}"#,
            #"{"inputs":[{"series":[1,2]}],"options":{"horizon":1,"quantiles":[0.5]}}"#,
            #"{"inputs":{"value":[1,2]},"params":{"quantiles":"0.1,0.9"}}"#,
            #"{"inputs":[{"name":"history","shape":[1,2],"datatype":"FP64","data":[1,2]}],"outputs":[{"name":"quantiles"}],"#
                + #""parameters":{"quantiles":"0.1,0.5"}}"#,
        ].map { Array($0.utf8) }
        var answered = 0
        for round in 0..<4_000 {
            let seed = seeds[round % seeds.count]
            let body = round.isMultiple(of: 9) ? seed : random.mutate(seed)
            func forecasts(_ history: HistoryBatch) -> [Double] {
                [Double](repeating: 1, count: history.batch * one.shape.outputCount)
            }
            if let batch = try? PredictBody(series: one).decode(body) {
                let answer = try? PredictBody(series: one)
                    .encode(forecasts(batch.history), for: batch, model: "", version: "")
                answered += answer != nil && !batch.quantiles.isEmpty ? 1 : 0
            }
            if let request = try? InvocationsBody(series: one).decode(body) {
                let answer = try? InvocationsBody(series: one).encode(forecasts(request.batch.history), for: request)
                #expect(answer != nil)
            }
            if let request = try? TimeSeriesBody(series: one).decode(body) {
                let mark = TimeSeriesBody.Mark(id: "", created: 0)
                let answer = try? TimeSeriesBody(series: one)
                    .encode(forecasts(request.batch.history), for: request, model: "", version: "", mark: mark)
                #expect(answer != nil)
            }
            if let request = try? v2(one).decode(body) {
                #expect((try? v2(one).encode(forecasts(request.history), for: request, model: "", version: "")) != nil)
            }
        }
        #expect(answered > 20)
    }
}
