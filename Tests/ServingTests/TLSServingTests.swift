// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import HummingbirdCore
import KubeTestSupport
import NIOCore
import Testing
import WorkerRuntime
import WorkerTestSupport

@testable import Serving

@Suite(
    "Serving by TLS",
    .enabled(if: TestCertificates.missing == nil, "no openssl"),
    .timeLimit(.minutes(1))
)
struct TLSServingTests {
    private func serving(
        _ certificate: ServingCertificate,
        timeouts: GuardedConnection.Timeouts = .init(),
        _ body: (_ address: String) async throws -> Void
    ) async throws {
        let admission = Admission(processors: 2)
        let model = try ServedModel.naive()
        let readiness = Readiness(certificate: certificate)
        var routes = ServingRoutes(shelf: ModelShelf(model), readiness: readiness, metrics: ServingMetrics())
        routes.admission = admission
        let connections = HTTPServerBuilder { responder in
            GuardedConnection(admission: admission, certificate: certificate, timeouts: timeouts, responder: responder)
        }
        try await LoopbackServer.with(routes.router(), connections: connections) { address in
            try await body(address.replacing("http://", with: "https://"))
        }
    }

    private func client(trusting file: String) -> CurlTransport {
        CurlTransport(.init(tls: .init(ca: .file(file)), certificateCheckInterval: .seconds(3_600)))
    }

    private func predict(_ address: String) -> HTTPRequest {
        HTTPRequest(
            method: "POST",
            url: address + "/v1/models/traffic:predict",
            headers: [HTTPHeader("Content-Type", "application/json")],
            body: Data(#"{"instances":[[1,2,3]]}"#.utf8)
        )
    }

    @Test("a renewed certificate is shown to new connections, while those that are open go on")
    func renewal() async throws {
        let secret = try CertificateSecret()
        let certificate = ServingCertificate()
        let first = try await secret.renew("first")
        #expect(certificate.look(secret.files))
        try await serving(certificate) { address in
            let early = client(trusting: first)
            #expect(try await early.send(predict(address)).status == 200)
            let second = try await secret.renew("second")
            #expect(certificate.look(secret.files))
            let late = client(trusting: second)
            #expect(try await late.send(predict(address)).status == 200)
            // Its connection is still that of the first certificate; a new one would not trust the second.
            #expect(try await early.send(predict(address)).status == 200)
            let stranger = client(trusting: first)
            await #expect(throws: HTTPTransportError.self) { try await stranger.send(predict(address)) }
            for each in [early, late, stranger] { await each.shutdown() }
        }
    }

    @Test("answers whole requests, whether they say that the connection ends or not")
    func closing() async throws {
        let secret = try CertificateSecret()
        let certificate = ServingCertificate()
        let file = try await secret.renew("only")
        _ = certificate.look(secret.files)
        try await serving(certificate) { address in
            for header in ["close", "keep-alive"] {
                let client = client(trusting: file)
                var request = predict(address)
                request.headers.append(HTTPHeader("Connection", header))
                for _ in 0..<3 {
                    let answer = try await client.send(request)
                    #expect(String(decoding: answer.body, as: UTF8.self) == #"{"predictions":[[1.0,2.0]]}"#)
                }
                await client.shutdown()
            }
        }
    }

    @Test("takes TLS 1.2 and 1.3 and HTTP/1.1, and nothing older")
    func versions() async throws {
        let secret = try CertificateSecret()
        let certificate = ServingCertificate()
        _ = try await secret.renew("only")
        _ = certificate.look(secret.files)
        let openssl = try #require(TestCertificates.openssl)
        try await serving(certificate) { address in
            let place = String(address.dropFirst("https://".count))
            func connect(_ flags: String...) async throws -> String {
                // The lowest level of security lets the client itself offer what is old.
                let words =
                    ["s_client", "-connect", place, "-alpn", "h2,http/1.1", "-cipher", "ALL:@SECLEVEL=0"] + flags
                let process = try ChildProcess(openssl, words)
                process.endInput()
                return try await LongWork.finish { process.readToEnd() }
            }
            for (flag, name) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
                let text = try await connect(flag)
                #expect(text.contains("ALPN protocol: http/1.1") && text.contains(name), "\(text)")
            }
            for flag in ["-tls1", "-tls1_1"] {
                #expect(try await !connect(flag).contains("ALPN protocol"))
            }
        }
    }

    @Test("says nothing in the clear, waits for no handshake for long, and is not ready before its first certificate")
    func refusals() async throws {
        let secret = try CertificateSecret()
        let certificate = ServingCertificate()
        #expect(!Readiness(certificate: certificate).isReady)
        var timeouts = GuardedConnection.Timeouts()
        timeouts.head = .milliseconds(300)
        try await serving(certificate, timeouts: timeouts) { address in
            let early = try RawClient(address)
            early.send("GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await early.readToEnd().isEmpty)
            let file = try await secret.renew("only")
            _ = certificate.look(secret.files)
            #expect(Readiness(certificate: certificate).isReady)
            let plain = try RawClient(address)
            plain.send("GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await !plain.readToEnd().contains("HTTP/1.1"))
            let start = ContinuousClock.now
            let silent = try RawClient(address)
            #expect(try await silent.readToEnd().isEmpty)
            #expect(start.duration(to: .now) < .seconds(5))
            let client = client(trusting: file)
            #expect(try await client.send(predict(address)).status == 200)
            await client.shutdown()
        }
    }
}
