// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport
import Testing

@Suite(.enabled(if: LoopbackServer.isAvailable))
final class CurlTransportTLSTests {
    let folder = NSTemporaryDirectory() + "almanac-tls-\(UUID().uuidString)"
    let server: LoopbackServer

    init() async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try TestCertificates.make(in: folder, openssl: try #require(TestCertificates.openssl))
        server = try await LoopbackServer(certificates: folder)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    func status(_ tls: CurlTransport.TLS, host: String = "127.0.0.1") async throws -> Int {
        let url = server.url.replacing("127.0.0.1", with: host) + "/echo"
        return try await CurlTransport(CurlTransport.Configuration(tls: tls)).send(HTTPRequest(url: url)).status
    }

    @Test("a certificate of the given authority is trusted, from a file or as data")
    func trusted() async throws {
        #expect(try await status(CurlTransport.TLS(ca: .file(folder + "/ca.crt"))) == 200)
        let data = try #require(FileManager.default.contents(atPath: folder + "/ca.crt"))
        #expect(try await status(CurlTransport.TLS(ca: .data(data))) == 200)
    }

    struct Echo: Decodable {
        var connection: Int
    }

    /// The number of the connection that a request came by.
    func connection(_ transport: CurlTransport, _ identity: HTTPClientIdentity? = nil) async throws -> Int {
        let response = try await transport.send(HTTPRequest(url: server.url + "/echo", identity: identity))
        return try JSONDecoder().decode(Echo.self, from: response.body).connection
    }

    func identity(_ name: String) -> HTTPClientIdentity {
        let parts = ["crt", "key"].map { FileManager.default.contents(atPath: "\(folder)/\(name).\($0)") ?? Data() }
        return HTTPClientIdentity(certificate: parts[0], key: parts[1])
    }

    @Test("connections are used again over TLS, and not with another client certificate")
    func connections() async throws {
        let tls = CurlTransport.TLS(ca: .file(folder + "/ca.crt"))
        let transport = CurlTransport(CurlTransport.Configuration(tls: tls))
        var seen: [Int] = []
        for identity in [nil, nil, identity("admin"), identity("admin"), identity("server")] {
            seen.append(try await connection(transport, identity))
        }
        #expect(seen[0] == seen[1] && seen[2] == seen[3])
        #expect(Set(seen).count == 3)
    }

    @Test("an unknown authority is refused unless verification is switched off")
    func untrusted() async throws {
        let error = await #expect(throws: HTTPTransportError.self) { try await status(CurlTransport.TLS()) }
        guard case .tls = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await status(CurlTransport.TLS(verify: false)) == 200)
    }

    @Test("the certificate has to name the host, or the name that is asked for")
    func serverName() async throws {
        let ca = CurlTransport.PEM.file(folder + "/ca.crt")
        await #expect(throws: HTTPTransportError.self) {
            try await status(CurlTransport.TLS(ca: ca, serverName: "other.test"))
        }
        #expect(try await status(CurlTransport.TLS(ca: ca, serverName: "kubernetes.test")) == 200)
        #expect(try await status(CurlTransport.TLS(ca: ca), host: "localhost") == 200)
    }

    @Test("credentials that cannot be used are named without their content")
    func unusable() async throws {
        let files = [
            CurlTransport.TLS(ca: .file(folder + "/missing.crt")),
            CurlTransport.TLS(clientCertificate: .data(Data("canary".utf8)), clientKey: .data(Data("canary".utf8))),
        ]
        for tls in files {
            let error = await #expect(throws: HTTPTransportError.self) { try await status(tls) }
            guard case .invalidCredentials(let reason) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(!reason.contains("canary") && !"\(tls)".contains("canary"))
        }
    }
}
