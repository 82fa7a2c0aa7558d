// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport
import TestServers
import Testing

@testable import Connectors

@Suite("S3 client and SeaweedFS", .enabled(if: SeaweedFS.isAvailable), .timeLimit(.minutes(2)))
struct S3ClientTests {
    @Test(
        "an object is written, read, replaced, listed and removed, whatever its key is",
        arguments: [S3Bucket.Addressing.path, .host]
    )
    func objects(addressing: S3Bucket.Addressing) async throws {
        let client = try await S3Server.client(addressing: addressing)
        let prefix = "objects-\(addressing)/"
        for key in ["plain.txt", "with space+plus&more=.txt", "ünï/日本", "a'(b)!*~,;:@$[c]", "100%25"] {
            #expect(try await client.get(prefix + key) == nil)
            try await client.put(prefix + key, Array("one".utf8))
            try await client.put(prefix + key, Array(key.utf8))
            #expect(try await client.get(prefix + key) == Array(key.utf8), "\(key)")
            let listed = try await client.list(prefix: prefix).objects
            #expect(listed.map(\.key) == [prefix + key])
            #expect(listed.first?.size == key.utf8.count)
            #expect(abs((listed.first?.modified ?? 0) - Int64(Date().timeIntervalSince1970)) < 120)
            try await client.delete(prefix + key)
            try await client.delete(prefix + key)
            #expect(try await client.list(prefix: prefix).objects.isEmpty)
        }
        #expect(try await client.put(prefix + "empty", []))
        #expect(try await client.get(prefix + "empty") == [])
    }

    @Test("of writers that want an object to be new just one succeeds")
    func conditions() async throws {
        let client = try await S3Server.client()
        let key = "conditions/\(UUID())"
        let winners = try await withThrowingTaskGroup(of: (UInt8, Bool).self) { group in
            for writer in 0..<UInt8(8) {
                group.addTask { (writer, try await client.put(key, [writer], onlyNew: true)) }
            }
            return try await group.reduce(into: [UInt8]()) { if $1.1 { $0.append($1.0) } }
        }
        #expect(winners.count == 1)
        #expect(try await client.get(key) == winners)
    }

    @Test("lists go on over pages, and end keys at a delimiter")
    func lists() async throws {
        let client = try await S3Server.client(bucket: "pages")
        let keys = (0..<1_105).map { "many/\($0 % 5)/\($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, key) in keys.enumerated() {
                if index >= 16 { try await group.next() }
                group.addTask { try await client.put(key, [1]) }
            }
            try await group.waitForAll()
        }
        #expect(try await client.list(prefix: "many/").objects.map(\.key) == keys.sorted())
        let folders = try await client.list(prefix: "many/", delimiter: "/")
        #expect(folders == S3Listing(prefixes: (0..<5).map { "many/\($0)/" }))
    }

    @Test("a large object goes up in parts and comes back the same; one that fails leaves nothing behind")
    func parts() async throws {
        let client = try await S3Server.client(partSize: 5 << 20)
        let bytes = S3Server.bytes((12 << 20) + 17, seed: 3)
        try await client.put("parts/large", bytes)
        #expect(try await client.get("parts/large") == bytes)
        #expect(try await client.unfinishedUploads(prefix: "parts/").isEmpty)
        let failing = try await S3Server.client(transport: FailingParts(), partSize: 5 << 20)
        await #expect(throws: ConnectorError.self) { try await failing.put("parts/failed", bytes) }
        #expect(try await client.get("parts/failed") == nil)
        #expect(try await client.unfinishedUploads(prefix: "parts/").isEmpty)
    }

    @Test("a server with a certificate of one's own authority is trusted by that, and by nothing less")
    func authorities() async throws {
        let server = try await SeaweedFS.shared()
        let bucket = try S3Bucket(endpoint: server.tlsEndpoint, name: "models")
        let trusting = CurlTransport(.init(tls: .init(ca: .data(Data(server.authority.utf8)))))
        let client = S3Client(bucket: bucket, credentials: try S3Server.credentials(), transport: trusting)
        try await client.put("tls/a", [1])
        #expect(try await client.get("tls/a") == [1])
        var retries = S3Retries()
        retries.attempts = 1
        let distrusting = S3Client(
            bucket: bucket,
            credentials: try S3Server.credentials(),
            transport: CurlTransport(),
            retries: retries
        )
        let error = await #expect(throws: ConnectorError.self) { try await distrusting.get("tls/a") }
        #expect(error?.description.contains("ca.crt") == true)
    }

    @Test("a public bucket is read without keys")
    func publicBuckets() async throws {
        let client = try await S3Server.client(bucket: "open")
        try await client.put("public", [1, 2])
        let anyone = S3Client(bucket: client.bucket, credentials: .anonymous, transport: CurlTransport())
        #expect(try await anyone.get("public") == [1, 2])
    }

    @Test("the real server's refusals say what to mend, and no secret")
    func refusals() async throws {
        _ = try await S3Server.client()
        let server = try await SeaweedFS.shared()
        func refusal(_ keys: (id: String, secret: String), bucket: String = "models") async throws -> S3Problem? {
            let place = try S3Bucket(endpoint: server.endpoint, name: bucket)
            let credentials = try S3Server.credentials(keys)
            let client = S3Client(bucket: place, credentials: credentials, transport: CurlTransport())
            let problem = try await S3Server.problem { () async throws(ConnectorError) in
                _ = try await client.list(prefix: "")
                try await client.put("refused", [1])
            }
            let text = problem?.description ?? ""
            #expect(text.contains(server.endpoint) && text.contains(bucket) && !text.contains(keys.secret))
            return problem
        }
        let wrongSecret = try await refusal((SeaweedFS.keys.id, "wrong-secret"))
        #expect(wrongSecret?.kind == .credentialsRejected && wrongSecret?.reason.contains("secretAccessKey") == true)
        let unknown = try await refusal(("AKIDNOBODY", "wrong-secret"))
        #expect(unknown?.kind == .credentialsRejected && unknown?.reason.contains("accessKeyID") == true)
        let reader = try await refusal(SeaweedFS.readerKeys)
        #expect(reader?.kind == .accessDenied && reader?.request.hasPrefix("PUT s3://models/refused") == true)
        #expect(try await refusal(SeaweedFS.keys, bucket: "nowhere")?.kind == .bucketNotFound)
    }
}

/// Reaches the server but for the third part of an upload.
private struct FailingParts: HTTPTransport {
    private let base = CurlTransport()

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.url.contains("partNumber=3") { return HTTPResponse(status: 403) }
        return try await base.send(request)
    }

    func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse { try await base.stream(request) }
}
