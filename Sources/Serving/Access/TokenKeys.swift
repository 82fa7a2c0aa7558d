// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Synchronization
import WebTokens

/// When the keys of an issuer are read, and what the last good set is. Keys that were read stay while newer ones cannot be.
struct TokenKeyState: Sendable {
    private(set) var keys: JSONWebKeySet?
    /// How often keys were read: what was shown to be true by former keys need not be so by these.
    private(set) var generation = 0
    private(set) var failure: ServingError?
    private var isReading = false
    private var lastStart: ContinuousClock.Instant?
    private var nextStart: ContinuousClock.Instant?

    /// Whether the caller is to read the keys now, because it is time.
    mutating func claim(at now: ContinuousClock.Instant) -> Bool {
        guard !isReading, nextStart.map({ $0 <= now }) ?? true else { return false }
        (isReading, lastStart) = (true, now)
        return true
    }

    /// Whether the caller is to read the keys now, because a token names one that is not known.
    mutating func claim(at now: ContinuousClock.Instant, pause: Duration?) -> Bool {
        guard let pause, !isReading, lastStart.map({ $0 + pause <= now }) ?? true else { return false }
        (isReading, lastStart) = (true, now)
        return true
    }

    /// Takes in what came of it; the next time is `next`.
    mutating func settle(_ found: Result<JSONWebKeySet, ServingError>, next: ContinuousClock.Instant) {
        (isReading, nextStart) = (false, next)
        switch found {
        case .success(let set): (keys, failure, generation) = (set, nil, generation + 1)
        case .failure(let error): failure = error
        }
    }
}

/// The keys of an issuer, as they were read last.
final class TokenKeys: Sendable {
    private let source: TokenKeySource
    private let state = Mutex(TokenKeyState())

    /// Keys from a place; none before the first `renewIfDue`.
    init(_ source: TokenKeySource) { self.source = source }

    /// The last set that could be read; nil as long as none could.
    var current: JSONWebKeySet? { state.withLock(\.keys) }

    /// How often a set was read.
    var generation: Int { state.withLock(\.generation) }

    /// What is wrong with the latest attempt to read them; nil for nothing.
    var problem: ServingReport.AccessProblem? {
        let (failure, isEmpty) = state.withLock { ($0.failure, $0.keys == nil) }
        guard let failure else { return nil }
        let rest = isEmpty ? "" : "; the keys that were read before still hold"
        return .init(.tokenKeysUnavailable, failure.description + rest, keepsClientsOut: isEmpty)
    }

    /// Reads the keys where that is due.
    func renewIfDue(at now: ContinuousClock.Instant = .now) async {
        if state.withLock({ $0.claim(at: now) }) { await renew() }
    }

    /// Reads the keys because a token names one that is not known, if that was not done a short while ago. True where it
    /// was done.
    func renewForUnknownKey(at now: ContinuousClock.Instant = .now) async -> Bool {
        guard state.withLock({ $0.claim(at: now, pause: source.pauseForUnknownKey) }) else { return false }
        await renew()
        return true
    }

    private func renew() async {
        let found: Result<JSONWebKeySet, ServingError>
        do throws(ServingError) {
            found = .success(try await source.read())
        } catch {
            found = .failure(error)
        }
        var isGood = true
        if case .failure = found { isGood = false }
        let next = ContinuousClock.now + source.pause(afterSuccess: isGood)
        state.withLock { $0.settle(found, next: next) }
    }
}
