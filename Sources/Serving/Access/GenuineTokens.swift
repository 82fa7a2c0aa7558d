// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Synchronization
import WebTokens

/// What tokens say whose signatures were shown to be true, so that a client that shows the same one with each request is
/// verified once: that takes longer than the forecast of a small model.
///
/// Tokens are kept as digests. Only the signature is taken for granted, and only as long as the keys are those that it was
/// shown by; whether a token is in force is another question at each request.
final class GenuineTokens: Sendable {
    /// So many are kept.
    static let limit = 1_024
    /// So long; then the signature is verified again.
    static let trust = Duration.seconds(300)

    private struct State {
        var generation = 0
        var claims = ExpiringCache<TokenClaims>(limit: GenuineTokens.limit)
    }

    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// Nothing is known at first.
    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    /// The name under which a token is kept; nil for one that is too long to be a token.
    static func name(of token: String) -> String? {
        guard token.utf8.count <= SignedToken.longest else { return nil }
        return try? SHA256Hasher.digest(of: Array(token.utf8))
    }

    /// What the token of that name says, where it was shown to be true by the keys of that generation.
    func claims(of name: String, generation: Int) -> TokenClaims? {
        let now = now()
        return state.withLock { $0.generation == generation ? $0.claims.value(of: name, at: now) : nil }
    }

    /// Notes what a token says that was shown to be true by the keys of that generation. Tokens of former keys are forgotten.
    func put(_ claims: TokenClaims, as name: String, generation: Int) {
        let now = now()
        state.withLock { state in
            guard generation >= state.generation else { return }
            if generation > state.generation { state = State(generation: generation) }
            state.claims.put(claims, as: name, until: now + Self.trust, at: now)
        }
    }
}
