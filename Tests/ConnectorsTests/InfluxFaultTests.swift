// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import TestServers
import Testing

@testable import Connectors

@Suite("InfluxDB that does not answer as it should", .timeLimit(.minutes(1)))
struct InfluxFaultTests {
    private static func failure(
        _ url: String,
        idleTimeout: Duration = .seconds(20)
    ) async -> ConnectorError? {
        let source = InfluxSource(
            server: ServerAddress(url: url, login: [HTTPHeader("Authorization", "Basic c2VjcmV0")]),
            selection: SeriesSelection(timestamp: "time", values: ["v"]),
            transport: CurlTransport(),
            idleTimeout: idleTimeout
        )
        return await #expect(throws: ConnectorError.self) {
            _ = try await source.read(.influxQL("SELECT secret FROM m", database: "d", retentionPolicy: nil))
        }
    }

    private static func failure(answer: String) async throws -> ConnectorError? {
        let server = try await CannedServer([answer])
        return await failure(server.url)
    }

    private static func chunk(_ rest: String) -> String {
        #"{"results":[{"statement_id":0,"series":[{"name":"m","columns":["time","v"],"values":[[1000000000,1]]\#(rest)"#
            + "\n"
    }

    @Test("a page in place of JSON is bad data that shows how it begins", .enabled(if: CannedServer.isAvailable))
    func page() async throws {
        let page = "<!DOCTYPE html><title>Sign in</title>"
        let error = try await Self.failure(answer: CannedServer.answer("200 OK", page, type: "text/html"))
        #expect(error?.description.contains("not InfluxDB's JSON") == true, "\(String(describing: error))")
        #expect(error?.description.contains("<!DOCTYPE html>") == true)
        #expect(error?.isRetryable == false)
    }

    @Test(
        "an answer that stops in the middle may be whole another time, whatever the layer that notices",
        .enabled(if: CannedServer.isAvailable)
    )
    func halves() async throws {
        let whole = Self.chunk("}]}]}")
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: \(whole.utf8.count + 100)\r\n\r\n\(whole)"
        let partial = CannedServer.answer("200 OK", Self.chunk(#","partial":true}],"partial":true}]}"#))
        for answer in [cut, partial] {
            let error = try await Self.failure(answer: answer)
            #expect(error?.isRetryable == true, "\(String(describing: error))")
        }
        let torn = try await Self.failure(answer: CannedServer.answer("200 OK", String(whole.prefix(70))))
        #expect(torn?.description.contains("the answer is not as it should be") == true)
    }

    @Test("an error within an answer of status 200 is obeyed", .enabled(if: CannedServer.isAvailable))
    func errors() async throws {
        let cases = [
            (#"{"results":[{"statement_id":0,"error":"timeout"}]}"#, true),
            (#"{"error":"too many concurrent queries"}"#, true),
            (Self.chunk("}]}]}") + #"{"results":[{"statement_id":0,"error":"measurement not found"}]}"#, false),
        ]
        for (body, isRetryable) in cases {
            let error = try await Self.failure(answer: CannedServer.answer("200 OK", body))
            #expect(error?.isRetryable == isRetryable, "\(String(describing: error))")
        }
        let warned = #"{"results":[{"statement_id":0,"messages":[{"level":"warning","text":"be\u0020careful"}]}]}"#
        let said = try await Self.failure(answer: CannedServer.answer("200 OK", warned))
        #expect(said?.description.hasSuffix("the query gives no row; it says: be careful") == true)
    }

    @Test("statuses tell what may heal", .enabled(if: CannedServer.isAvailable))
    func statuses() async throws {
        for (status, isRetryable) in [("503 Down", true), ("429 Slow", true), ("302 Found", false), ("404 No", false)] {
            let error = try await Self.failure(answer: CannedServer.answer(status, #"{"error":"in its words"}"#))
            #expect(error?.isRetryable == isRetryable, "\(status)")
            #expect(error?.description.contains("in its words") == true, "\(status)")
        }
    }

    @Test(
        "a time within a second is refused, and no rounding happens in silence",
        .enabled(if: CannedServer.isAvailable)
    )
    func fractions() async throws {
        let body = Self.chunk("}]}]}").replacing("1000000000", with: "1000000001")
        let error = try await Self.failure(answer: CannedServer.answer("200 OK", body))
        #expect(error?.description.contains("row 1 has a time with a fraction of a second") == true)
    }

    @Test("a server that is silent, refuses or is not known cannot be reached, and no message shows a secret")
    func unreachable() async throws {
        let closed = try await CannedServer([nil])
        let silent = await Self.failure(closed.url, idleTimeout: .milliseconds(600))
        let refused = await Self.failure("http://127.0.0.1:1")
        let unknown = await Self.failure("http://influx.invalid:8086")
        for (error, words) in [(silent, "sent nothing"), (refused, "no connection"), (unknown, "influx.invalid")] {
            #expect(error?.isRetryable == true)
            #expect(error?.description.contains(words) == true, "\(String(describing: error))")
            #expect(error?.description.contains("secret") == false)
        }
    }
}
