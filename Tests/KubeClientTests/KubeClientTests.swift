// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeCore
import Synchronization
import Testing

@testable import KubeClient

struct KubeClientTests {
    let object = HTTPResponse(status: 200, body: Data(#"{"metadata":{"name":"a"}}"#.utf8))
    let busy = HTTPResponse(status: 429, headers: [HTTPHeader("retry-after", "3")])
    let lost = HTTPTransportError.connectionLost(url: "http://h", reason: "gone")

    final class Waits: Sendable {
        let all = Mutex<[Duration]>([])
    }

    func client(_ transport: ScriptedTransport, waits: Waits = Waits(), token: KubeConfiguration.Token? = nil)
        -> KubeClient
    {
        KubeClient(
            configuration: KubeConfiguration(server: "https://h:1/base/", token: token),
            transport: transport,
            options: KubeClient.Options(
                userAgent: "almanac-test/1",
                sleep: { wait in waits.all.withLock { $0.append(wait) } }
            )
        )
    }

    @Test("a request carries the server's address, the agent, the token and the body's type")
    func wire() async throws {
        let transport = ScriptedTransport([.response(object)])
        _ = try await client(transport, token: .inline("t")).apply(
            ConfigMap(metadata: ObjectMeta(name: "a", namespace: "n")),
            fieldManager: "m"
        )
        let request = try #require(transport.requests.first)
        #expect(request.url == "https://h:1/base/api/v1/namespaces/n/configmaps/a?fieldManager=m&force=true")
        #expect(request.method == "PATCH")
        #expect(request.headers.first(named: "user-agent") == "almanac-test/1")
        #expect(request.headers.first(named: "authorization") == "Bearer t")
        #expect(request.headers.first(named: "content-type") == "application/apply-patch+yaml")
    }

    @Test("a refusal with Retry-After is waited out, for writes too")
    func retryAfter() async throws {
        let waits = Waits()
        let transport = ScriptedTransport([.response(busy), .response(busy), .response(object)])
        _ = try await client(transport, waits: waits).create(ConfigMap(metadata: ObjectMeta(name: "a", namespace: "n")))
        #expect(transport.requests.count == 3)
        #expect(waits.all.withLock { $0 }.allSatisfy { (.seconds(3)...(.milliseconds(3_300))).contains($0) })
    }

    @Test("after ten retries the refusal is passed on")
    func tooManyRetries() async throws {
        let transport = ScriptedTransport(Array(repeating: .response(busy), count: 20))
        let error = await #expect(throws: KubeError.self) { try await client(transport).serverVersion() }
        #expect(transport.requests.count == 11)
        #expect(error?.retryAfter == .seconds(3) && error?.isRetryable == true)
    }

    @Test("a lost connection is retried for reads and applies, and a creation is looked up, never sent again")
    func lostConnections() async throws {
        let reads = ScriptedTransport([.failure(lost), .failure(lost), .response(object)])
        _ = try await client(reads).get(ConfigMap.self, namespace: "n", name: "a")
        #expect(reads.requests.count == 3)
        let applies = ScriptedTransport([.failure(lost), .response(object)])
        let map = ConfigMap(metadata: ObjectMeta(name: "a", namespace: "n"))
        _ = try await client(applies).apply(map, fieldManager: "m")
        #expect(applies.requests.map(\.method) == ["PATCH", "PATCH"])
        let writes = ScriptedTransport([.failure(lost), .response(object)])
        let error = await #expect(throws: KubeError.self) {
            try await client(writes).create(map)
        }
        // What is found is not what was to be created.
        #expect(writes.requests.map(\.method) == ["POST", "GET"])
        #expect(error == .transport(lost, request: "create configmaps n/a"))
    }

    @Test("a 500 without Retry-After is not retried")
    func plainFailure() async throws {
        let transport = ScriptedTransport([.response(HTTPResponse(status: 500, body: Data("<html>".utf8)))])
        let error = await #expect(throws: KubeError.self) { try await client(transport).serverVersion() }
        #expect(transport.requests.count == 1 && error?.status?.code == 500 && error?.isRetryable == true)
    }

    @Test("an answer that cannot be read names the field and not its value")
    func undecodable() async throws {
        let transport = ScriptedTransport([
            .response(
                HTTPResponse(status: 200, body: Data(#"{"metadata":{"name":"a"},"data":{"canary":["canary2"]}}"#.utf8))
            )
        ])
        let error = await #expect(throws: KubeError.self) {
            try await client(transport).get(Secret.self, namespace: "n", name: "a")
        }
        #expect(error?.description.contains("data.canary") == true && error?.description.contains("canary2") == false)
    }

    @Test("a watch that is refused throws the server's status")
    func refusedWatch() async throws {
        let body = Data(#"{"kind":"Status","reason":"Expired","code":410,"message":"too old"}"#.utf8)
        let transport = ScriptedTransport([
            .stream(HTTPResponse(status: 410), pieces: [body.prefix(9), body.dropFirst(9)], error: nil)
        ])
        let error = await #expect(throws: KubeError.self) {
            for try await _ in client(transport).watch(ConfigMap.self) {}
        }
        #expect(error?.isGone == true && error?.description.contains("watch configmaps: too old") == true)
    }

    @Test("a watch that breaks hands over what came before and then throws")
    func brokenWatch() async throws {
        let event = Data("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n".utf8)
        let transport = ScriptedTransport([
            .stream(HTTPResponse(status: 200), pieces: [event, event.prefix(20)], error: lost)
        ])
        var seen = 0
        let error = await #expect(throws: KubeError.self) {
            for try await _ in client(transport).watch(ConfigMap.self) { seen += 1 }
        }
        #expect(seen == 1 && error == .transport(lost, request: "watch configmaps"))
        #expect(transport.requests.first?.idleTimeout == .seconds(90))
    }

    @Test("a rejected token is read again once, and the new one is used")
    func rejectedToken() async throws {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/token"
        try Data("old\n".utf8).write(to: URL(filePath: file))
        let unauthorized = HTTPResponse(status: 401)
        let transport = ScriptedTransport([
            .response(object), .response(unauthorized), .response(object), .response(unauthorized),
        ])
        let client = client(transport, token: .file(file))
        _ = try await client.get(ConfigMap.self, namespace: "n", name: "a")
        try Data("new\n".utf8).write(to: URL(filePath: file))
        _ = try await client.get(ConfigMap.self, namespace: "n", name: "a")
        let error = await #expect(throws: KubeError.self) {
            try await client.get(ConfigMap.self, namespace: "n", name: "a")
        }
        #expect(error?.isUnauthorized == true)
        let sent = transport.requests.map { $0.headers.first(named: "Authorization") }
        #expect(sent == ["Bearer old", "Bearer old", "Bearer new", "Bearer new"])
    }

    @Test("a token is read again each minute, and the old one stays while the file is unreadable")
    func tokenCache() {
        var cache = TokenCache()
        let start = ContinuousClock.now
        #expect(cache.isStale(at: start))
        cache.take("one\n", at: start)
        #expect(
            cache.token == "one" && !cache.isStale(at: start + .seconds(59)) && cache.isStale(at: start + .seconds(60))
        )
        cache.take(nil, at: start + .seconds(60))
        cache.take(" \n", at: start + .seconds(120))
        #expect(cache.token == "one")
    }
}
