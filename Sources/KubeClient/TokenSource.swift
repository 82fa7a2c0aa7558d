// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// The bearer token of a client, and when it was read.
///
/// Shared by all copies of the client.
final class TokenSource: Sendable {
    private let token: KubeConfiguration.Token?
    private let now: @Sendable () -> ContinuousClock.Instant
    private let read: @Sendable (String) -> String?
    private let cache = Mutex(TokenCache())

    init(
        _ token: KubeConfiguration.Token?,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        read: @escaping @Sendable (String) -> String? = { try? String(contentsOfFile: $0, encoding: .utf8) }
    ) {
        self.token = token
        self.now = now
        self.read = read
    }

    /// The token to send now; nil where there is none.
    ///
    /// Throws `KubeError.configuration` where a token file has never been readable.
    func current() throws -> String? {
        switch token {
        case nil: return nil
        case .inline(let text): return text
        case .file(let path):
            // Reading a small file of a memory-backed volume under the lock: everyone else waits for the same answer.
            let token = cache.withLock { cache in
                if cache.isStale(at: now()) { cache.take(read(path), at: now()) }
                return cache.token
            }
            guard let token else {
                throw KubeError.configuration(
                    source: path,
                    field: "token",
                    reason: "the file cannot be read or is empty"
                )
            }
            return token
        }
    }

    /// Reads the file again at the next call, unless another caller has done so since `rejected` was sent.
    func invalidate(rejected: String?) {
        cache.withLock { $0.invalidate(rejected: rejected) }
    }
}

/// When a token is read again, as a value.
struct TokenCache {
    /// How long a token is used before its file is read again.
    ///
    /// Kubernetes renews it long before it expires.
    static let lifetime = Duration.seconds(60)

    private(set) var token: String?
    private var readAt: ContinuousClock.Instant?

    func isStale(at now: ContinuousClock.Instant) -> Bool {
        guard let readAt else { return true }
        return now - readAt >= Self.lifetime
    }

    /// Takes what the file holds.
    ///
    /// The old token stays where the file is unreadable or empty.
    mutating func take(_ content: String?, at now: ContinuousClock.Instant) {
        readAt = now
        let text = content?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        if !text.isEmpty { token = text }
    }

    mutating func invalidate(rejected: String?) {
        if token == rejected { readAt = nil }
    }
}
