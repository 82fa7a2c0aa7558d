// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import HTTPTransport

/// When a request is sent again, as client-go decides it: a pure value that returns actions.
///
/// Refusals are retried where the server says when (429 or 5xx with `Retry-After`). Lost connections are retried where
/// a second time does no harm, because a write may have been carried out. A 401 is retried once, with fresh
/// credentials.
package struct RetryPolicy: Sendable, Equatable {
    /// How often a request is sent again at most.
    package var maximumRetries: Int
    /// How often a request is sent again after lost connections.
    ///
    /// Few, because a server that is away is for the caller to know: controllers have a longer patience of their own.
    package var maximumLossRetries: Int
    /// The wait before a request is sent again after a lost connection; it doubles each time.
    package var firstDelay: Duration
    /// The longest wait that is kept to; a server that asks for more gets its refusal passed on.
    package var maximumDelay: Duration

    /// Makes a policy.
    package init(
        maximumRetries: Int = 10,
        maximumLossRetries: Int = 4,
        firstDelay: Duration = .milliseconds(100),
        maximumDelay: Duration = .seconds(60)
    ) {
        self.maximumRetries = maximumRetries
        self.maximumLossRetries = maximumLossRetries
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
    }

    /// What to do about a failed try.
    package enum Action: Sendable, Equatable {
        /// Send it again after this time.
        case retry(after: Duration)
        /// Forget the credentials, and send it again at once.
        case refreshCredentials
        /// Pass the error on.
        case fail
    }

    /// Decides about a failed try.
    ///
    /// `mayRepeat` says that the request does no harm twice, `retries` counts the tries before this one, `jitter` is a random number from 0 to 1 that adds up to a tenth to the
    /// wait so that clients do not come back all at once.
    package func action(
        after error: KubeError,
        mayRepeat: Bool,
        retries: Int,
        hasRefreshed: Bool,
        jitter: Double
    ) -> Action {
        if error.isUnauthorized { return hasRefreshed ? .fail : .refreshCredentials }
        guard retries < maximumRetries, error.isRetryable else { return .fail }
        if let wait = error.retryAfter {
            return wait > maximumDelay ? .fail : .retry(after: wait * (1 + 0.1 * jitter))
        }
        guard case .transport(let cause, _) = error, mayRepeat, cause.isLoss, retries < maximumLossRetries else {
            return .fail
        }
        // At most 2^10 times the first delay, so this cannot overflow.
        let doubled = firstDelay * (1 << min(retries, 10))
        return .retry(after: min(doubled, maximumDelay) * (1 + 0.1 * jitter))
    }
}

extension HTTPTransportError {
    /// Whether a connection broke or could not be made, as opposed to a server that is silent.
    fileprivate var isLoss: Bool {
        switch self {
        case .connectionLost, .cannotConnect: true
        default: false
        }
    }
}
