// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HTTPTransport

@Suite(.enabled(if: LoopbackServer.isAvailable))
struct CurlTransportTests {
    struct Echo: Decodable {
        var method: String
        var path: String
        var length: Int
        var sum: Int
        var headers: [String: String]
        var connection: Int
    }

    struct ServerState: Decodable {
        var endless: String
        var sent: Int
        var dropped: Int
    }

    let server: LoopbackServer
    let transport = CurlTransport()

    init() async throws {
        server = try await LoopbackServer()
    }

    func echo(_ response: HTTPResponse) throws -> Echo { try JSONDecoder().decode(Echo.self, from: response.body) }

    func state() async throws -> ServerState {
        let response = try await CurlTransport().send(HTTPRequest(url: server.url + "/state"))
        return try JSONDecoder().decode(ServerState.self, from: response.body)
    }

    @Test(
        "a request arrives as it was made",
        arguments: ["GET", "POST", "PUT", "PATCH", "DELETE"]
    )
    func methods(method: String) async throws {
        let body = method == "GET" ? nil : Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
        let response = try await transport.send(
            HTTPRequest(
                method: method,
                url: server.url + "/echo?a=b%20c",
                headers: [HTTPHeader("X-Test", "one"), HTTPHeader("X-Empty", "")],
                body: body
            )
        )
        let echo = try echo(response)
        #expect(response.status == 200 && echo.method == method && echo.path == "/echo?a=b%20c")
        #expect(echo.headers["x-test"] == "one" && echo.headers["x-empty"] == "")
        #expect(echo.length == body?.count ?? 0)
        #expect(echo.sum == (body.map { stride(from: 0, to: $0.count, by: 997).map { $0 % 256 }.reduce(0, +) } ?? 0))
        #expect(echo.headers["content-type"] == nil && echo.headers["expect"] == nil)
    }

    @Test("a POST without a body, and a HEAD, need no waiting")
    func withoutBody() async throws {
        let post = try await transport.send(HTTPRequest(method: "POST", url: server.url + "/echo"))
        #expect(try echo(post).length == 0)
        let head = try await transport.send(HTTPRequest(method: "HEAD", url: server.url + "/echo"))
        #expect(head.status == 200 && head.body.isEmpty && head.headers.first(named: "content-length") != nil)
    }

    @Test("connections are used again")
    func keepAlive() async throws {
        var connections: Set<Int> = []
        for _ in 0..<5 {
            connections.insert(try echo(try await transport.send(HTTPRequest(url: server.url + "/echo"))).connection)
        }
        #expect(connections.count == 1)
    }

    @Test("a hundred requests at once all get their own answer")
    func concurrency() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<100 {
                group.addTask {
                    let path = "/echo?\(index)"
                    let response = try await transport.send(HTTPRequest(url: server.url + path))
                    return try echo(response).path == path
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test("a big body arrives whole, and one over the limit is refused")
    func bigBody() async throws {
        let response = try await transport.send(HTTPRequest(url: server.url + "/big?100000"))
        #expect(response.body.count == 25_100_000)
        #expect(response.body[25_099_999] == 250)
        let small = CurlTransport(CurlTransport.Configuration(responseLimit: 1_000))
        await #expect(throws: HTTPTransportError.responseTooLarge(url: server.url + "/big", limit: 1_000)) {
            try await small.send(HTTPRequest(url: server.url + "/big?100000"))
        }
    }

    @Test("a compressed answer is unpacked, and its header fields tell of the unpacked one")
    func compression() async throws {
        let response = try await transport.send(HTTPRequest(url: server.url + "/gzip"))
        #expect(response.body == Data(String(repeating: "almanac ", count: 10_000).utf8))
        #expect(response.headers.first(named: "Content-Encoding") == nil)
        #expect(response.headers.first(named: "Content-Length") == nil)
        let raw = try await transport.send(
            HTTPRequest(url: server.url + "/gzip", headers: [HTTPHeader("Accept-Encoding", "gzip")])
        )
        #expect(raw.body.prefix(2) == Data([0x1F, 0x8B]))
    }

    @Test("interim answers are passed over")
    func interim() async throws {
        let response = try await transport.send(HTTPRequest(url: server.url + "/interim"))
        #expect(response.status == 200 && response.body == Data("done".utf8))
        #expect(response.headers.first(named: "Link") == nil)
    }

    @Test("a stream hands over the whole body in order")
    func streaming() async throws {
        let response = try await transport.stream(HTTPRequest(url: server.url + "/pieces"))
        #expect(response.status == 200)
        var text = ""
        for try await piece in response.body {
            text += String(decoding: piece, as: UTF8.self)
        }
        #expect(text == (0..<5).map { "piece \($0)\n" }.joined())
    }

    @Test("a stream that falls silent fails after its idle timeout, one that speaks does not")
    func idleTimeout() async throws {
        let request = HTTPRequest(url: server.url + "/silent", timeout: .seconds(10), idleTimeout: .milliseconds(300))
        let start = ContinuousClock.now
        let response = try await transport.stream(request)
        var iterator = response.body.makeAsyncIterator()
        #expect(try await iterator.next() == Data("first".utf8))
        await #expect(throws: HTTPTransportError.timedOut(url: server.url + "/silent", after: .milliseconds(300))) {
            _ = try await iterator.next()
        }
        #expect(ContinuousClock.now - start < .seconds(20))

        let speaking = HTTPRequest(
            url: server.url + "/pieces",
            timeout: .milliseconds(200),
            idleTimeout: .milliseconds(2_000)
        )
        for try await _ in try await transport.stream(speaking).body {}
    }

    @Test("a request whose answer does not come in time fails, streamed or not")
    func timeout() async throws {
        let request = HTTPRequest(url: server.url + "/never?secret=canary", timeout: .milliseconds(200))
        let expected = HTTPTransportError.timedOut(url: server.url + "/never", after: .milliseconds(200))
        await #expect(throws: expected) { try await transport.send(request) }
        await #expect(throws: expected) { try await transport.stream(request) }
    }

    @Test("cancelling the task ends the request at once")
    func cancellation() async throws {
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for path in ["/never", "/silent"] {
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await transport.send(HTTPRequest(url: server.url + path))
                    }
                }
            }
            try? await Task.sleep(for: .milliseconds(100))
            group.cancelAll()
        }
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test("a slow consumer holds the server back, and one that stops ends the transfer")
    func backpressure() async throws {
        do {
            let response = try await transport.stream(HTTPRequest(url: server.url + "/endless"))
            var iterator = response.body.makeAsyncIterator()
            _ = try await iterator.next()
            try await Task.sleep(for: .milliseconds(500))
            let first = try await state().sent
            try await Task.sleep(for: .milliseconds(300))
            let second = try await state()
            // Whatever the sockets' own buffers hold is on its way already.
            #expect(second.endless == "running" && second.sent == first && first < 32 << 20)
            var received = 0
            while received < 8 << 20, let piece = try await iterator.next() { received += piece.count }
            #expect(received >= 8 << 20)
        }
        var isStopped = false
        for _ in 0..<200 where !isStopped {
            try await Task.sleep(for: .milliseconds(50))
            isStopped = try await state().endless == "stopped"
        }
        #expect(isStopped)
    }

    @Test("a broken connection is an error, and a POST on it is not sent twice")
    func lostConnections() async throws {
        for path in ["/cut", "/drop"] {
            let error = await #expect(throws: HTTPTransportError.self) {
                try await transport.send(HTTPRequest(method: "POST", url: server.url + path, body: Data("x".utf8)))
            }
            guard case .connectionLost = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
        }
        #expect(try await state().dropped == 1)
        // The connection is in the pool now, and the server drops it at the next request.
        _ = try await transport.send(HTTPRequest(url: server.url + "/echo"))
        await #expect(throws: HTTPTransportError.self) {
            try await transport.send(HTTPRequest(method: "POST", url: server.url + "/drop", body: Data("x".utf8)))
        }
        #expect(try await state().dropped == 2)
    }

    @Test("a port where nobody listens, and a name that does not exist, are told apart from other errors")
    func unreachable() async throws {
        for url in ["http://127.0.0.1:1/x", "http://nowhere.invalid/x"] {
            let error = await #expect(throws: HTTPTransportError.self) {
                try await transport.send(HTTPRequest(url: url))
            }
            guard case .cannotConnect(let named, _) = error else {
                Issue.record("\(url): \(String(describing: error))")
                continue
            }
            #expect(named == url)
        }
    }

    @Test("a shutdown lets requests finish, ends streams and refuses what comes after")
    func shutdown() async throws {
        let transport = CurlTransport()
        let stream = try await transport.stream(HTTPRequest(url: server.url + "/silent"))
        async let late = transport.send(HTTPRequest(url: server.url + "/big?100000"))
        try await Task.sleep(for: .milliseconds(20))
        await transport.shutdown()
        #expect(try await late.status == 200)
        await #expect(throws: HTTPTransportError.shutDown(url: server.url + "/silent")) {
            for try await _ in stream.body {}
        }
        await #expect(throws: HTTPTransportError.shutDown(url: server.url + "/echo")) {
            try await transport.send(HTTPRequest(url: server.url + "/echo"))
        }
        await transport.shutdown()
    }
}
