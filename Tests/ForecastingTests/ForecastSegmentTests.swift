// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("A segment of remembered forecasts")
struct ForecastSegmentTests {
    private func forecast(_ version: String, _ number: Int, horizon: Int = 3, targets: Int = 2) -> RememberedForecast {
        RememberedForecast(
            version: version,
            issued: 1_795_230_000_000 + Int64(number),
            end: 1_795_226_400 + 3_600 * Int64(number),
            last: (0..<targets).map { Double(number) + Double($0) / 3 },
            values: (0..<horizon * targets).map { Double(number * 100 + $0) / 7 }
        )
    }

    private func segment() -> ForecastSegment {
        ForecastSegment((0..<4).map { forecast("g12", $0) } + (0..<2).map { forecast("g13", $0, horizon: 5) })
    }

    @Test("comes back bit by bit, versions of other horizons and missing values included")
    func roundTrip() throws {
        var segment = segment()
        #expect(try ForecastSegment(decoding: segment.encoded()) == segment)
        segment.forecasts[1].last[0] = .nan
        let read = try ForecastSegment(decoding: segment.encoded())
        #expect(read.forecasts.map(\.key) == segment.forecasts.map(\.key))
        #expect(try read.encoded() == segment.encoded())
        #expect(try ForecastSegment(decoding: ForecastSegment([]).encoded()).forecasts.isEmpty)
    }

    /// The same forecasts, of series of a version that knows several, beside one that knows one.
    private func grouped() -> ForecastSegment {
        var segment = segment()
        for (index, key) in [["north", "1"], ["south", "1"], ["north", "1"], ["ä, \"b\"", ""]].enumerated() {
            segment.forecasts[index].series = SeriesKey(key)
        }
        return segment
    }

    @Test("names the series of each forecast, and is of the first version of the format where there are none")
    func series() throws {
        let plain = try SafetensorsFile(decoding: segment().encoded())
        #expect(plain.metadata == ["schemaVersion": "1"] && plain.tensors.count == 8)
        let bytes = try grouped().encoded()
        #expect(try ForecastSegment(decoding: bytes) == grouped())
        let file = try SafetensorsFile(decoding: bytes)
        #expect(file.metadata["schemaVersion"] == "2")
        #expect(file.tensors.filter { $0.name.hasPrefix("series:") }.map(\.name) == ["series:g12"])
        #expect(Set(grouped().forecasts.map(\.key)).count == 6)
    }

    @Test("whose series are not told as they should be is refused in words")
    func unknownSeries() throws {
        let file = try SafetensorsFile(decoding: grouped().encoded())
        func changed(_ keys: String?, _ places: [Int64]) throws -> [UInt8] {
            var metadata = file.metadata
            metadata["series"] = keys
            let tensors = file.tensors.map { tensor in
                tensor.name == "series:g12"
                    ? NamedTensor(name: tensor.name, shape: [places.count], values: .int64(places)) : tensor
            }
            return try SafetensorsFile(tensors: tensors, metadata: metadata).encoded()
        }
        let keys = #"[["a"],["b"]]"#
        #expect(refusal(try changed(keys, [0, 1, 0, 1])) == "")
        for places in [[0, 1, 0], [0, 1, 0, 2], [0, 1, 0, -1], [0, 1, 0, .max]] as [[Int64]] {
            #expect(refusal(try changed(keys, places)).contains("the series of version 'g12' do not fit the rest"))
        }
        #expect(refusal(try changed(nil, [0, 1, 0, 1])).contains("do not fit the rest"))
        for keys in ["", "{}", "[1]", #"[["a"]"#] {
            #expect(refusal(try changed(keys, [0, 0, 0, 0])).contains("its series are no list of keys"), "\(keys)")
        }
    }

    private func refusal(_ bytes: [UInt8]) -> String {
        do throws(ForecastingError) {
            _ = try ForecastSegment(decoding: bytes)
            return ""
        } catch {
            return error.description
        }
    }

    @Test("of a later program, or without a part, is refused in words")
    func refused() throws {
        let bytes = try segment().encoded()
        let file = try SafetensorsFile(decoding: bytes)
        func changed(_ change: (NamedTensor) -> NamedTensor?) throws -> [UInt8] {
            try SafetensorsFile(tensors: file.tensors.compactMap(change), metadata: file.metadata).encoded()
        }
        let later = try SafetensorsFile(tensors: file.tensors, metadata: ["schemaVersion": "3"]).encoded()
        #expect(refusal(later).contains("it has schemaVersion 3, this worker knows 2"))
        let bare = try SafetensorsFile(tensors: file.tensors).encoded()
        #expect(refusal(bare).contains("it says no schemaVersion"))
        #expect(refusal(Array(bytes.dropLast())).contains("the remembered forecasts cannot be used: "))
        let lacking = try changed { $0.name == "ends:g12" ? nil : $0 }
        #expect(refusal(lacking).contains("it lacks a part of version 'g12'"))
        let short = try changed { tensor in
            tensor.name == "ends:g13" ? NamedTensor(name: tensor.name, shape: [1], values: .int64([5])) : tensor
        }
        #expect(refusal(short).contains("the parts of version 'g13' do not fit each other"))
        var infinite = segment()
        infinite.forecasts[0].values[0] = .infinity
        #expect(refusal(try infinite.encoded()).contains("a forecast of version 'g12' is no number"))
    }

    @Test("whatever its bytes are, is read or refused")
    func fuzz() throws {
        var random = SeededRandom(seed: 21)
        let files = [try segment().encoded(), try grouped().encoded()]
        for round in 0..<4_000 {
            let bytes = files[round % 2]
            guard let read = try? ForecastSegment(decoding: random.mutate(bytes)) else { continue }
            for forecast in read.forecasts { #expect(!forecast.values.contains { !$0.isFinite }) }
        }
    }

    @Test("has a name that tells when it began, and other names are none")
    func names() {
        let name = SegmentName(issued: 1_795_230_000_123, number: 7)
        #expect("\(name)" == "1795230000123-7.safetensors")
        #expect(SegmentName("\(name)") == name)
        for text in [
            "", "7.safetensors", "1-2-3.safetensors", "-1-2.safetensors", "1-x.safetensors", "1-2.json",
            "99999999999999999999-1.safetensors", "1-2.safetensors.tmp",
        ] { #expect(SegmentName(text) == nil, "\(text)") }
    }
}
