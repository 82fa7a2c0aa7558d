// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import TestSupport
import Testing

@testable import Connectors

@Suite("InfluxDB's answers, byte by byte")
struct InfluxQLReaderTests {
    private static let good =
        #"{"results":[{"statement_id":0,"series":[{"name":"m \"x\"","tags":{"a":"b\u00e9\ud83d\ude00"},"#
        + #""columns":["time","s","v","w"],"values":[[1700000000000000000,"a]}",1.5e3,null],"#
        + #"[1700003600000000000,true,-2,7]],"partial":true}],"partial":true}]}"# + "\n"
        + #"{"results":[{"statement_id":0,"series":[{"name":"m \"x\"","tags":{"a":"bé😀"},"columns":["time","s","v","w"],"#
        + #""values":[ [ -1000000000 , {"deep":[1,{}]} , 0.1 , 2 ] ]}],"messages":[]}]}"# + "\r\n\n"

    /// The outcome in a form in which NaN equals NaN.
    private static func outcome(_ bytes: [UInt8], cuts: [Int] = []) -> String {
        var reader = InfluxQLReader(
            selection: SeriesSelection(timestamp: "time", values: ["w", "v"]),
            source: "http://influx"
        )
        do throws(ConnectorError) {
            var start = 0
            for cut in cuts + [bytes.count] {
                try Array(bytes[start..<cut]).span.withUnsafeBytes { piece throws(ConnectorError) in
                    try reader.feed(piece)
                }
                start = cut
            }
            let frame = try reader.finish().frame
            return "\(frame.timestamps) \(frame.names) \(frame.columns)"
        } catch {
            return "\(error)"
        }
    }

    @Test("a cut at any place, and at every place, changes nothing")
    func everyCut() {
        let bytes = Array(Self.good.utf8)
        let whole = Self.outcome(bytes)
        #expect(whole == #"[1700000000, 1700003600, -1] ["w", "v"] [[nan, 7.0, 2.0], [1500.0, -2.0, 0.1]]"#)
        for cut in 0...bytes.count { #expect(Self.outcome(bytes, cuts: [cut]) == whole) }
        #expect(Self.outcome(bytes, cuts: Array(1..<bytes.count)) == whole)
    }

    @Test("mutated answers never trap, and their outcome does not depend on the cuts")
    func mutations() {
        var random = SeededRandom(seed: 21)
        let alphabet = Array("{}[]\",:\\u0129-+.eEntrf \n".utf8) + [0x00, 0xC3, 0xFF]
        for _ in 0..<10_000 {
            let bytes = random.mutated(Self.good, with: alphabet, repeats: true)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let (whole, pieces) = (Self.outcome(bytes), Self.outcome(bytes, cuts: [cut]))
            if whole != pieces { Issue.record("cut \(cut) of \(bytes): \(whole) / \(pieces)") }
        }
    }

    @Test("nesting that is deeper than any answer's ends with an error and not with the stack")
    func nesting() {
        let deep = #"{"x":"# + String(repeating: "[", count: 1_000_000) + "\n"
        #expect(Self.outcome(Array(deep.utf8)).contains("nested deeper"))
    }

    @Test("numbers are read to the last bit, and whole numbers to their limits")
    func numbers() throws {
        var random = SeededRandom(seed: 22)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            try Array("\(value)".utf8).span.withUnsafeBytes { bytes throws in
                var cursor = JSONCursor(bytes)
                #expect(try DecimalParser().parse(cursor.scalar()) == .number(value))
            }
        }
        for (text, expected) in [
            ("\(Int64.max)", Int64.max), ("\(Int64.min)", Int64.min), ("9223372036854775808", nil), ("1.0", nil),
            ("-", nil),
        ] {
            try Array(text.utf8).span.withUnsafeBytes { bytes throws in
                var cursor = JSONCursor(bytes)
                #expect(try cursor.integer() == expected, "\(text)")
            }
        }
    }
}
