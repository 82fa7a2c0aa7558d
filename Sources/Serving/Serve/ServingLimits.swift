// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI

/// What requests may cost, with every default filled in.
struct ServingLimits: Sendable, Equatable {
    /// Connections of clients at a time; further ones wait until one is closed.
    static let connections = 1_024

    /// Forecasts that are computed at a time.
    var concurrentForecasts: Int
    /// Forecasts that wait for their turn.
    var queue: Int
    /// Requests a second; nil for any number.
    var rate: Double?
    /// Bytes of a body.
    var bodyBytes: Int
    /// From a request's head to its answer.
    var timeout: Duration

    /// The limits of a specification.
    ///
    /// - Parameter processors: How many processors this process may keep busy.
    init(_ spec: ServingLimitsSpec?, processors: Int) {
        concurrentForecasts = spec?.maxConcurrentRequests ?? max(1, processors)
        queue = spec?.maxQueuedRequests ?? ServingLimitsSpec.defaultMaxQueuedRequests
        rate = spec?.requestsPerSecond
        bodyBytes = spec?.maxRequestBytes ?? ServingLimitsSpec.defaultMaxRequestBytes
        timeout = .milliseconds(Int64((spec?.timeoutSeconds ?? ServingLimitsSpec.defaultTimeoutSeconds) * 1_000))
    }
}
