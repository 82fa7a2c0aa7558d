// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import WebTokens

@Suite("Signed tokens")
struct TokenPolicyTests {
    private let policy = TokenPolicy(issuer: "https://login.example", audiences: ["prices", "forecasts"])

    /// What becomes of a token: its subject, or the name of the error.
    private func outcome(_ text: String, _ keys: JSONWebKeySet, now: Double) -> String {
        do throws(WebTokenError) {
            let token = try SignedToken(text)
            return try policy.verify(token, with: keys, now: Date(timeIntervalSince1970: now)).subject ?? ""
        } catch {
            return "\(error)" == error.description ? name(error) : ""
        }
    }

    private func name(_ error: WebTokenError) -> String {
        switch error {
        case .malformed: "malformed"
        case .algorithmRefused: "algorithmRefused"
        case .unknownKey: "unknownKey"
        case .wrongSignature: "wrongSignature"
        case .expired: "expired"
        case .notYetValid: "notYetValid"
        case .wrongIssuer: "wrongIssuer"
        case .wrongAudience: "wrongAudience"
        case .unusableKeySet: "unusableKeySet"
        }
    }

    @Test("of another library are accepted where they are good, and refused for what is wrong with them")
    func reference() throws {
        let reference = try #require(ReferenceTokens.all)
        let keys = try JSONWebKeySet(decoding: reference.keySet)
        // Four kinds of keys, and one that is for RS512 only.
        #expect(keys.count == 5)
        #expect(reference.tokens.count == 36)
        for each in reference.tokens {
            #expect(outcome(each.token, keys, now: reference.now) == each.expect, "\(each.name)")
        }
    }

    @Test("are accepted in each algorithm that there is")
    func algorithms() throws {
        let reference = try #require(ReferenceTokens.all)
        let good = reference.tokens.filter { $0.expect == "alice" }.map(\.name)
        #expect(Set(SignatureAlgorithm.allCases.map(\.rawValue)).isSubset(of: good))
    }

    @Test("that are changed anywhere are never accepted, and nothing that is sent can stop the process")
    func mutations() throws {
        let reference = try #require(ReferenceTokens.all)
        let keys = try JSONWebKeySet(decoding: reference.keySet)
        var random = SeededRandom(seed: 15)
        for _ in 0..<4_000 {
            let original = random.pick(reference.tokens).token
            let text = String(decoding: mutated(Array(original.utf8), &random), as: UTF8.self)
            guard text != original, let token = try? SignedToken(text) else { continue }
            let claims = try? policy.verify(token, with: keys, now: Date(timeIntervalSince1970: reference.now))
            #expect(claims == nil, "\(text)")
        }
        // Changed inside the parts, so that more of it is read.
        for _ in 0..<4_000 {
            let parts = random.pick(reference.tokens).token.split(separator: ".", omittingEmptySubsequences: false)
            let changed = parts.map { part -> String in
                guard random.chance(50), let bytes = Base64URL.decode(part.utf8) else { return String(part) }
                return encoded(mutated(bytes, &random))
            }
            guard changed != parts.map(String.init), let token = try? SignedToken(changed.joined(separator: ".")) else {
                continue
            }
            #expect(throws: WebTokenError.self) {
                try policy.verify(token, with: keys, now: Date(timeIntervalSince1970: reference.now))
            }
        }
    }

    @Test("of absurd sizes and depths are refused before anything is made of them")
    func sizes() {
        for text in [
            "", ".", "..", "...", "a.b.c.d", String(repeating: "a", count: SignedToken.longest + 1),
            String(repeating: ".", count: 10_000),
            encoded(Array(String(repeating: "[", count: 6_000).utf8)) + ".e30.e30",
            encoded(Array(#"{"alg":"RS256"}"#.utf8)) + "." + encoded(Array(#"{"exp":1e999}"#.utf8)) + ".",
            encoded(Array(#"{"alg":["RS256"]}"#.utf8)) + ".e30.",
            encoded(Array(#"{"alg":"RS256","kid":1}"#.utf8)) + ".e30.",
        ] {
            #expect(throws: WebTokenError.self) { try SignedToken(text) }
        }
    }

    private func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let position = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: position)
            case 2: bytes.insert(random.pick(Array("._-=+/AZaz09{}[]\":,".utf8)), at: position)
            case 3: bytes.removeLast(Int.random(in: 0...(bytes.count / 2), using: &random))
            default: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        }
        return bytes
    }

    private func encoded(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
