// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import TestServers
import TestSupport
import Testing

@testable import Connectors

/// No server of version 2 is at hand, so these are the answers that its documentation shows ("Annotated CSV", "Query data
/// with the InfluxDB API").
@Suite("A Flux script for InfluxDB 2", .enabled(if: CannedServer.isAvailable), .timeLimit(.minutes(1)))
struct FluxTests {
    private static let table = """
        ,result,table,_start,_stop,_time,_value,region\r
        ,_result,0,2018-05-08T20:50:00Z,2018-05-08T20:51:00Z,2018-05-08T20:50:00Z,15.43,east\r
        ,_result,0,2018-05-08T20:50:00Z,2018-05-08T20:51:00Z,2018-05-08T20:50:20Z,,east\r
        ,_result,0,2018-05-08T20:50:00Z,2018-05-08T20:51:00Z,2018-05-08T20:50:40Z,59.25,east\r
        \r

        """

    private static func read(_ server: CannedServer) async throws -> TimeSeriesFrame {
        let source = InfluxSource(
            server: ServerAddress(url: server.url + "/", login: [HTTPHeader("Authorization", "Token secret")]),
            selection: SeriesSelection(timestamp: "_time", values: ["_value"]),
            transport: CurlTransport()
        )
        let query = InfluxQuery.flux(
            #"from(bucket: "b") |> range(start: v.timeRangeStart, stop: v.timeRangeStop)"#,
            organization: "my org"
        )
        return try await source.read(try #require(query.limited(to: 0..<86_400))).frame
    }

    private static func failure(status: String = "200 OK", _ body: String) async throws -> String? {
        let server = try await CannedServer([CannedServer.answer(status, body, type: "text/csv")])
        return await #expect(throws: ConnectorError.self) { _ = try await read(server) }?.description
    }

    @Test("is sent with its window and a token, and its table is read")
    func conversation() async throws {
        let server = try await CannedServer([CannedServer.answer("200 OK", Self.table, type: "text/csv; charset=utf-8")]
        )
        let frame = try await Self.read(server)
        #expect(frame.names == ["_value"])
        #expect(frame.timestamps == [1_525_812_600, 1_525_812_620, 1_525_812_640])
        #expect(frame.columns[0][0] == 15.43 && frame.columns[0][1].isNaN && frame.columns[0][2] == 59.25)
        let request = String(decoding: try #require(server.requests.first), as: UTF8.self)
        #expect(request.hasPrefix("POST /api/v2/query?org=my%20org HTTP/1.1\r\n"))
        #expect(request.contains("Authorization: Token secret"))
        let body = try #require(request.components(separatedBy: "\r\n\r\n").last)
        let sent = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
        let range = "range(start: 1970-01-01T00:00:00Z, stop: 1970-01-02T00:00:00Z)"
        #expect(sent["query"] as? String == #"from(bucket: "b") |> \#(range)"#)
        #expect(sent["type"] as? String == "flux")
    }

    @Test("that fails says why, whether the status or a table tells it")
    func errors() async throws {
        let status = try await Self.failure(
            status: "400 Bad Request",
            #"{"code":"invalid","message":"undefined identifier x"}"#
        )
        #expect(status?.contains("undefined identifier x") == true)
        let table = try await Self.failure(",error,reference\r\n,Failed to parse query,897\r\n")
        #expect(table?.contains("Failed to parse query,897") == true)
        let missing = try await Self.failure(
            status: "404 Not Found",
            #"{"code":"not found","message":"bucket not found"}"#
        )
        #expect(missing?.contains("bucket not found") == true)
        let stranger = try await Self.failure(status: "401 Unauthorized", #"{"message":"unauthorized access"}"#)
        #expect(stranger?.contains("rejected the credentials") == true)
    }

    @Test("without a row is no data; with several tables it says that one is wanted; and a page is no table")
    func odd() async throws {
        for empty in ["", "\r\n"] { #expect(try await Self.failure(empty)?.contains("no data") == true) }
        let second = Self.table.replacing("_result,0", with: "_result,1").split(separator: "\r\n").dropFirst()
        let both = try await Self.failure(Self.table + second.joined(separator: "\r\n"))
        #expect(both?.contains("2 tables") == true, "\(both ?? "")")
        let page = try await Self.failure("<html><body>Sign in</body></html>")
        #expect(page?.contains("a page and not InfluxDB's CSV") == true, "\(page ?? "")")
    }

    @Test("mutated answers never trap, and their outcome does not depend on the cuts")
    func mutations() throws {
        var random = SeededRandom(seed: 41)
        let alphabet = Array(",\r\n\"0129-T:Zer".utf8) + [0x00, 0xFF]
        for _ in 0..<5_000 {
            var bytes = Array(Self.table.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                if random.chance(50) { bytes[place] = random.pick(alphabet) } else { bytes.remove(at: place) }
            }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let (whole, pieces) = (Self.outcome(bytes, cut: 0), Self.outcome(bytes, cut: cut))
            if whole != pieces { Issue.record("cut \(cut) of \(bytes): \(whole) / \(pieces)") }
        }
    }

    private static func outcome(_ bytes: [UInt8], cut: Int) -> String {
        do throws(ConnectorError) {
            var reader = try FluxReader(
                selection: SeriesSelection(timestamp: "_time", values: ["_value"]),
                source: "http://influx"
            )
            for piece in [bytes[..<cut], bytes[cut...]] {
                try Array(piece).span.withUnsafeBytes { bytes throws(ConnectorError) in try reader.feed(bytes) }
            }
            let frame = try reader.finish().frame
            return "\(frame.timestamps) \(frame.columns)"
        } catch {
            return "\(error)"
        }
    }
}
