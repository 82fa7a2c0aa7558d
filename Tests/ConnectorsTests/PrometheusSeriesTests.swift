// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import HTTPTransport
import TestServers
import TestSupport
import Testing

@testable import Connectors

@Suite("Prometheus's answers of several series")
struct PrometheusSeriesReaderTests {
    private static let good =
        #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"site":"a","kind":"in","x":"1"},"values":"#
        + #"[[60,"1.5"],[120.000,"NaN"],[180,"-2e3"]]},{"metric":{"site":"b\u00e9","kind":"in"},"values":[[120,"7"]]},"#
        + #"{"metric":{"site":"a","kind":"out"},"values":[[120,"8"]]},"#
        + #"{"metric":{"site":"b\u00e9","kind":"out"},"values":[[240,"NaN"]]}]}}"#

    private static func outcome(
        _ bytes: [UInt8],
        _ columns: PrometheusSource.Columns = .label("kind", values: ["in", "out"]),
        by groupBy: [String] = ["site"],
        cut: Int = 0
    ) -> String {
        var reader = PrometheusReader(source: "http://prometheus")
        var grid = PrometheusGrid(columns, by: groupBy, from: 60, to: 300, step: 60, source: "p")
        do throws(ConnectorError) {
            for piece in [bytes[..<cut], bytes[cut...]] {
                try Array(piece).span.withUnsafeBytes { bytes throws(ConnectorError) in try reader.feed(bytes) }
            }
            try grid.add(try reader.finish())
            let rows = try grid.rows()
            let keys = rows.labels.map { labels in labels.codes.map { labels.keys[Int($0)].label(labels.groupBy) } }
            return "\(keys ?? []) \(rows.frame.timestamps) \(rows.frame.columns)"
        } catch {
            return "\(error)"
        }
    }

    @Test("each value of the labels is a series with its own rows and columns")
    func series() {
        let bytes = Array(Self.good.utf8)
        #expect(
            Self.outcome(bytes)
                == #"["site=a", "site=a", "site=a", "site=bé"] [60, 120, 180, 120] [[1.5, nan, -2000.0, 7.0], "#
                + "[nan, 8.0, nan, nan]]"
        )
        let single = Self.outcome(bytes, .single("v"), by: ["kind", "site"])
        #expect(
            single == #"["kind=in, site=a", "kind=in, site=a", "kind=in, site=bé", "kind=out, site=a"] "#
                + "[60, 180, 120, 120] [[1.5, -2000.0, 7.0, 8.0]]"
        )
    }

    @Test("series that are not told apart, labels that are not there and columns without a series are named")
    func problems() {
        let bytes = Array(Self.good.utf8)
        #expect(
            Self.outcome(bytes, .single("v"))
                == #"p, column 'v': the query gives several series, {kind="in", site="a", x="1"} and {kind="out", "#
                + #"site="a"}, for one column of the series site=a; aggregate them by (site)"#
        )
        let label = Self.outcome(bytes, by: ["x"])
        #expect(label == #"p: the series {kind="in", site="bé"} has no label 'x', which series.groupBy names"#)
        let column = Self.outcome(Array(Self.good.replacing(#""a","kind":"out""#, with: #""a","kind":"up""#).utf8))
        #expect(
            column == #"p, column 'out': no series has kind="out" for the series site=a; other values of it are 'up'"#
        )
        let empty = Self.outcome(
            Array(Self.good.replacing(#""site":"a","kind":"out""#, with: #""site":"","kind":"out""#).utf8)
        )
        #expect(empty.contains("has no label 'site', which series.groupBy names"))
        let bell = Self.outcome(Array(Self.good.replacing(#""site":"a""#, with: #""site":"\u0007""#).utf8))
        #expect(
            bell == #"p: the label 'site': it has control characters, which no name of a series may have: '\u{07}'"#
        )
        let other = Self.outcome(bytes, .label("kind", values: ["up"]))
        #expect(other == #"p, column 'up': no series has kind="up"; other values of it are 'in', 'out'"#)
        #expect(
            Self.outcome(Array(#"{"data":{"result":[]}}"#.utf8)).contains("the query gives no series in the window")
        )
    }

    @Test("a window of too many cells is refused before memory is taken for it")
    func cells() throws {
        var grid = PrometheusGrid(.single("v"), by: ["id"], from: 0, to: 40, step: 1, source: "p", mostCells: 100)
        func add(_ id: Int) throws(ConnectorError) {
            try grid.add(PrometheusAnswer(series: [PrometheusSeries(labels: ["id": "\(id)"], times: [5], values: [1])]))
        }
        for id in 0..<2 { try add(id) }
        let error = #expect(throws: ConnectorError.self) { try add(2) }
        let problem = "more than 2 series in a window of 40 steps are too much; shorten the window"
        #expect(error?.description == "p: \(problem)")
    }

    @Test("mutated answers never trap, and their outcome does not depend on the cut")
    func mutations() {
        var random = SeededRandom(seed: 66)
        let alphabet = Array("{}[]\",:\\u0169-+.eEN \n".utf8) + [0x00, 0xC3, 0xFF]
        for _ in 0..<10_000 {
            let bytes = random.mutated(Self.good, with: alphabet)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let (whole, pieces) = (Self.outcome(bytes), Self.outcome(bytes, cut: cut))
            if whole != pieces { Issue.record("cut \(cut) of \(bytes): \(whole) / \(pieces)") }
        }
    }
}

@Suite(
    "A range query for several series to a real Prometheus",
    .enabled(if: PrometheusServer.isAvailable, "no prometheus"),
    .timeLimit(.minutes(2))
)
struct PrometheusSeriesTests {
    @Test("gives the series that labels tell apart, asked for in pieces, and says which are not told apart")
    func labels() async throws {
        let start: Int64 = 1_700_000_040
        let sites = ["noord", "zuid", "west"]
        var lines = ["# TYPE spaces gauge"]
        for row in 0..<1_500 {
            for (place, site) in sites.enumerated() where place != 1 || row >= 700 {
                for kind in ["free", "taken"] {
                    let value = place * 10_000 + row + (kind == "free" ? 0 : 5_000)
                    lines.append(#"spaces{site="\#(site)",kind="\#(kind)"} \#(value) \#(start + Int64(row))"#)
                }
            }
        }
        let server = try await PrometheusServer(samples: lines)
        func read(_ query: String, _ columns: PrometheusSource.Columns, by groupBy: [String]) async throws -> Panel {
            let source = PrometheusSource(
                server: ServerAddress(url: server.url, login: []),
                columns: columns,
                groupBy: groupBy,
                transport: CurlTransport()
            )
            return try Panel(try await source.read(query, in: start..<start + 1_500, step: 1).rows)
        }
        let panel = try await read("spaces", .label("kind", values: ["taken", "free"]), by: ["site"])
        #expect(panel.series.map(\.key.description) == ["noord", "west", "zuid"])
        for (series, place) in zip(panel.series, [0, 2, 1]) {
            let rows = (place == 1 ? 700 : 0)..<1_500
            #expect(series.frame.timestamps == rows.map { start + Int64($0) })
            #expect(series.frame.columns[0] == rows.map { Double(place * 10_000 + $0 + 5_000) })
            #expect(series.frame.columns[1] == rows.map { Double(place * 10_000 + $0) })
        }
        let sums = try await read("sum by (site) (spaces)", .single("spaces"), by: ["site"])
        #expect(sums.series.map(\.frame.rowCount) == [1_500, 1_500, 800])
        let each = try await read("spaces", .single("spaces"), by: ["kind", "site"])
        #expect(each.series.count == 6 && each.series[0].key.label(each.groupBy) == "kind=free, site=noord")
        let error = await #expect(throws: ConnectorError.self) {
            _ = try await read("spaces", .single("spaces"), by: ["site"])
        }
        #expect(error?.description.contains("of the series site=noord; aggregate them by (site)") == true)
        let none = await #expect(throws: ConnectorError.self) {
            _ = try await read("sum(spaces)", .single("spaces"), by: ["site"])
        }
        #expect(none?.description.contains("the series {} has no label 'site', which series.groupBy names") == true)
    }
}
