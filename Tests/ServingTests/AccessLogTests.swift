// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import HTTPTypes
import Synchronization
import Testing

@testable import Serving

@Suite("The access log")
struct AccessLogTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private func fields(_ name: String, _ value: String) throws -> HTTPFields {
        [try #require(HTTPField.Name(name)): value]
    }

    @Test("is a line of JSON for each answer, with the client's identifiers and without its secrets")
    func lines() async throws {
        let lines = Lines()
        let model = try ServedModel.naive()
        var routes = ServingRoutes(shelf: ModelShelf(model), readiness: Readiness(), metrics: ServingMetrics())
        routes.accessLog = AccessLog(write: lines.add, now: { Date(timeIntervalSince1970: 0) })
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        try await LoopbackServer.with(routes.router()) { address in
            let transport = CurlTransport()
            for path in ["/v1/models/traffic:predict?token=secret", "/v1/models/none:predict"] {
                let request = HTTPRequest(
                    method: "POST",
                    url: address + path,
                    headers: [
                        HTTPHeader("X-Request-Id", "r\"1"), HTTPHeader("X-API-Key", "secret"),
                        HTTPHeader("traceparent", "00-\(trace)-00f067aa0ba902b7-01"),
                    ],
                    body: Data(#"{"instances":[[1,2,3]]}"#.utf8)
                )
                let answer = try await transport.send(request)
                #expect(answer.headers.first { $0.name.lowercased() == "x-request-id" }?.value == "r\"1")
            }
            await transport.shutdown()
        }
        #expect(lines.all.count == 2 && !lines.all.joined().contains("secret"))
        struct Line: Decodable, Equatable {
            var time: String
            var request: String
            var trace: String
            var method: String
            var path: String
            var version: String?
            var code: Int
            var microseconds: Int
        }
        let read = try lines.all.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        #expect(read.map(\.path) == ["/v1/models/traffic:predict", "/v1/models/none:predict"])
        #expect(read.map(\.version) == ["v1", nil] && read.map(\.code) == [200, 404])
        #expect(read.allSatisfy { $0.request == "r\"1" && $0.trace == trace && $0.method == "POST" })
        #expect(read.allSatisfy { $0.time == "1970-01-01T00:00:00.000Z" && $0.microseconds > 0 })
    }

    @Test("makes an identifier where the client gives none that is fit for a log")
    func identifiers() throws {
        #expect(AccessLog.identifier(of: try fields("x-request-id", "abc-1")) == "abc-1")
        for unfit in ["", "two words", String(repeating: "x", count: 129), "ümlaut"] {
            #expect(AccessLog.identifier(of: try fields("X-Request-Id", unfit)).count == 36)
        }
        #expect(AccessLog.identifier(of: [:]) != AccessLog.identifier(of: [:]))
    }

    @Test(
        "knows a trace only where it is as W3C Trace Context has it",
        arguments: [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later", true),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later", false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", false), ("", false), ("00", false),
        ]
    )
    func traces(_ value: String, _ isKnown: Bool) throws {
        let trace = AccessLog.trace(of: try fields("traceparent", value))
        #expect(trace == (isKnown ? "4bf92f3577b34da6a3ce929d0e0e4736" : nil))
    }
}
