// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import TestSupport
import Testing

@testable import Connectors

@Suite("Prometheus's answers, byte by byte")
struct PrometheusReaderTests {
    private static let good =
        #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"site":"a\"\u00e9"},"values":"#
        + #"[[60,"1.5"],[120.000,"NaN"],[180,"-2e3"]],"histograms":[[60,{"count":"1"}]]},"#
        + #"{"metric":{"site":"b"},"values":[[120,"7"]]}]},"warnings":["w"]}"#

    private static func outcome(_ bytes: [UInt8], cut: Int = 0) -> String {
        var reader = PrometheusReader(source: "http://prometheus")
        var grid = PrometheusGrid(.label("site", values: ["b", "a\"é"]), from: 60, to: 240, step: 60, source: "p")
        do throws(ConnectorError) {
            for piece in [bytes[..<cut], bytes[cut...]] {
                try Array(piece).span.withUnsafeBytes { bytes throws(ConnectorError) in try reader.feed(bytes) }
            }
            let answer = try reader.finish()
            try grid.add(answer)
            let frame = try grid.rows().frame
            return "\(frame.timestamps) \(frame.columns) \(answer.warnings)"
        } catch {
            return "\(error)"
        }
    }

    @Test("columns are joined by time, and a row without a value is left out")
    func joined() {
        let expected = #"[60, 120, 180] [[nan, 7.0, nan], [1.5, nan, -2000.0]] ["w"]"#
        #expect(Self.outcome(Array(Self.good.utf8)) == expected)
    }

    @Test("mutated answers never trap, and their outcome does not depend on the cut")
    func mutations() {
        var random = SeededRandom(seed: 51)
        let alphabet = Array("{}[]\",:\\u0169-+.eEN \n".utf8) + [0x00, 0xC3, 0xFF]
        for _ in 0..<10_000 {
            let bytes = random.mutated(Self.good, with: alphabet)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let (whole, pieces) = (Self.outcome(bytes), Self.outcome(bytes, cut: cut))
            if whole != pieces { Issue.record("cut \(cut) of \(bytes): \(whole) / \(pieces)") }
        }
    }
}
