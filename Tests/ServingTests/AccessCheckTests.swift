// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import HTTPTypes
import HummingbirdCore
import KubeCore
import Synchronization
import TestSupport
import Testing
import WebTokens

@testable import Serving

@Suite("Several ways to be let in", .timeLimit(.minutes(1)))
struct AccessCheckTests {
    private struct Answer {
        var status: Int
        var challenge: String?
        var body: String
    }

    private static let reviews: KubernetesCheck.Review = { token throws(ServingError) in
        switch token {
        case "cluster-good": .allowed("system:serviceaccount:team:web")
        case "cluster-known": .notAllowed("system:serviceaccount:team:batch")
        case "cluster-away": throw .reviewUnavailable(reason: "secret place")
        default: .unknown
        }
    }

    private func serving(
        _ access: AccessCheck,
        log: AccessLog? = nil,
        _ body: ((String, String, [HTTPHeader]) async throws -> Answer) async throws -> Void
    ) async throws {
        let admission = Admission(processors: 2, access: access)
        var routes = ServingRoutes(
            shelf: ModelShelf(try ServedModel.naive()),
            readiness: Readiness(),
            metrics: ServingMetrics()
        )
        routes.admission = admission
        routes.accessLog = log
        try await LoopbackServer.with(routes.router()) { address in
            let transport = CurlTransport()
            try await body { method, path, headers in
                let request = HTTPRequest(
                    method: method,
                    url: address + path,
                    headers: headers + [HTTPHeader("Content-Type", "application/json")],
                    body: method == "POST" ? Data(#"{"instances":[[1,2,3]]}"#.utf8) : nil
                )
                let answer = try await transport.send(request)
                return Answer(
                    status: answer.status,
                    challenge: answer.headers.first(named: "www-authenticate"),
                    body: String(decoding: answer.body, as: UTF8.self)
                )
            }
            await transport.shutdown()
        }
    }

    private func bearer(_ token: String) -> [HTTPHeader] { [HTTPHeader("Authorization", "Bearer \(token)")] }

    @Test("any one that accepts lets in; others are answered by 401, 403 or 503, and nothing secret is told")
    func any() async throws {
        let lines = Shared<[String]>([])
        let log = AccessLog(write: { line in lines.withLock { $0.append(line) } })
        let access = AccessCheck(
            tokens: TokenCheck(
                policy: TokenPolicy(issuer: "https://login.example", audiences: ["forecasts"]),
                keys: TokenKeys(.folder("/nowhere"))
            ),
            kubernetes: KubernetesCheck(review: Self.reviews)
        )
        access.accept(try KeyRing([("web", "open-sesame")]))
        let path = "/v1/models/traffic:predict"
        try await serving(access, log: log) { ask in
            let none = try await ask("POST", path, [])
            #expect(none.status == 401 && none.challenge == #"Bearer realm="almanac""#)
            #expect(try await ask("POST", path, bearer("open-sesame")).status == 200)
            #expect(try await ask("POST", path, [HTTPHeader("X-API-Key", "open-sesame")]).status == 200)
            #expect(try await ask("POST", path, bearer("cluster-good")).status == 200)
            // A token of the cluster is none of the header for keys.
            #expect(try await ask("POST", path, [HTTPHeader("X-API-Key", "cluster-good")]).status == 401)
            let known = try await ask("POST", path, bearer("cluster-known"))
            #expect(known.status == 403 && known.body.contains("team:batch") && known.body.contains("predict"))
            let away = try await ask("POST", path, bearer("cluster-away"))
            #expect(away.status == 503 && !away.body.contains("secret place"))
            #expect(access.problems.contains { $0.reason == .tokenReviewUnavailable })
            #expect(try await ask("POST", path, bearer("cluster-wrong")).status == 401)
            #expect(try await ask("GET", "/v2/health/ready", []).status == 200)
            #expect(try await ask("GET", "/metrics", []).status == 401)
        }
        let text = lines.withLock { $0 }.joined(separator: "\n")
        for caller in [#""caller":"key:web""#, #""caller":"kubernetes:system:serviceaccount:team:web""#] {
            #expect(text.contains(caller))
        }
        for secret in ["open-sesame", "cluster-"] { #expect(!text.contains(secret)) }
    }

    @Test("a token that is refused says why in the challenge")
    func challenge() async throws {
        let tokens = TokenCheck(
            policy: TokenPolicy(issuer: "https://login.example", audiences: ["forecasts"]),
            keys: TokenKeys(.folder("/nowhere"))
        )
        try await serving(AccessCheck(tokens: tokens)) { ask in
            let malformed = try await ask("POST", "/predict", bearer("a.b.c"))
            #expect(malformed.status == 401 && malformed.challenge?.contains(#"error="invalid_token""#) == true)
            #expect(malformed.body.contains("malformed"))
        }
    }

    @Test("HEAD answers as GET does, without a body, and needs what GET needs")
    func head() async throws {
        let access = AccessCheck()
        let path = "/v2/models/traffic"
        try await serving(access) { ask in
            // One connection for all: a body that nobody expects would be taken for the next answer.
            for _ in 0..<3 {
                for (path, status) in [
                    (path, 200), ("/v2/health/ready", 200), ("/v2/models/none", 404), ("/none", 404),
                ] {
                    let answer = try await ask("HEAD", path, [])
                    #expect(answer.status == status && answer.body.isEmpty)
                    #expect(try await ask("GET", path, []).status == status)
                }
                #expect(try await ask("HEAD", "/v1/models/traffic:predict", []).status == 405)
            }
            access.accept(try KeyRing([("web", "open-sesame")]))
            #expect(try await ask("HEAD", path, []).status == 401)
            #expect(try await ask("HEAD", "/healthz", []).status == 200)
            #expect(try await ask("HEAD", path, bearer("open-sesame")).status == 200)
        }
    }

    @Test("the OpenAPI document says how to be let in, only where somebody is kept out")
    func document() async throws {
        let access = AccessCheck(kubernetes: KubernetesCheck(review: Self.reviews))
        func document() throws -> JSONValue {
            let model = try ServedModel.naive()
            let document = OpenAPIDocument(model: model, versions: ["v1"], access: access.schemes)
            return try KubeJSON.decoder().decode(JSONValue.self, from: Data(document.encoded()))
        }
        #expect(AccessCheck().schemes == [])
        let forecast = try document()["paths"]?["/predict"]?["post"]?["security"]
        #expect(forecast == .array([.object(["bearer": .array([])])]))
        #expect(try document()["paths"]?["/v2/health/ready"]?["get"]?["security"] == nil)
        #expect(try document()["components"]?["securitySchemes"]?["bearer"]?["scheme"] == .string("bearer"))
        access.accept(try KeyRing([("web", "open-sesame")]))
        #expect(try document()["components"]?["securitySchemes"]?["apiKey"]?["name"] == .string("X-API-Key"))
    }
}
