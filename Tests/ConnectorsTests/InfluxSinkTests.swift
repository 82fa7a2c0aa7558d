// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import TestServers
import TestSupport
import Testing

@testable import Connectors

@Suite("Points written to InfluxDB", .serialized, .timeLimit(.minutes(2)))
struct InfluxSinkTests {
    private static func points(_ count: Int, value: Double = 1) -> [LinePoint] {
        (0..<count).map { index in
            LinePoint(
                measurement: "forecast",
                tags: ["column": "free spaces, level=1", "version": "20261121-034500"],
                fields: ["value": .double(value + Double(index)), "step": .integer(Int64(index + 1))],
                time: 1_700_000_000 + Int64(index) * 600
            )
        }
    }

    private static func sink(
        _ url: String,
        _ target: InfluxSink.Target = .database("parking", retentionPolicy: nil),
        login: [HTTPHeader] = InfluxServer.login,
        pauses: [Duration] = [],
        slept: Shared<[Duration]> = Shared([])
    ) -> InfluxSink {
        InfluxSink(
            server: ServerAddress(url: url, login: login),
            target: target,
            transport: CurlTransport(),
            pauses: pauses,
            sleep: { pause in slept.withLock { $0.append(pause) } }
        )
    }

    @Test("are there once, in whole batches, however often they are written", .enabled(if: InfluxServer.isAvailable))
    func idempotent() async throws {
        let server = try await InfluxServer()
        try await server.fill("parking", lines: ["other v=1 0"])
        let sink = Self.sink(server.url)
        try await sink.write(Self.points(12_001))
        let first = try await server.ask(
            "SELECT count(value), sum(value), max(step) FROM forecast",
            database: "parking"
        )
        #expect(first.contains("[0,12001,\(12_001 * 12_002 / 2),12001]"), "\(first)")
        try await sink.write(Self.points(12_001))
        #expect(
            try await server.ask("SELECT count(value), sum(value), max(step) FROM forecast", database: "parking")
                == first
        )
        let tags = try await server.ask(#"SHOW TAG VALUES FROM forecast WITH KEY = "column""#, database: "parking")
        #expect(tags.contains("free spaces, level=1"))
        server.stop()
    }

    @Test("of odd names come back from the real server as they were", .enabled(if: InfluxServer.isAvailable))
    func oddNames() async throws {
        let server = try await InfluxServer()
        try await server.fill("parking", lines: ["other v=1 0"])
        let values = ["a,b", "a=b", "a b", #"a\b"#, #"a\,b"#, "\"q\"", "'", "é😀", "#x", #"\"#]
        try await Self.sink(server.url).write(
            values.enumerated().map { index, value in
                LinePoint(
                    measurement: "m \(value), =",
                    tags: ["k =,": value],
                    fields: ["v": .integer(1)],
                    time: Int64(index)
                )
            }
        )
        let answer = try await server.ask("SHOW SERIES", database: "parking")
        struct Answer: Decodable {
            struct Result: Decodable { var series: [Series] }
            struct Series: Decodable { var values: [[String]] }
            var results: [Result]
        }
        let series = try JSONDecoder().decode(Answer.self, from: Data(answer.utf8)).results[0].series[0].values
        #expect(series.count == values.count + 1)
        let tags = try await server.ask(#"SHOW TAG VALUES WITH KEY = "k =,""#, database: "parking")
        let found = try JSONDecoder().decode(Answer.self, from: Data(tags.utf8)).results[0].series.flatMap(\.values)
        #expect(Set(found.map { $0[1] }) == Set(values.map { $0 == #"\"# ? #"\_"# : $0 }))
        server.stop()
    }

    @Test("that the real server refuses are told in its words, at once", .enabled(if: InfluxServer.isAvailable))
    func refused() async throws {
        let server = try await InfluxServer()
        try await server.fill("parking", lines: [#"forecast value="text" 1700000000"#])
        let slept = Shared<[Duration]>([])
        func failure(_ sink: InfluxSink) async -> ConnectorError? {
            await #expect(throws: ConnectorError.self) { try await sink.write(Self.points(3)) }
        }
        let clash = await failure(Self.sink(server.url, pauses: [.seconds(1)], slept: slept))
        #expect(
            clash?.description.contains("partial write: field type conflict") == true,
            "\(String(describing: clash))"
        )
        let unknown = await failure(Self.sink(server.url, .database("nowhere", retentionPolicy: nil)))
        #expect(unknown?.description.contains(#"database not found: "nowhere""#) == true)
        let stranger = await failure(Self.sink(server.url, login: []))
        #expect(stranger == .credentialsRejected(url: server.url + "/write", status: 401))
        #expect([clash, unknown, stranger].allSatisfy { $0?.isRetryable == false })
        #expect(slept.withLock { $0 }.isEmpty)
        server.stop()
    }

    @Test("are written again where that may help, and no further", .enabled(if: CannedServer.isAvailable))
    func repeated() async throws {
        let down = CannedServer.answer("503 Service Unavailable", #"{"error":"timeout"}"#)
        let done = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
        let healing = try await CannedServer([down, down, done])
        let slept = Shared<[Duration]>([])
        try await Self.sink(healing.url, pauses: [.seconds(1), .seconds(4), .seconds(9)], slept: slept)
            .write(Self.points(3))
        #expect(slept.withLock { $0 } == [.seconds(1), .seconds(4)])
        let dead = try await CannedServer([down])
        let error = await #expect(throws: ConnectorError.self) {
            try await Self.sink(dead.url, pauses: [.seconds(1)], slept: slept).write(Self.points(3))
        }
        let reason = "the server answered with status 503: timeout"
        #expect(error == .sinkUnreachable(url: dead.url + "/write", reason: reason))
        #expect(dead.requests.count == 2)
    }

    @Test("of version 2 go to a bucket, packed and with a token", .enabled(if: CannedServer.isAvailable))
    func version2() async throws {
        let server = try await CannedServer(["HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"])
        let login = [HTTPHeader("Authorization", "Token secret")]
        try await Self.sink(server.url, .bucket("my bucket", organization: "my&org"), login: login).write(
            Self.points(2)
        )
        let request = try #require(server.requests.first)
        let end = try #require(request.firstRange(of: Data("\r\n\r\n".utf8)))
        let head = String(decoding: request[..<end.lowerBound], as: UTF8.self)
        #expect(head.hasPrefix("POST /api/v2/write?org=my%26org&bucket=my%20bucket&precision=s HTTP/1.1\r\n"))
        #expect(head.contains("Authorization: Token secret"))
        #expect(head.contains("Content-Encoding: gzip"))
        var text: [UInt8] = []
        var inflater = try GzipInflater()
        try Array(request[end.upperBound...]).span.withUnsafeBytes { bytes throws(ConnectorError) in
            try inflater.inflate(bytes) { text.append(contentsOf: $0) }
        }
        let line = #"forecast,column=free\ spaces\,\ level\=1,version=20261121-034500 step=1i,value=1.0 1700000000"#
        #expect(String(decoding: text, as: UTF8.self).hasPrefix(line + "\n"))
    }
}
