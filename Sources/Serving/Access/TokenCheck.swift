// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import WebTokens

/// Tokens that an issuer signs, for instance a company's login service.
struct TokenCheck: Sendable {
    /// What becomes of a token.
    enum Judgement: Sendable, Equatable {
        /// It is good.
        case accepted(Caller)
        /// It is not, and nobody else need look at it.
        case refused(ServingError)
        /// It is no token of this issuer; others may know it.
        case notMine(ServingError)
    }

    let policy: TokenPolicy
    /// The keys of the issuer.
    let keys: TokenKeys
    /// The time of the wall clock.
    var now: @Sendable () -> Date = { .now }
    /// Tokens that need not be verified again.
    let genuine = GenuineTokens()

    /// Looks at a token. A key that the set does not have makes it be fetched again, where that may help.
    func judge(_ text: String) async -> Judgement {
        let name = GenuineTokens.name(of: text)
        if let name, let claims = genuine.claims(of: name, generation: keys.generation) { return outcome(claims) }
        do throws(WebTokenError) {
            let token = try SignedToken(text)
            guard token.statedIssuer == policy.issuer else { return .notMine(.tokenRefused(.wrongIssuer)) }
            return await judge(token, name)
        } catch {
            return .notMine(.tokenRefused(error))
        }
    }

    private func judge(_ token: SignedToken, _ name: String?) async -> Judgement {
        guard let first = verify(token, name) else { return .refused(.accessUndecided) }
        guard first == .refused(.tokenRefused(.unknownKey)), await keys.renewForUnknownKey() else { return first }
        return verify(token, name) ?? first
    }

    /// Verifies a token; nil where there are no keys yet.
    private func verify(_ token: SignedToken, _ name: String?) -> Judgement? {
        // Asked before the keys, so that a token is never taken for one of keys that come in between.
        let generation = keys.generation
        guard let set = keys.current else { return nil }
        do throws(WebTokenError) {
            let claims = try policy.verify(token, with: set, now: now())
            if let name { genuine.put(claims, as: name, generation: generation) }
            return accepted(claims)
        } catch {
            return .refused(.tokenRefused(error))
        }
    }

    /// What becomes of a token that is genuine.
    private func outcome(_ claims: TokenClaims) -> Judgement {
        do throws(WebTokenError) {
            try policy.check(claims, now: now())
            return accepted(claims)
        } catch {
            return .refused(.tokenRefused(error))
        }
    }

    private func accepted(_ claims: TokenClaims) -> Judgement {
        .accepted(Caller(method: .token, name: claims.subject ?? ""))
    }
}
