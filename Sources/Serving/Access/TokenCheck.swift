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

    /// Looks at a token. A key that the set does not have makes it be fetched again, where that may help.
    func judge(_ text: String) async -> Judgement {
        do throws(WebTokenError) {
            let token = try SignedToken(text)
            guard token.statedIssuer == policy.issuer else { return .notMine(.tokenRefused(.wrongIssuer)) }
            return await judge(token)
        } catch {
            return .notMine(.tokenRefused(error))
        }
    }

    private func judge(_ token: SignedToken) async -> Judgement {
        guard let set = keys.current else { return .refused(.accessUndecided) }
        let first = verify(token, set)
        guard first == .refused(.tokenRefused(.unknownKey)), await keys.renewForUnknownKey(), let set = keys.current
        else {
            return first
        }
        return verify(token, set)
    }

    private func verify(_ token: SignedToken, _ set: JSONWebKeySet) -> Judgement {
        do throws(WebTokenError) {
            let claims = try policy.verify(token, with: set, now: now())
            return .accepted(Caller(method: .token, name: claims.subject ?? ""))
        } catch {
            return .refused(.tokenRefused(error))
        }
    }
}
