// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import TestSupport
import Testing

@testable import Worker

@Suite("The inference protocols")
struct InferenceTests {
    private let one: WindowShape
    private let two: WindowShape

    init() throws {
        one = try WindowShape(lookback: 3, horizon: 2, channels: 1, targets: 1)
        two = try WindowShape(lookback: 2, horizon: 2, channels: 2, targets: 2)
    }

    private func problem(_ work: () throws -> Any) -> String {
        do { return "no problem: \(try work())" } catch { return "\(error)" }
    }

    // MARK: V1

    @Test("V1 takes lists of numbers or rows, and of longer ones the last rows")
    func v1Instances() throws {
        let flat = try InferenceV1(shape: one).decode(Array(#"{"instances":[[1,2,3],[0,0,4,5,6]]}"#.utf8))
        #expect(flat == HistoryBatch(values: [1, 2, 3, 4, 5, 6], batch: 2))
        let rows = try InferenceV1(shape: one).decode(Array(#"{"x":{"y":[]},"inputs":[[[1],[2],[3]]]}"#.utf8))
        #expect(rows == HistoryBatch(values: [1, 2, 3], batch: 1))
        let columns = try InferenceV1(shape: two).decode(Array(#"{"instances":[[[9,9],[1,2],[3,4]]]}"#.utf8))
        #expect(columns == HistoryBatch(values: [1, 2, 3, 4], batch: 1))
    }

    @Test("V1 answers with a list a target, or with rows for several")
    func v1Predictions() throws {
        let single = try InferenceV1(shape: one).encode([1, 2.5, 3, -4], batch: 2)
        #expect(String(decoding: single, as: UTF8.self) == #"{"predictions":[[1.0,2.5],[3.0,-4.0]]}"#)
        let rows = try InferenceV1(shape: two).encode([1, 2, 3, 4], batch: 1)
        #expect(String(decoding: rows, as: UTF8.self) == #"{"predictions":[[[1.0,2.0],[3.0,4.0]]]}"#)
        #expect(throws: WorkerError.forecastNotFinite) { try InferenceV1(shape: one).encode([.nan, 1], batch: 1) }
    }

    @Test(
        "V1 names what is wrong",
        arguments: [
            ("{}", "instances: is missing"),
            (#"{"instances":[]}"#, "instances: is empty"),
            (#"{"instances":[[1,2]]}"#, "instances[0]: has 2 rows; the model needs at least 3"),
            (#"{"instances":[[1,2,3],[]]}"#, "instances[1]: has 0 rows"),
            (#"{"instances":[[[1,2],[1,2],[1,2]]]}"#, "instances[0]: has shape [3,2]; must be [rows] or [rows,1]"),
            (#"{"instances":[[1,null,3]]}"#, "instances[0][1]: is 'null'"),
            (#"{"instances":[7]}"#, "instances[0]: is a number; must be an array of numbers"),
            (#"{"instances":7}"#, "instances: is a number; must be an array"),
            (#"{"instances":[[1,2,3]],"inputs":[]}"#, "inputs: is a second list"),
            ("[1]", "body: is an array; must be an object"),
            ("", "is not JSON"),
        ]
    )
    func v1Faults(_ body: String, _ expected: String) {
        let found = problem { try InferenceV1(shape: one).decode(Array(body.utf8)) }
        #expect(found.contains(expected), "\(found)")
    }

    // MARK: V2

    private func v2(_ tensor: String, rest: String = "") -> [UInt8] {
        Array(#"{"inputs":[{"name":"history",\#(tensor)}]\#(rest)}"#.utf8)
    }

    @Test("V2 takes flat and nested data in any order of members, and keeps the id")
    func v2Requests() throws {
        let flat = try InferenceV2(shape: one).decode(
            v2(#""shape":[2,3],"datatype":"FP32","data":[1,2,3,4,5,6]"#, rest: #","id":"a\"b","parameters":{"x":1}"#)
        )
        #expect(flat.id == "a\"b" && flat.datatype == .fp32)
        #expect(flat.history == HistoryBatch(values: [1, 2, 3, 4, 5, 6], batch: 2))
        let nested = try InferenceV2(shape: two).decode(
            v2(#""data":[[[1,2],[3,4]]],"datatype":"FP64","shape":[1,2,2]"#, rest: #","outputs":[{"name":"forecast"}]"#)
        )
        #expect(nested.history == HistoryBatch(values: [1, 2, 3, 4], batch: 1) && nested.id == nil)
        let answer = try InferenceV2(shape: one).encode([1, 2, 3, 4], for: flat, model: "m", version: "v")
        let expected =
            #"{"model_name":"m","model_version":"v","id":"a\"b","outputs":[{"name":"forecast","shape":[2,2,1],"#
            + #""datatype":"FP32","data":[1.0,2.0,3.0,4.0]}]}"#
        #expect(String(decoding: answer, as: UTF8.self) == expected)
    }

    @Test(
        "V2 names what is wrong",
        arguments: [
            (#""shape":[2,10,1],"datatype":"FP64","data":[]"#, "inputs[0].shape: is [2,10,1]; must be [batch,3,1]"),
            (#""shape":[0,3,1],"datatype":"FP64","data":[]"#, "inputs[0].shape: is [0,3,1]"),
            (#""shape":[-1,3,1],"datatype":"FP64","data":[]"#, "inputs[0].shape: is [-1,3,1]"),
            (#""shape":[1.5,3,1],"datatype":"FP64","data":[]"#, "inputs[0].shape"),
            (#""shape":[2147483647,3,1],"datatype":"FP64","data":[]"#, "at most 2000000 fit"),
            (#""shape":[9223372036854775807,3,1],"datatype":"FP64","data":[]"#, "inputs[0].shape"),
            (#""shape":[1e300,3,1],"datatype":"FP64","data":[]"#, "inputs[0].shape"),
            (#""shape":[],"datatype":"FP64","data":[]"#, "inputs[0].shape: is []"),
            (#""shape":[[1]],"datatype":"FP64","data":[]"#, "inputs[0].shape: must be a flat list"),
            (#""shape":[1,3,1],"datatype":"INT32","data":[1,2,3]"#, "inputs[0].datatype: is 'INT32'"),
            (#""shape":[1,3,1],"data":[1,2,3]"#, "inputs[0].datatype: is missing"),
            (#""shape":[1,3,1],"datatype":"FP64""#, "inputs[0].data: is missing"),
            (#""shape":[1,3,1],"datatype":"FP64","data":[1,2]"#, "inputs[0].data: holds 2 numbers"),
            (#""shape":[1,3,1],"datatype":"FP64","data":[[1,2,3]]"#, "inputs[0].data: is nested as [1,3]"),
            (#""shape":[1,3,1],"datatype":"FP64","data":[1,2,"x"]"#, "inputs[0].data[2]: is a string"),
            (#""datatype":"FP64","data":[1,2,3]"#, "inputs[0].shape: is missing"),
        ]
    )
    func v2Faults(_ tensor: String, _ expected: String) {
        let found = problem { try InferenceV2(shape: one).decode(v2(tensor)) }
        #expect(found.contains(expected), "\(found)")
    }

    // MARK: Times

    @Test("V1 takes the time of the last row, as a text with its zone or as seconds")
    func v1Times() throws {
        let body =
            #"{"instances":[{"end":"2026-11-21T03:00:00+01:00","history":[1,2,3]},{"history":[4,5,6],"end":60}]}"#
        let expected = HistoryBatch(values: [1, 2, 3, 4, 5, 6], batch: 2, ends: [1_795_226_400, 60])
        for needsTimes in [false, true] {
            #expect(try InferenceV1(shape: one, needsTimes: needsTimes).decode(Array(body.utf8)) == expected)
        }
        // A model that needs no times has none where they are not all given.
        let mixed = try InferenceV1(shape: one).decode(
            Array(#"{"instances":[{"history":[1,2,3],"end":0},[4,5,6]]}"#.utf8)
        )
        #expect(mixed == HistoryBatch(values: [1, 2, 3, 4, 5, 6], batch: 2))
    }

    @Test(
        "V1 names a time that is missing or wrong",
        arguments: [
            (#"[[1,2,3]]"#, "instances[0]: has no time, which this model needs"),
            (#"[{"history":[1,2,3]}]"#, "instances[0]: has no time"),
            (#"[{"end":0}]"#, "instances[0].history: is missing"),
            (#"[{"history":[1,2],"end":0}]"#, "instances[0].history: has 2 rows"),
            (#"[{"history":[1,2,3],"history":[1,2,3],"end":0}]"#, "instances[0].history: is there twice"),
            (
                #"[{"history":[1,2,3],"end":"2026-11-21T03:00:00"}]"#,
                "instances[0].end: is '2026-11-21T03:00:00'; must be"
            ),
            (#"[{"history":[1,2,3],"end":1.5}]"#, "instances[0].end: is 1.5; must be whole seconds"),
            (#"[{"history":[1,2,3],"end":1e300}]"#, "instances[0].end: is 1e+300"),
            (#"[{"history":[1,2,3],"end":null}]"#, "instances[0].end: is 'null'; must be a number"),
        ]
    )
    func v1TimeFaults(_ instances: String, _ expected: String) {
        let found = problem {
            try InferenceV1(shape: one, needsTimes: true).decode(Array(#"{"instances":\#(instances)}"#.utf8))
        }
        #expect(found.contains(expected), "\(found)")
    }

    @Test("V2 takes the times as a second tensor, before or after the histories")
    func v2Times() throws {
        let history = #"{"name":"history","shape":[2,3],"datatype":"FP64","data":[1,2,3,4,5,6]}"#
        let seconds = #"{"name":"end","shape":[2],"datatype":"INT64","data":[0,3600]}"#
        let texts =
            #"{"data":["1970-01-01T00:00:00Z","1970-01-01T01:00:00Z"],"name":"end","shape":[2,1],"datatype":"BYTES"}"#
        for tensors in [[history, seconds], [seconds, history], [history, texts]] {
            let body = "{\"inputs\":[\(tensors.joined(separator: ","))]}"
            let request = try InferenceV2(shape: one, needsTimes: true).decode(Array(body.utf8))
            #expect(request.history == HistoryBatch(values: [1, 2, 3, 4, 5, 6], batch: 2, ends: [0, 3_600]))
        }
        let faults = [
            ([history], "inputs: has no tensor 'end', which this model needs"),
            ([seconds], "inputs[0].name: is 'end'; must be 'history'"),
            ([history, #"{"name":"end","shape":[1],"datatype":"INT64","data":[0]}"#], "inputs[1].shape: must be [2]"),
            ([history, #"{"name":"end","shape":[2],"datatype":"INT64","data":[0]}"#], "inputs[1].data: holds 1 times"),
            ([history, #"{"name":"end","shape":[2],"datatype":"FP32","data":[0,0]}"#], "inputs[1].datatype: must be"),
            ([history, #"{"name":"end","shape":[2],"datatype":"BYTES","data":["a","b"]}"#], "inputs[1].data: is 'a'"),
        ]
        for (tensors, expected) in faults {
            let body = "{\"inputs\":[\(tensors.joined(separator: ","))]}"
            let found = problem { try InferenceV2(shape: one, needsTimes: true).decode(Array(body.utf8)) }
            #expect(found.contains(expected), "\(found)")
        }
    }

    @Test("V2 knows just its inputs and one output")
    func v2Tensors() {
        let good = #"{"name":"history","shape":[1,3],"datatype":"FP64","data":[1,2,3]}"#
        let bodies = [
            ("{}", "inputs: is missing"),
            (#"{"inputs":[]}"#, "inputs: holds 0 tensors"),
            (#"{"inputs":[\#(good),\#(good)]}"#, "inputs[1].name: must be 'end'"),
            (#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP64","data":[1,2,3]}]}"#, "inputs[0].name: is 'x'"),
            (#"{"inputs":[\#(good)],"outputs":[{"name":"other"}]}"#, "outputs[0].name: is 'other'"),
            (#"{"id":5,"inputs":[\#(good)]}"#, "id: is a number; must be a string"),
        ]
        for (body, expected) in bodies {
            let found = problem { try InferenceV2(shape: one).decode(Array(body.utf8)) }
            #expect(found.contains(expected), "\(found)")
        }
    }

    @Test("a request whose answer would fill the memory is refused")
    func amplification() throws {
        let shape = try WindowShape(lookback: 1, horizon: 100_000, channels: 1, targets: 1)
        let instances = [String](repeating: "[1]", count: 1_000).joined(separator: ",")
        let found = problem { try InferenceV1(shape: shape).decode(Array("{\"instances\":[\(instances)]}".utf8)) }
        #expect(found.contains("instances: holds 1000 histories; at most 40 fit"), "\(found)")
    }

    // MARK: Hostile bodies

    @Test("no body makes a decoder trap: mutated requests and random bytes", arguments: [1, 2, 3, 4] as [UInt64])
    func fuzz(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let seeds = [
            Array(#"{"instances":[[1,2.5e3,-3],[[1],[2],[3]]]}"#.utf8),
            Array(#"{"instances":[[[1,2],[3,4]]],"more":{"a":[true,false,null,"\u00e9\ud83d\ude00"]}}"#.utf8),
            v2(#""shape":[2,3,1],"datatype":"FP32","data":[1,2,3,4,5,6],"parameters":{"a":"b"}"#, rest: #","id":"x""#),
            v2(
                #""shape":[1,2,2],"datatype":"FP64","data":[[[1,2],[3,4]]]"#,
                rest: #","outputs":[{"name":"forecast"}]"#
            ),
        ]
        var accepted = 0
        for round in 0..<6_000 {
            let body =
                round.isMultiple(of: 10)
                ? (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                : random.mutate(seeds[round % seeds.count])
            for shape in [one, two] {
                if let batch = try? InferenceV1(shape: shape).decode(body) {
                    #expect(batch.values.count == batch.batch * shape.inputCount)
                    accepted += 1
                }
                if let request = try? InferenceV2(shape: shape).decode(body) {
                    #expect(request.history.values.count == request.history.batch * shape.inputCount)
                    accepted += 1
                }
            }
        }
        #expect(accepted > 50)
    }
}
