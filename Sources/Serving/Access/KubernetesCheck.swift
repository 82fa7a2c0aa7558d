// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Synchronization
import WebTokens

/// Tokens that the cluster knows: those of ServiceAccounts, and whatever else the API server accepts.
///
/// What the API server says counts for a while, so that it is not asked for each request. Tokens are kept as digests. Requests
/// that show the same new token at once wait for one review. Where the API server does not answer, nobody gets in but those
/// whose time is not over.
final class KubernetesCheck: Sendable {
    /// How long a review counts.
    static let trust = (allowed: Duration.seconds(60), denied: Duration.seconds(10))
    /// Tokens that are remembered: so many that are let in, and so many that are not.
    static let limit = 1_024
    /// Reviews at a time; further new tokens are told to try again.
    static let mostReviews = 64

    /// Asks the API server about a token.
    typealias Review = @Sendable (_ token: String) async throws(ServingError) -> KubernetesReviews.Verdict
    private typealias Outcome = Result<KubernetesReviews.Verdict, ServingError>

    private struct State {
        /// Apart, so that no flood of wrong tokens drives right ones out.
        var allowed = ExpiringCache<KubernetesReviews.Verdict>(limit: KubernetesCheck.limit)
        var denied = ExpiringCache<KubernetesReviews.Verdict>(limit: KubernetesCheck.limit)
        /// Reviews under way, with the requests that wait for them.
        var waiting: [String: [CheckedContinuation<Outcome, Never>]] = [:]
        var failure: ServingError?
    }

    private enum Step {
        case known(KubernetesReviews.Verdict)
        case ask
        case wait
        case full
    }

    private let review: Review
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// A check by these reviews.
    init(review: @escaping Review, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.review = review
        self.now = now
    }

    /// What is wrong with the latest review; nil for nothing.
    var problem: ServingReport.AccessProblem? {
        guard let failure = state.withLock(\.failure) else { return nil }
        let reason: Reason
        if case .reviewRefused = failure { reason = .tokenReviewRefused } else { reason = .tokenReviewUnavailable }
        return .init(reason, failure.description, keepsClientsOut: true)
    }

    /// Notes what came of a review that no client asked for; nil where it went well.
    func note(_ failure: ServingError?) {
        guard failure != .stopped else { return }
        state.withLock { $0.failure = failure }
    }

    /// Looks at a token.
    ///
    /// - Throws: `ServingError.unauthorized`, `notAllowed`, `accessUndecided`.
    func admit(_ token: String) async throws(ServingError) -> Caller {
        guard !token.isEmpty, token.utf8.count <= SignedToken.longest,
            let digest = try? SHA256Hasher.digest(of: Array(token.utf8))
        else { throw .unauthorized }
        switch try await verdict(token, digest).get() {
        case .allowed(let name): return Caller(method: .kubernetes, name: name)
        case .notAllowed(let name): throw .notAllowed(name: name)
        case .unknown: throw .unauthorized
        }
    }

    private func verdict(_ token: String, _ digest: String) async -> Outcome {
        switch step(digest) {
        case .known(let verdict): return .success(verdict)
        case .full: return .failure(.accessUndecided)
        case .wait: return await wait(digest)
        case .ask:
            let outcome: Outcome
            do throws(ServingError) {
                outcome = .success(try await review(token))
            } catch {
                outcome = .failure(error)
            }
            return settle(outcome, digest)
        }
    }

    private func step(_ digest: String) -> Step {
        let now = now()
        return state.withLock { state in
            if let known = state.allowed.value(of: digest, at: now) ?? state.denied.value(of: digest, at: now) {
                return .known(known)
            }
            if state.waiting[digest] != nil { return .wait }
            guard state.waiting.count < Self.mostReviews else { return .full }
            state.waiting[digest] = []
            return .ask
        }
    }

    /// Waits for the review that another request has begun. Where that ended meanwhile, what it found is there.
    private func wait(_ digest: String) async -> Outcome {
        await withCheckedContinuation { continuation in
            let now = now()
            let early = state.withLock { state -> Outcome? in
                guard state.waiting[digest] != nil else {
                    let known = state.allowed.value(of: digest, at: now) ?? state.denied.value(of: digest, at: now)
                    return known.map { .success($0) } ?? .failure(.accessUndecided)
                }
                state.waiting[digest]?.append(continuation)
                return nil
            }
            if let early { continuation.resume(returning: early) }
        }
    }

    /// Notes what a review has found, and tells those who wait for it.
    private func settle(_ found: Outcome, _ digest: String) -> Outcome {
        let now = now()
        let (waiting, outcome) = state.withLock { state in
            switch found {
            case .success(.allowed(let name)):
                state.allowed.put(.allowed(name), as: digest, until: now + Self.trust.allowed, at: now)
                state.failure = nil
            case .success(let verdict):
                state.denied.put(verdict, as: digest, until: now + Self.trust.denied, at: now)
                state.failure = nil
            // Its client went away.
            case .failure(.stopped):
                break
            case .failure(let error):
                state.failure = error
            }
            let waiting = state.waiting.removeValue(forKey: digest) ?? []
            // Why is for the report and the log; a client learns only that it is not its fault.
            return (waiting, found.mapError { _ in ServingError.accessUndecided })
        }
        for continuation in waiting { continuation.resume(returning: outcome) }
        return outcome
    }
}
