// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport
import Synchronization
import TestServers

@testable import Connectors

/// Clients of the real server of the tests, and of scripted ones.
enum S3Server {
    static func credentials(
        _ keys: (id: String, secret: String) = SeaweedFS.keys
    ) throws -> S3CredentialSource {
        .fixed(try S3Credentials(accessKeyID: keys.id, secretAccessKey: keys.secret))
    }

    /// A client of the real server; the bucket is made where it is not there.
    static func client(
        bucket: String = "models",
        addressing: S3Bucket.Addressing = .path,
        transport: any HTTPTransport = CurlTransport(),
        partSize: Int = 16 << 20
    ) async throws -> S3Client {
        let server = try await SeaweedFS.shared()
        let place = try S3Bucket(endpoint: server.endpoint, name: bucket, addressing: addressing)
        let client = S3Client(bucket: place, credentials: try credentials(), transport: transport, partSize: partSize)
        _ = try await client.send(S3Client.Call(method: "PUT", expected: [409]))
        return client
    }

    /// A client of a transport that answers from a script, without waits between attempts.
    static func scripted(
        _ transport: ScriptedS3,
        credentials: S3CredentialSource? = nil,
        now: @escaping @Sendable () -> Date = { Date(timeIntervalSince1970: 1_795_230_000) }
    ) throws -> S3Client {
        var retries = S3Retries()
        retries.sleep = { transport.note(pause: $0) }
        retries.share = { 1 }
        return S3Client(
            bucket: try S3Bucket(endpoint: "http://store:9000", name: "models"),
            credentials: try credentials ?? Self.credentials(),
            transport: transport,
            retries: retries,
            partSize: 10,
            now: now
        )
    }

    /// What a server's refusal says; nil where there was none.
    static func problem(
        _ work: () async throws(ConnectorError) -> Void
    ) async throws(ConnectorError) -> S3Problem? {
        do throws(ConnectorError) {
            try await work()
            return nil
        } catch {
            guard case .s3(let problem) = error else { throw error }
            return problem
        }
    }

    /// Bytes that compress badly and differ by seed.
    static func bytes(_ count: Int, seed: UInt8) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) ^ seed }
    }
}

/// Answers requests in order from a script, and remembers them.
final class ScriptedS3: HTTPTransport {
    struct State {
        var answers: [Result<HTTPResponse, HTTPTransportError>]
        var requests: [HTTPRequest] = []
        var pauses: [Duration] = []
    }

    let state: Mutex<State>

    /// The last answer is given again and again.
    init(_ answers: [Result<HTTPResponse, HTTPTransportError>]) {
        state = Mutex(State(answers: answers))
    }

    convenience init(status: Int, headers: [HTTPHeader] = [], _ body: String = "") {
        self.init([.success(HTTPResponse(status: status, headers: headers, body: Data(body.utf8)))])
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    var pauses: [Duration] { state.withLock { $0.pauses } }

    func note(pause: Duration) { state.withLock { $0.pauses.append(pause) } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let answer = state.withLock { state in
            state.requests.append(request)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }
        return try answer.get()
    }

    func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        let response = try await send(request)
        let body = AsyncThrowingStream<Data, any Error> { continuation in
            continuation.yield(response.body)
            continuation.finish()
        }
        return HTTPStreamingResponse(status: response.status, headers: response.headers, body: body)
    }
}
