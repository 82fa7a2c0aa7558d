// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What requests may cost a serving pod. Each limit holds for one pod.
package struct ServingLimitsSpec: Codable, Sendable, Equatable {
    /// Forecasts that are computed at a time, 1 to 1,024. Default: what the pod's processors allow.
    package var maxConcurrentRequests: Int?
    /// Requests that wait for their turn, 0 to 100,000; beyond it the answer is 503. Default 256.
    package var maxQueuedRequests: Int?
    /// Requests a second that are taken, above 0; beyond it the answer is 429 with `Retry-After`. Default: no limit.
    package var requestsPerSecond: Double?
    /// Bytes of a request's body, 1 KiB to 256 MiB; beyond it the answer is 413. Default 8 MiB.
    package var maxRequestBytes: Int?
    /// Seconds from a request's head to its answer, 0.01 to 3,600; beyond it the answer is 504. Default 30.
    package var timeoutSeconds: Double?

    /// The default of `maxQueuedRequests`.
    package static let defaultMaxQueuedRequests = 256
    /// The default of `maxRequestBytes`.
    package static let defaultMaxRequestBytes = 8 * 1024 * 1024
    /// The default of `timeoutSeconds`.
    package static let defaultTimeoutSeconds = 30.0

    /// Makes limits; what is nil has its default.
    package init(
        maxConcurrentRequests: Int? = nil,
        maxQueuedRequests: Int? = nil,
        requestsPerSecond: Double? = nil,
        maxRequestBytes: Int? = nil,
        timeoutSeconds: Double? = nil
    ) {
        self.maxConcurrentRequests = maxConcurrentRequests
        self.maxQueuedRequests = maxQueuedRequests
        self.requestsPerSecond = requestsPerSecond
        self.maxRequestBytes = maxRequestBytes
        self.timeoutSeconds = timeoutSeconds
    }

    /// The limits with each default filled in that is a number.
    package func withDefaults() -> Self {
        var filled = self
        filled.maxQueuedRequests = maxQueuedRequests ?? Self.defaultMaxQueuedRequests
        filled.maxRequestBytes = maxRequestBytes ?? Self.defaultMaxRequestBytes
        filled.timeoutSeconds = timeoutSeconds ?? Self.defaultTimeoutSeconds
        return filled
    }
}

/// How requests that come at about the same time are computed together.
package struct ServingBatchingSpec: Codable, Sendable, Equatable {
    /// Histories of one computation, 1 to 1,024.
    package var maxBatchSize: Int
    /// How long the first one waits for others, 0 to 1,000. Default 2.
    package var maxLatencyMilliseconds: Double?

    /// The default of `maxLatencyMilliseconds`.
    package static let defaultMaxLatencyMilliseconds = 2.0

    /// Makes a batching policy.
    package init(maxBatchSize: Int, maxLatencyMilliseconds: Double? = nil) {
        self.maxBatchSize = maxBatchSize
        self.maxLatencyMilliseconds = maxLatencyMilliseconds
    }

    /// The policy with its default filled in.
    package func withDefaults() -> Self {
        var filled = self
        filled.maxLatencyMilliseconds = maxLatencyMilliseconds ?? Self.defaultMaxLatencyMilliseconds
        return filled
    }
}
