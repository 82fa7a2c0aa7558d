// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTransport

/// What one request logs in with.
///
/// Its description shows nothing of it.
struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The value of the `Authorization` field.
    var authorization: String?
    /// The certificate that a plugin handed out; one from the configuration is the transport's own.
    var identity: HTTPClientIdentity?
    /// The configured or read token in it, if any.
    var token: String?
    /// What the plugin handed out, if there is one.
    var handedOut: PluginCredentials?

    var description: String { "credentials" }
    var debugDescription: String { description }

    /// Whether a server would see no difference.
    func isSame(as other: Credentials) -> Bool {
        authorization == other.authorization && identity == other.identity
    }
}

/// A token and when it was read, as a value.
struct TokenCache {
    /// How long a token is used before its file is read again.
    ///
    /// Kubernetes renews it long before it expires.
    static let lifetime = Duration.seconds(60)

    private(set) var token: String?
    private var readAt: ContinuousClock.Instant?

    init(token: String? = nil) { self.token = token }

    func isStale(at now: ContinuousClock.Instant) -> Bool {
        guard let readAt else { return true }
        return now - readAt >= Self.lifetime
    }

    /// Takes what the file holds.
    ///
    /// The old token stays where the file is unreadable or empty.
    mutating func take(_ content: String?, at now: ContinuousClock.Instant) {
        readAt = now
        let text = content?.trimmed ?? ""
        if !text.isEmpty { token = text }
    }

    mutating func invalidate(rejected: String?) {
        if token == rejected { readAt = nil }
    }
}

/// What a credential plugin handed out last, and who runs it again when, as a value.
struct PluginCache {
    /// How long a failure is passed on before the plugin is tried again, so that a broken one is not run for each request.
    static let failureLifetime = Duration.seconds(1)

    /// What a caller does.
    enum Step {
        case use(PluginCredentials)
        case fail(any Error)
        /// Wait for the run that somebody has begun.
        case wait
        /// Begin a run, then wait for it.
        case run
    }

    private var credentials: PluginCredentials?
    private var isRejected = false
    private var isRunning = false
    private var failure: (error: any Error, at: ContinuousClock.Instant)?

    mutating func next(at now: ContinuousClock.Instant, date: Date) -> Step {
        if isRunning { return .wait }
        if let credentials, !isRejected, credentials.expiry.map({ date < $0 }) ?? true { return .use(credentials) }
        if let failure, now - failure.at < Self.failureLifetime { return .fail(failure.error) }
        isRunning = true
        return .run
    }

    /// Notes the end of a run; true where the certificate is another one than before.
    mutating func finish(_ result: Result<PluginCredentials, any Error>, at now: ContinuousClock.Instant) -> Bool {
        isRunning = false
        switch result {
        case .failure(let error):
            failure = (error, now)
            return false
        case .success(let new):
            let isRenewed = credentials.map { $0.identity != new.identity } ?? false
            credentials = new
            isRejected = false
            failure = nil
            return isRenewed
        }
    }

    /// Has the plugin run again, unless that has happened since the rejected credentials were handed out.
    mutating func invalidate(rejected: PluginCredentials?) {
        if credentials == rejected { isRejected = true }
    }
}
