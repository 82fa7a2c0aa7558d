// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import TestSupport
import Testing

@testable import Serving

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
        #expect(throws: ServingError.forecastNotFinite) { try InferenceV1(shape: one).encode([.nan, 1], batch: 1) }
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
        #expect(String(decoding: answer.bytes, as: UTF8.self) == expected && answer.jsonLength == nil)
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

    // MARK: Binary tensors

    /// The bytes of a value, the lowest first.
    private func bytes<Value>(_ value: Value) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    @Test("V2 takes tensors behind the JSON and gives them there where asked to, as Triton's clients do")
    func v2Binary() throws {
        let head =
            #"{"id":"1","inputs":[{"name":"end","shape":[1],"datatype":"INT64","parameters":{"binary_data_size":8}},"#
            + #"{"name":"history","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}],"#
            + #""parameters":{"binary_data_output":true,"horizon":1}}"#
        let tail = bytes(Int64(60)) + [Float(1), 2.5, -3].flatMap(bytes)
        let decoder = InferenceV2(shape: one, needsTimes: true)
        let request = try decoder.decode(Array(head.utf8) + tail, jsonLength: head.utf8.count)
        #expect(request.history == HistoryBatch(values: [1, 2.5, -3], batch: 1, ends: [60]))
        #expect(request.wantsBinary && request.horizon == 1)
        let answer = try decoder.encode([7.5, 9], for: request, model: "m", version: "v")
        let json =
            #"{"model_name":"m","model_version":"v","id":"1","outputs":[{"name":"forecast","shape":[1,1,1],"#
            + #""datatype":"FP32","parameters":{"binary_data_size":4}}]}"#
        #expect(answer == .init(bytes: Array(json.utf8) + bytes(Float(7.5)), jsonLength: json.utf8.count))
    }

    @Test("V2 takes texts behind the JSON, and an output that wants JSON has it")
    func v2BinaryTexts() throws {
        let text = "1970-01-01T00:01:00Z"
        let head =
            #"{"outputs":[{"name":"forecast","parameters":{"binary_data":false}}],"parameters":{"binary_data_output":true},"#
            + #""inputs":[{"name":"history","shape":[1,3],"datatype":"FP64","parameters":{"binary_data_size":24}},"#
            + #"{"name":"end","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":24}}]}"#
        let tail = [1.0, 2, 3].flatMap(bytes) + bytes(UInt32(20)) + Array(text.utf8)
        let request = try InferenceV2(shape: one).decode(Array(head.utf8) + tail, jsonLength: head.utf8.count)
        #expect(request.history == HistoryBatch(values: [1, 2, 3], batch: 1, ends: [60]) && !request.wantsBinary)
    }

    @Test("V2 names what is wrong with bytes behind the JSON")
    func v2BinaryFaults() {
        func fault(_ parameters: String, _ tail: [UInt8], datatype: String = "FP32", length: Int? = nil) -> String {
            let head =
                #"{"inputs":[{"name":"history","shape":[1,3],"datatype":"\#(datatype)","parameters":\#(parameters)}]}"#
            return problem {
                try InferenceV2(shape: one).decode(Array(head.utf8) + tail, jsonLength: length ?? head.utf8.count)
            }
        }
        let size = "inputs[0].parameters.binary_data_size"
        #expect(fault(#"{"binary_data_size":12}"#, []).hasPrefix("\(size): is 12; 0 bytes are left"))
        #expect(fault(#"{"binary_data_size":-1}"#, []).hasPrefix("\(size): is -1.0; must be"))
        #expect(fault(#"{"binary_data_size":1e300}"#, []).hasPrefix("\(size): is 1e+300; must be"))
        #expect(fault(#"{"binary_data_size":3}"#, [1, 2, 3]).hasPrefix("\(size): is 3; must be a multiple of 4"))
        #expect(fault("{}", [1]).hasPrefix("body: has 1 bytes behind its tensors"))
        #expect(fault("{}", [], length: 9_999).hasPrefix("body: has"))
        #expect(fault(#"{"binary_data_size":4}"#, [0, 0, 0xC0, 0x7F]).contains("holds a value that is no number"))
        #expect(fault(#"{"binary_data_size":4}"#, [9, 0, 0, 0], datatype: "BYTES").contains("cut off"))
        #expect(fault(#"{"binary_data_size":2}"#, [9, 0], datatype: "BYTES").contains("ends within a length"))
        #expect(fault(#"{"binary_data_size":2}"#, [9, 0], datatype: "FP16").contains("datatype: must be"))
        #expect(fault("7", []).hasPrefix("inputs[0].parameters: is a number"))
    }

    @Test("no bytes behind the JSON make the reader trap", arguments: [5, 6] as [UInt64])
    func fuzzBinary(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let head = Array(
            (#"{"inputs":[{"name":"history","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}},"#
                + #"{"name":"end","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":24}}]}"#).utf8
        )
        let tail = [Float(1), 2, 3].flatMap(bytes) + bytes(UInt32(20)) + Array("1970-01-01T00:01:00Z".utf8)
        var accepted = 0
        for _ in 0..<5_000 {
            let body = Bool.random(using: &random) ? head + random.mutate(tail) : random.mutate(head + tail)
            let length =
                Bool.random(using: &random) ? head.count : Int.random(in: 0...(head.count + 60), using: &random)
            if let request = try? InferenceV2(shape: one).decode(body, jsonLength: length) {
                #expect(request.history.values.count == 3)
                accepted += 1
            }
        }
        #expect(accepted > 20)
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
