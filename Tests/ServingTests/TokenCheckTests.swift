// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import TestSupport
import Testing
import WebTokens

@testable import Serving

@Suite("Who may ask by a token of an issuer", .timeLimit(.minutes(1)))
struct TokenCheckTests {
    /// What PyJWT made for the tests of WebTokens.
    private struct Reference {
        var keys: Data
        var tokens: [String: String] = [:]
        var now: Date

        init() throws {
            let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            let data = try Data(contentsOf: tests.appending(path: "WebTokensTests/Reference/tokens.json"))
            let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            keys = try JSONSerialization.data(withJSONObject: try #require(object["jwks"]))
            now = Date(timeIntervalSince1970: try #require(object["now"] as? Double))
            for case let each as [String: String] in try #require(object["tokens"] as? [Any]) {
                tokens[each["name"] ?? ""] = each["token"]
            }
        }

        func token(_ name: String) throws -> String { try #require(tokens[name]) }
    }

    /// An issuer whose keys can change, and who can be away.
    private final class Issuer: HTTPTransport, Sendable {
        let keys = Shared(Data())
        let error = Shared<HTTPTransportError?>(nil)
        let calls = Shared(0)

        func send(_ request: HTTPRequest) async throws -> HTTPResponse {
            calls.withLock { $0 += 1 }
            if let error = error.withLock({ $0 }) { throw error }
            return HTTPResponse(status: 200, body: keys.withLock { $0 })
        }

        func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse { throw CancellationError() }
    }

    private func check(_ keys: TokenKeys, now: Date) -> TokenCheck {
        let policy = TokenPolicy(issuer: "https://login.example", audiences: ["forecasts"])
        return TokenCheck(policy: policy, keys: keys, now: { now })
    }

    private let alice = TokenCheck.Judgement.accepted(Caller(method: .token, name: "alice"))

    @Test("lets good tokens in, tells others what is wrong, and leaves tokens of others to others")
    func judgements() async throws {
        let reference = try Reference()
        let issuer = Issuer()
        let keys = TokenKeys(.url("https://login.example/keys", issuer))
        let check = check(keys, now: reference.now)
        #expect(await check.judge(try reference.token("RS256")) == .refused(.accessUndecided))
        issuer.keys.withLock { $0 = reference.keys }
        await keys.renewIfDue()
        for name in ["RS256", "PS384", "ES256", "ES384", "EdDSA"] {
            #expect(await check.judge(try reference.token(name)) == alice)
        }
        #expect(await check.judge(try reference.token("expired")) == .refused(.tokenRefused(.expired)))
        #expect(await check.judge(try reference.token("another issuer")) == .notMine(.tokenRefused(.wrongIssuer)))
        #expect(await check.judge(try reference.token("a shared secret")) == .notMine(.tokenRefused(.algorithmRefused)))
        guard case .notMine(.tokenRefused(.malformed)) = await check.judge("opaque") else {
            Issue.record("an opaque token is another one's")
            return
        }
        #expect(keys.problem == nil && issuer.calls.withLock { $0 } == 1)
    }

    @Test("asks the issuer again for a key that it does not know, but not at each such token")
    func unknownKey() async throws {
        let reference = try Reference()
        let issuer = Issuer()
        issuer.keys.withLock { $0 = Data(#"{"keys":[]}"#.utf8) }
        let keys = TokenKeys(.url("https://login.example/keys", issuer))
        let start = ContinuousClock.now
        await keys.renewIfDue(at: start - .seconds(60))
        let empty = try #require(keys.problem)
        #expect(
            empty.reason == .tokenKeysUnavailable && empty.keepsClientsOut && empty.message.contains("login.example")
        )
        issuer.keys.withLock { $0 = reference.keys }
        #expect(await keys.renewForUnknownKey(at: start))
        #expect(keys.problem == nil)
        #expect(await !keys.renewForUnknownKey(at: start + .seconds(29)))
        let check = check(keys, now: reference.now)
        for _ in 0..<5 {
            #expect(await check.judge(try reference.token("an unknown key")) == .refused(.tokenRefused(.unknownKey)))
        }
        #expect(issuer.calls.withLock { $0 } == 2)
        // While the issuer is away, the keys that it had go on counting.
        issuer.error.withLock { $0 = .cannotConnect(url: "https://login.example", reason: "refused") }
        #expect(await keys.renewForUnknownKey(at: start + .seconds(31)))
        #expect(keys.problem?.keepsClientsOut == false)
        #expect(await check.judge(try reference.token("RS256")) == alice)
    }

    @Test("takes keys from the files of a folder, and the next ones when they change")
    func folder() async throws {
        let reference = try Reference()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-jwks-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let keys = TokenKeys(try TokenKeySource(folder.path, transport: Issuer()))
        let check = check(keys, now: reference.now)
        let start = ContinuousClock.now
        await keys.renewIfDue(at: start)
        #expect(keys.problem?.message.contains("there is no file in it") == true)
        try reference.keys.write(to: folder.appendingPathComponent("jwks.json"))
        try Data("no".utf8).write(to: folder.appendingPathComponent("..data"))
        await keys.renewIfDue(at: start + .seconds(5))
        #expect(await check.judge(try reference.token("RS256")) == alice)
        try Data("hidden".utf8).write(to: folder.appendingPathComponent("other.json"))
        await keys.renewIfDue(at: start + .seconds(10))
        let broken = try #require(keys.problem)
        #expect(broken.message.contains("other.json") && !broken.message.contains("hidden"))
        #expect(await check.judge(try reference.token("RS256")) == alice)
        #expect(await !keys.renewForUnknownKey(at: start + .seconds(600)))
    }

    @Test("verifies a token once, but asks at each request whether it is in force and its keys still hold")
    func again() async throws {
        let reference = try Reference()
        let issuer = Issuer()
        issuer.keys.withLock { $0 = reference.keys }
        let keys = TokenKeys(.url("https://login.example/keys", issuer))
        let start = ContinuousClock.now
        await keys.renewIfDue(at: start - .seconds(3_600))
        let time = Shared(reference.now)
        let policy = TokenPolicy(issuer: "https://login.example", audiences: ["forecasts"])
        let check = TokenCheck(policy: policy, keys: keys, now: { time.withLock(\.self) })
        let token = try reference.token("RS256")
        let name = try #require(GenuineTokens.name(of: token))
        #expect(check.genuine.claims(of: name, generation: keys.generation) == nil)
        for _ in 0..<2 { #expect(await check.judge(token) == alice) }
        #expect(check.genuine.claims(of: name, generation: keys.generation)?.subject == "alice")
        // Another signature is another token.
        let forged = String(token.dropLast(8)) + "AAAAAAAA"
        #expect(await check.judge(forged) == .refused(.tokenRefused(.wrongSignature)))
        time.withLock { $0 = .distantFuture }
        #expect(await check.judge(token) == .refused(.tokenRefused(.expired)))
        time.withLock { $0 = reference.now }
        #expect(await check.judge(token) == alice)
        issuer.keys.withLock { $0 = Data(#"{"keys":[]}"#.utf8) }
        #expect(await keys.renewForUnknownKey(at: start))
        #expect(keys.problem != nil)
        #expect(await check.judge(token) == alice)
        let other = Data(#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"new","x":"\#(ed25519)"}]}"#.utf8)
        issuer.keys.withLock { $0 = other }
        #expect(await keys.renewForUnknownKey(at: start + .seconds(60)))
        #expect(await check.judge(token) == .refused(.tokenRefused(.unknownKey)))
    }

    /// The public key of RFC 8037, appendix A.2.
    private let ed25519 = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

    @Test("forgets tokens after a while, the first ones where they are many, and all when keys are read again")
    func memory() throws {
        let reference = try Reference()
        let claims = try JSONDecoder().decode(TokenClaims.self, from: Data(#"{"sub":"a","exp":1}"#.utf8))
        let time = Shared(ContinuousClock.now)
        let genuine = GenuineTokens(now: { time.withLock(\.self) })
        genuine.put(claims, as: "one", generation: 1)
        #expect(genuine.claims(of: "one", generation: 1) == claims)
        #expect(genuine.claims(of: "one", generation: 2) == nil)
        time.withLock { $0 += GenuineTokens.trust }
        #expect(genuine.claims(of: "one", generation: 1) == nil)
        for number in 0...GenuineTokens.limit { genuine.put(claims, as: "\(number)", generation: 1) }
        let kept = (0...GenuineTokens.limit).count { genuine.claims(of: "\($0)", generation: 1) != nil }
        #expect(kept == GenuineTokens.limit)
        genuine.put(claims, as: "new", generation: 2)
        genuine.put(claims, as: "late", generation: 1)
        #expect(genuine.claims(of: "new", generation: 2) == claims)
        #expect(genuine.claims(of: "late", generation: 1) == nil && genuine.claims(of: "5", generation: 1) == nil)
        #expect(GenuineTokens.name(of: String(repeating: "x", count: SignedToken.longest + 1)) == nil)
        #expect(
            GenuineTokens.name(of: try reference.token("RS256")) != GenuineTokens.name(of: try reference.token("ES256"))
        )
    }

    @Test("takes no keys over a connection that others could change")
    func plain() {
        for address in [
            "http://login.example/keys", "https://a:b@login.example", "https://login.example?x=1", "ftp://x",
        ] {
            let error = #expect(throws: ServingError.self) { try TokenKeySource(address, transport: Issuer()) }
            #expect(error?.description.contains("a:b") == false)
        }
    }
}
