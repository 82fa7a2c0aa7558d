// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import HummingbirdCore
import NIOCore
import Testing

@testable import Serving

@Suite("Letting requests in", .timeLimit(.minutes(1)))
struct AdmissionTests {
    private let admission = Admission(processors: 2)
    private let readiness = Readiness()
    private let predict = "/v1/models/traffic:predict"
    private let history = #"{"instances":[[1,2,3]]}"#

    private func serving(
        timeouts: GuardedConnection.Timeouts = .init(),
        _ body: (_ address: String) async throws -> Void
    ) async throws {
        let model = try ServedModel.naive()
        var routes = ServingRoutes(shelf: ModelShelf(model), readiness: readiness, metrics: ServingMetrics())
        routes.admission = admission
        let connections = HTTPServerBuilder { [admission] responder in
            GuardedConnection(admission: admission, timeouts: timeouts, responder: responder)
        }
        try await LoopbackServer.with(routes.router(), connections: connections, body)
    }

    private func ask(
        _ url: String,
        _ body: String? = nil,
        headers: [HTTPHeader] = []
    ) async throws -> (status: Int, body: String, headers: [HTTPHeader]) {
        let transport = CurlTransport()
        let all = headers + [HTTPHeader("Content-Type", "application/json")]
        let method = body == nil ? "GET" : "POST"
        let request = HTTPRequest(method: method, url: url, headers: all, body: body.map { Data($0.utf8) })
        let answer = try await transport.send(request)
        await transport.shutdown()
        return (answer.status, String(decoding: answer.body, as: UTF8.self), answer.headers)
    }

    private func head(_ length: Int, _ extra: String = "") -> String {
        "POST \(predict) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n\(extra)\r\n"
    }

    @Test("asks for a key wherever there are keys, but not for health, and takes it by either header")
    func keys() async throws {
        admission.access.accept(try KeyRing([("web", "open sesame")]))
        try await serving { address in
            let refused = try await ask(address + predict, history)
            #expect(refused.status == 401 && refused.body.contains("X-API-Key") && !refused.body.contains("sesame"))
            #expect(
                refused.headers.contains { $0.name.lowercased() == "www-authenticate" && $0.value.hasPrefix("Bearer") }
            )
            for wrong in ["Bearer wrong", "Basic open sesame", "open sesame", "Bearer"] {
                #expect(
                    try await ask(address + predict, history, headers: [.init("Authorization", wrong)]).status == 401
                )
            }
            for path in ["/v2/models/traffic", "/metrics", "/v2", "/nowhere"] {
                #expect(try await ask(address + path).status == 401)
            }
            for path in ["/v2/health/live", "/v2/health/ready", "/healthz", "/"] {
                #expect(try await ask(address + path).status == 200)
            }
            for header in [HTTPHeader("Authorization", "bearer open sesame"), .init("X-API-Key", "open sesame")] {
                #expect(try await ask(address + predict, history, headers: [header]).status == 200)
            }
            admission.access.accept(try KeyRing([("web", "another")]))
            #expect(
                try await ask(address + predict, history, headers: [.init("X-API-Key", "open sesame")]).status == 401
            )
            #expect(try await ask(address + predict, history, headers: [.init("X-API-Key", "another")]).status == 200)
        }
    }

    @Test("refuses what comes too often with the time to wait, and never health or metrics")
    func rate() async throws {
        admission.apply(ServingLimitsSpec(requestsPerSecond: 0.01))
        try await serving { address in
            #expect(try await ask(address + predict, history).status == 200)
            let refused = try await ask(address + predict, history)
            #expect(refused.status == 429 && refused.body.contains("0.01"))
            let wait = refused.headers.first { $0.name.lowercased() == "retry-after" }.flatMap { Int($0.value) } ?? 0
            #expect((90...100).contains(wait))
            for path in ["/v2/health/ready", "/metrics", "/v2/models/traffic"] {
                #expect(try await ask(address + path).status == 200)
            }
        }
    }

    @Test("refuses a body that is too long, announced or not, and closes the connection after its answer")
    func bodies() async throws {
        admission.apply(ServingLimitsSpec(maxRequestBytes: 1_024))
        try await serving { address in
            let long = #"{"instances":[[1,2,3]],"more":""# + String(repeating: "x", count: 2_000) + #""}"#
            let announced = try await ask(address + predict, long)
            #expect(announced.status == 413 && announced.body.contains("1024"))
            let client = try RawClient(address)
            client.send(
                "POST \(predict) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            for _ in 0..<3 { client.send("200\r\n\(String(repeating: " ", count: 512))\r\n") }
            client.send("0\r\n\r\n")
            #expect(try await client.readToEnd().hasPrefix("HTTP/1.1 413 "))
            #expect(try await ask(address + predict, history).status == 200)
        }
    }

    @Test("gives up a client that sends its head byte by byte, and one that sends its body so")
    func slowloris() async throws {
        admission.apply(ServingLimitsSpec(timeoutSeconds: 0.3))
        var timeouts = GuardedConnection.Timeouts()
        timeouts.head = .milliseconds(300)
        try await serving(timeouts: timeouts) { address in
            for text in ["GET /v2/health/live HTTP/1.1\r\nX-Slow: yes", head(400)] {
                let client = try RawClient(address)
                let start = ContinuousClock.now
                client.send(text)
                async let answer = client.readToEnd()
                while start.duration(to: .now) < .seconds(2), client.send(" ") {
                    try await Task.sleep(for: .milliseconds(30))
                }
                #expect(start.duration(to: .now) < .seconds(2))
                #expect(try await answer.hasPrefix("HTTP/1.1 408 "))
            }
            #expect(try await ask(address + predict, history).status == 200)
        }
    }

    @Test("answers several requests of one connection, sent at once, and a slow next one does not take the answer away")
    func pipelined() async throws {
        var timeouts = GuardedConnection.Timeouts()
        timeouts.head = .milliseconds(200)
        try await serving(timeouts: timeouts) { address in
            let client = try RawClient(address)
            let whole = head(history.utf8.count) + history
            client.send(whole + whole)
            try await Task.sleep(for: .milliseconds(100))
            client.send("GET /v2/he")
            let answers = try await client.readToEnd()
            #expect(answers.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
            #expect(answers.components(separatedBy: #"{"predictions":[[1.0,2.0]]}"#).count == 3)
        }
    }

    @Test("says that a connection ends with the answer to a request that wants it, and with none before")
    func lastRequest() async throws {
        try await serving { address in
            for option in ["close", "Close", "keep-alive, close"] {
                let client = try RawClient(address)
                let whole = head(history.utf8.count) + history
                let last = head(history.utf8.count, "Connection: \(option)\r\n") + history
                client.send(whole + last + whole)
                let answers = try await client.readToEnd().components(separatedBy: "HTTP/1.1 200 OK").dropFirst()
                #expect(answers.map { $0.lowercased().contains("connection: close\r\n") } == [false, true])
            }
        }
    }

    @Test("bounds heads, and what is nested, not finite or huge in a body")
    func bounds() async throws {
        try await serving { address in
            let client = try RawClient(address)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n")
            for index in 0..<2_000 where !client.send("X-\(index): \(String(repeating: "y", count: 100))\r\n") { break }
            let answer = try await client.readToEnd()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 ") || answer.hasPrefix("HTTP/1.1 431 "))
            let nested = String(repeating: "[", count: 100_000)
            for body in [
                nested, #"{"instances":"# + nested, #"{"x":"# + nested, #"{"instances":[[NaN,1,2]]}"#,
                #"{"instances":[[1e999,1,2]]}"#, #"{"instances":[[Infinity,1,2]]}"#,
            ] {
                #expect(try await ask(address + predict, body).status == 400)
            }
            let shape = #"{"inputs":[{"name":"history","shape":[9007199254740993,3,1],"datatype":"FP64","data":[1]}]}"#
            #expect(try await ask(address + "/v2/models/traffic/infer", shape).status == 400)
            #expect(try await ask(address + predict, history).status == 200)
        }
    }

    @Test("says while it drains that each connection ends with its answer")
    func draining() async throws {
        try await serving { address in
            let client = try RawClient(address)
            readiness.drain()
            client.send(head(history.utf8.count) + history)
            let answer = try await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.lowercased().contains("connection: close"))
            #expect(answer.hasSuffix(#"{"predictions":[[1.0,2.0]]}"#))
        }
    }
}
