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
