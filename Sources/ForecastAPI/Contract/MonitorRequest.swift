// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// What the task `monitor` compares: the forecasts that a service issued, as its pods remembered them in the store, with
/// what the pipeline's source says came true.
package struct MonitorRequest: Codable, Sendable, Equatable {
    /// Name of the ForecastService.
    package var service: String
    /// The version whose errors are counted.
    package var stable: ServingConfiguration.Version
    /// A version on trial, which is compared with the stable one on the same timestamps; nil for none.
    package var canary: ServingConfiguration.Version?
    /// Forecasts that were issued before this instant are left out, for instance those before a canary's step; nil for none.
    package var since: Date?
    /// Forecasts for at most so many seconds back, counted from the request's creation, are compared.
    package var windowSeconds: Int
    /// Whether the source's rows of that window are compared with those that the stable version was trained on.
    package var drift: Bool

    /// Makes a request.
    package init(
        service: String,
        stable: ServingConfiguration.Version,
        canary: ServingConfiguration.Version? = nil,
        since: Date? = nil,
        windowSeconds: Int,
        drift: Bool
    ) {
        self.service = service
        self.stable = stable
        self.canary = canary
        self.since = since
        self.windowSeconds = windowSeconds
        self.drift = drift
    }
}
