// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import HTTPTransport
import TestServers
import TestSupport
import Testing

@testable import Connectors

/// An answer in the form of the documentation of version 2, as in `FluxTests`.
@Suite("A Flux script that gives several series")
struct FluxSeriesTests {
    private static let tables = """
        ,result,table,_start,_stop,_time,_value,region,host\r
        ,_result,0,2018-05-08T20:50:00Z,2018-05-08T20:51:00Z,2018-05-08T20:50:00Z,15.43,east,A\r
        ,_result,0,2018-05-08T20:50:00Z,2018-05-08T20:51:00Z,2018-05-08T20:50:20Z,,east,A\r
        ,_result,1,2018-05-08T20:50:00Z,2018-05-08T20:51:00Z,2018-05-08T20:50:00Z,59.25,east,"B, C"\r
        ,_result,2,2018-05-08T20:50:00Z,2018-05-08T20:51:00Z,2018-05-08T20:50:00Z,4,west,A\r
        \r

        """

    private static func outcome(_ bytes: [UInt8], _ groupBy: [String] = ["host", "region"], cut: Int = 0) -> String {
        do throws(ConnectorError) {
            var reader = try FluxReader(
                selection: SeriesSelection(timestamp: "_time", values: ["_value"], groupBy: groupBy),
                source: "http://influx"
            )
            for piece in [bytes[..<cut], bytes[cut...]] {
                try Array(piece).span.withUnsafeBytes { bytes throws(ConnectorError) in try reader.feed(bytes) }
            }
            let rows = try reader.finish()
            let keys = rows.labels.map { labels in labels.codes.map { labels.keys[Int($0)].label(labels.groupBy) } }
            return "\(keys ?? []) \(rows.frame.names) \(rows.frame.columns)"
        } catch {
            return "\(error)"
        }
    }

    @Test("is read with the columns of its tables' group keys as keys")
    func conversation() async throws {
        let server = try await CannedServer([CannedServer.answer("200 OK", Self.tables, type: "text/csv")])
        let source = InfluxSource(
            server: ServerAddress(url: server.url, login: []),
            selection: SeriesSelection(timestamp: "_time", values: ["_value"], groupBy: ["region", "host"]),
            transport: CurlTransport()
        )
        let panel = try Panel(try await source.read(.flux(#"from(bucket: "b")"#, organization: "o")))
        #expect(panel.series.map(\.key.description) == ["east, A", "east, B, C", "west, A"])
        #expect(panel.series.map(\.frame.rowCount) == [2, 1, 1] && panel.names == ["_value"])
    }

    @Test("is refused where tables are not told apart, or a column is missing or empty")
    func problems() {
        let bytes = Array(Self.tables.utf8)
        let both = "http://influx: the script gives several tables for the series region=east; join them with group("
        #expect(Self.outcome(bytes, ["region"]).hasPrefix(both))
        #expect(Self.outcome(bytes, []).contains("3 tables; choose one with filter()"))
        #expect(
            Self.outcome(bytes, ["city"]).contains("there is no column 'city'; the columns are '', 'result', 'table'")
        )
        let empty = Array(Self.tables.replacing(",west,", with: ",,").utf8)
        #expect(Self.outcome(empty).contains("line 5, column 'region': it is empty"))
    }

    @Test("mutated answers never trap, and their outcome does not depend on the cuts")
    func mutations() {
        var random = SeededRandom(seed: 65)
        let alphabet = Array(",\r\n\"0129-T:Zer".utf8) + [0x00, 0xFF]
        for _ in 0..<5_000 {
            var bytes = Array(Self.tables.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                if random.chance(50) { bytes[place] = random.pick(alphabet) } else { bytes.remove(at: place) }
            }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let (whole, pieces) = (Self.outcome(bytes), Self.outcome(bytes, cut: cut))
            if whole != pieces { Issue.record("cut \(cut) of \(bytes): \(whole) / \(pieces)") }
        }
    }
}
