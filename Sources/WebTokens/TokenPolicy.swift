// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// Which tokens are accepted.
package struct TokenPolicy: Sendable, Equatable {
    /// How far clocks may be apart, in seconds.
    package static let leeway = 60.0

    /// Who must have made them.
    package var issuer: String
    /// Of whom one must be named in them.
    package var audiences: [String]

    /// Makes a policy.
    package init(issuer: String, audiences: [String]) {
        self.issuer = issuer
        self.audiences = audiences
    }

    /// What a token says, once it is shown to be true: the signature first, then the times, the issuer and the audience. A
    /// token must say when it expires.
    ///
    /// - Throws: `WebTokenError`; `unknownKey` where a newer key set may know better.
    package func verify(
        _ token: SignedToken,
        with keys: JSONWebKeySet,
        now: Date
    ) throws(WebTokenError) -> TokenClaims {
        let candidates = keys.candidates(identifier: token.keyIdentifier, algorithm: token.algorithm)
        guard !candidates.isEmpty else { throw .unknownKey }
        let isGenuine = candidates.contains { $0.verifies(token.signature, of: token.message, by: token.algorithm) }
        guard isGenuine else { throw .wrongSignature }
        try check(token.claims, now: now)
        return token.claims
    }

    /// Whether what a token says is in force, once its signature is shown to be true: the times, the issuer and the audience.
    /// It can be asked again later, of claims that `verify` gave.
    ///
    /// - Throws: `WebTokenError`: `expired`, `notYetValid`, `wrongIssuer`, `wrongAudience`.
    package func check(_ claims: TokenClaims, now: Date) throws(WebTokenError) {
        let time = now.timeIntervalSince1970
        guard let expiry = claims.expiry, time < expiry + Self.leeway else { throw .expired }
        guard (claims.notBefore ?? time) <= time + Self.leeway else { throw .notYetValid }
        guard claims.issuer == issuer else { throw .wrongIssuer }
        guard !Set(audiences).isDisjoint(with: claims.audiences) else { throw .wrongAudience }
    }
}
