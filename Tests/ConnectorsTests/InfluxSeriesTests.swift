// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import HTTPTransport
import TestServers
import TestSupport
import Testing

@testable import Connectors

@Suite("InfluxDB's answers of several series")
struct InfluxSeriesReaderTests {
    private static let good =
        #"{"results":[{"statement_id":0,"series":[{"name":"m","tags":{"store":"n\u00f6rd","floor":"1"},"#
        + #""columns":["time","item","v"],"values":[[1700000000000000000,"a\"b",1.5],[1700003600000000000,7,-2]],"#
        + #""partial":true}],"partial":true}]}"# + "\n"
        + #"{"results":[{"statement_id":0,"series":[{"name":"m","tags":{"store":"nörd","floor":"1"},"#
        + #""columns":["time","item","v"],"values":[[1700007200000000000,"a\"b",3]]},"#
        + #"{"name":"m","tags":{"store":"s","floor":"1"},"columns":["item","time","v","w"],"#
        + #""values":[[true,1700000000000000000,null,2]]}]}]}"# + "\n"

    private static func outcome(_ bytes: [UInt8], _ groupBy: [String] = ["item", "store"], cut: Int = 0) -> String {
        var reader = InfluxQLReader(
            selection: SeriesSelection(timestamp: "time", values: ["v"], groupBy: groupBy),
            source: "http://influx"
        )
        do throws(ConnectorError) {
            for piece in [bytes[..<cut], bytes[cut...]] {
                try Array(piece).span.withUnsafeBytes { bytes throws(ConnectorError) in try reader.feed(bytes) }
            }
            let rows = try reader.finish()
            let keys = rows.labels.map { labels in labels.codes.map { labels.keys[Int($0)].label(labels.groupBy) } }
            return "\(keys ?? []) \(rows.frame.timestamps) \(rows.frame.columns)"
        } catch {
            return "\(error)"
        }
    }

    @Test("tags of a series and texts of its rows together are the keys")
    func keys() {
        #expect(
            Self.outcome(Array(Self.good.utf8))
                == #"["item=a\"b, store=nörd", "item=7, store=nörd", "item=a\"b, store=nörd", "item=true, store=s"] "#
                + "[1700000000, 1700003600, 1700007200, 1700000000] [[1.5, -2.0, 3.0, nan]]"
        )
    }

    @Test("what does not tell series apart is named: the two series, the tags that there are, the empty tag, the row")
    func problems() {
        let bytes = Array(Self.good.utf8)
        let both = Self.outcome(bytes, ["floor"])
        #expect(
            both.contains("several series, m{floor=1,store=nörd} and m{floor=1,store=s}, that series.groupBy does not")
        )
        let missing = Self.outcome(bytes, ["shop"])
        #expect(
            missing
                == "http://influx: there is no tag or column 'shop', which series.groupBy names; add it to GROUP BY; "
                + "the tags and columns are 'floor', 'store', 'time', 'item', 'v'"
        )
        let empty = Self.outcome(Array(Self.good.replacing(#""s","#, with: #""","#).utf8))
        #expect(
            empty == "http://influx: some points have no tag 'store'; leave them out with WHERE \"store\" != ''"
        )
        for (cell, problem) in [
            ("null", "there is no text, and a grouping column needs one in each row"), ("[7]", "there is no text"),
            (#""""#, "it is empty"), (#""\u0007""#, "it has control characters"),
        ] {
            let outcome = Self.outcome(Array(Self.good.replacing(",7,", with: ",\(cell),").utf8))
            #expect(outcome.hasPrefix("http://influx, column 'item': row 2: \(problem)"), "\(outcome)")
        }
        let ungrouped = Self.outcome(bytes, [])
        #expect(ungrouped.contains("or name them in spec.series.groupBy"))
    }

    @Test("tags and texts that only together make too many series are told with the row of the first one")
    func tooMany() {
        let series = ["n", "s"].map { store in
            let rows = (0..<6_000).map { "[\($0)000000000,\($0),1]" }.joined(separator: ",")
            return #"{"name":"m","tags":{"store":"\#(store)"},"columns":["time","item","v"],"values":[\#(rows)]}"#
        }
        let answer = #"{"results":[{"series":[\#(series.joined(separator: ","))]}]}"# + "\n"
        let problem = Self.outcome(Array(answer.utf8))
        #expect(problem.hasPrefix("http://influx: row 10001: there are more than 10000 series by 'item', 'store'; "))
    }

    @Test("mutated answers never trap, and their outcome does not depend on the cut")
    func mutations() {
        var random = SeededRandom(seed: 64)
        let alphabet = Array("{}[]\",:\\u0129-+.eEntrf \n".utf8) + [0x00, 0xC3, 0xFF]
        for _ in 0..<10_000 {
            let bytes = random.mutated(Self.good, with: alphabet, repeats: true)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let (whole, pieces) = (Self.outcome(bytes), Self.outcome(bytes, cut: cut))
            if whole != pieces { Issue.record("cut \(cut) of \(bytes): \(whole) / \(pieces)") }
        }
    }
}

@Suite(
    "A query for several series to a real InfluxDB",
    .enabled(if: InfluxServer.isAvailable, "no influxd"),
    .timeLimit(.minutes(2))
)
struct InfluxSeriesTests {
    @Test("gives the series that tags and texts tell apart, over several chunks, and says which points have no tag")
    func tags() async throws {
        let server = try await InfluxServer()
        // 25,000 points of each garage, ten minutes apart by one minute.
        let garages = ["noord", "zuid", "west ü"]
        var lines: [String] = []
        for (place, garage) in garages.enumerated() {
            let tag = garage.replacing(" ", with: "\\ ")
            lines += (0..<25_000).map { row in
                "parking,garage=\(tag),level=\(row % 2) value=\(place * 100_000 + row / 10) \(1_700_000_400 + row * 60)"
            }
        }
        lines += ["untagged,garage=noord value=1 1700000400", "untagged value=2 1700000400"]
        try await server.fill("db", lines: lines)
        func read(_ query: String, _ value: String, _ groupBy: [String]) async throws -> SeriesRows {
            let source = InfluxSource(
                server: ServerAddress(url: server.url, login: InfluxServer.login),
                selection: SeriesSelection(timestamp: "time", values: [value], groupBy: groupBy),
                transport: CurlTransport()
            )
            return try await source.read(.influxQL(query, database: "db", retentionPolicy: nil))
        }
        let means = try Panel(
            try await read("SELECT mean(value) FROM parking GROUP BY time(10m), garage fill(none)", "mean", ["garage"])
        )
        #expect(means.series.map(\.key.description) == ["noord", "west ü", "zuid"])
        for (series, place) in zip(means.series, [0, 2, 1]) {
            #expect(series.frame.timestamps == (0..<2_500).map { 1_700_000_400 + $0 * 600 })
            #expect(series.frame.columns[0] == (0..<2_500).map { Double(place * 100_000 + $0) })
        }
        let all = "SELECT value, garage, level FROM parking GROUP BY level"
        let rows = try Panel(try await read(all, "value", ["level", "garage"]))
        #expect(rows.series.count == 6 && rows.rowCount == 75_000)
        #expect(rows.series[0].key.values == ["0", "noord"] && rows.series[0].frame.rowCount == 12_500)
        let partial = await #expect(throws: ConnectorError.self) {
            _ = try await read("SELECT value FROM untagged GROUP BY garage", "value", ["garage"])
        }
        #expect(
            partial?.description.contains("have no tag 'garage'; leave them out with WHERE \"garage\" != ''") == true
        )
        let tagged = try await read(
            "SELECT value FROM untagged WHERE garage != '' GROUP BY garage",
            "value",
            ["garage"]
        )
        #expect(tagged.frame.rowCount == 1)
        let both = await #expect(throws: ConnectorError.self) {
            _ = try await read("SELECT value FROM parking GROUP BY garage, level", "value", ["garage"])
        }
        #expect(both?.description.contains("that series.groupBy does not tell apart") == true)
    }
}
