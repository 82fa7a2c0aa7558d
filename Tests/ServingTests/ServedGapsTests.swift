// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import TestServers
import Testing

@testable import Serving

@Suite("Values that a request lacks")
struct ServedGapsTests {
    /// A model that forecasts its last two rows, and the value before a gap for each gap.
    private func model(_ missing: MissingPolicy) throws -> ServedModel {
        let shape = try WindowShape(lookback: 3, horizon: 2, channels: 1, targets: 1)
        let frequency = try Frequency("1h")
        let frame = try TimeSeriesFrame(timestamps: [0, 3_600, 7_200], names: ["value"], columns: [[5, 6, 7]])
        var settings = PreprocessorSettings(scaler: .none)
        settings.missing = missing
        let rows = RawRows(frame, 0..<3, targets: 1, frequency: frequency)
        let forecaster = try Forecaster(
            model: SeasonalNaive(shape: shape, seasonLength: 2),
            preprocessor: Preprocessor(settings, fitting: rows),
            columns: ["value"],
            frequency: frequency
        )
        return ServedModel(name: "m", version: "v", kind: "SeasonalNaive", forecaster: forecaster)
    }

    private static let bodies = [
        ("/v1/models/m:predict", #"{"instances":[[1,2,null]]}"#),
        (
            "/v2/models/m/infer",
            #"{"inputs":[{"name":"history","datatype":"FP64","shape":[1,3],"data":[1,2,null]}]}"#
        ),
        ("/predict", #"{"data":{"value":[1,2,null]}}"#),
        ("/predict", #"{"data":[{"value":1},{"value":2},{"value":null}]}"#),
        ("/invocations", #"{"dataframe_split":{"columns":["value"],"data":[[1],[2],[null]]}}"#),
        ("/invocations", #"{"dataframe_records":[{"value":1},{"value":2},{"value":null}]}"#),
        ("/invocations", #"{"instances":[[1,2,null]]}"#),
        ("/v1/timeseries/forecast", #"{"inputs":[{"series":[1,2,null]}]}"#),
    ]

    private func answers(_ model: ServedModel, _ bodies: [(String, String)]) async throws -> [(Int, String)] {
        let routes = ServingRoutes(
            shelf: ModelShelf(model),
            readiness: Readiness(),
            metrics: ServingMetrics(),
            mark: { TimeSeriesBody.Mark(id: "i", created: 0) }
        )
        return try await LoopbackServer.with(routes.router()) { address in
            let transport = CurlTransport()
            var answers: [(Int, String)] = []
            for (path, body) in bodies {
                let headers = [HTTPHeader("Content-Type", "application/json")]
                let request = HTTPRequest(
                    method: "POST",
                    url: address + path,
                    headers: headers,
                    body: Data(body.utf8)
                )
                let answer = try await transport.send(request)
                answers.append((answer.status, String(decoding: answer.body, as: UTF8.self)))
            }
            await transport.shutdown()
            return answers
        }
    }

    @Test("are filled as in training, in each protocol")
    func filled() async throws {
        let found = try await answers(model(.forwardFill), Self.bodies)
        let full = Self.bodies.map { ($0.0, $0.1.replacingOccurrences(of: "null", with: "2")) }
        let expected = try await answers(model(.forwardFill), full)
        for (index, body) in Self.bodies.enumerated() {
            #expect(found[index].0 == 200 && found[index] == expected[index], "\(body): \(found[index])")
        }
    }

    @Test("are refused with their place where the model fills no gaps")
    func refused() async throws {
        let found = try await answers(model(.fail), Self.bodies)
        for (index, body) in Self.bodies.enumerated() {
            #expect(found[index].0 == 400 && found[index].1.contains("null"), "\(body): \(found[index])")
        }
    }

    @Test("may be NaN behind the JSON, where gaps are filled")
    func binary() throws {
        let shape = try WindowShape(lookback: 3, horizon: 2, channels: 1, targets: 1)
        let head =
            #"{"inputs":[{"name":"history","shape":[1,3],"datatype":"FP64","parameters":{"binary_data_size":24}}]}"#
        let tail = [1.0, .nan, 3].flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
        let body = Array(head.utf8) + tail
        let found = try InferenceV2(shape: shape, takesGaps: true).decode(body, jsonLength: head.utf8.count)
        #expect(found.history.values[1].isNaN && found.history.values[0] == 1)
        #expect(throws: ServingError.self) { try InferenceV2(shape: shape).decode(body, jsonLength: head.utf8.count) }
    }

    @Test("stand for no size and no time")
    func elsewhere() throws {
        let shape = try WindowShape(lookback: 3, horizon: 2, channels: 1, targets: 1)
        let reader = InferenceV2(shape: shape, takesGaps: true)
        for body in [
            #"{"inputs":[{"name":"history","datatype":"FP64","shape":[null,3],"data":[1,2,3]}]}"#,
            #"{"inputs":[{"name":"history","datatype":"FP64","shape":[1,3],"data":[1,2,3]},"#
                + #"{"name":"end","datatype":"INT64","shape":[1],"data":[null]}]}"#,
        ] {
            #expect(throws: ServingError.self) { try reader.decode(Array(body.utf8)) }
        }
    }
}
