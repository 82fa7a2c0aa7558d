// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a serving process answers with: the file that the operator writes into a ConfigMap and that
/// `almanac-worker serve --configuration` reads, and reads again each time it changes.
///
/// A change of versions or shares never restarts a pod. A file that cannot be understood, or a version that cannot be
/// loaded, leaves what is served as it is; the process says so in its `ServingReport`.
package struct ServingConfiguration: Codable, Sendable, Equatable {
    /// The name of the file in the ConfigMap.
    package static let fileName = "serving.json"
    /// The version of this format that this program writes and knows.
    package static let currentSchemaVersion = 1

    /// A version of the model.
    package struct Version: Codable, Sendable, Hashable {
        /// The version, as clients name it in `/v2/models/<name>/versions/<version>`.
        package var version: String
        /// Where its artifact lies: `models/<namespace>/<pipeline>/<version>` below the store, with the bucket before it
        /// where the store is one.
        package var uri: String

        /// Makes a version.
        package init(version: String, uri: String) {
            self.version = version
            self.uri = uri
        }
    }

    /// A version that gets a share of the requests which name no version.
    package struct Canary: Codable, Sendable, Equatable {
        /// The version.
        package var version: Version
        /// Its share, from 0 to 100; the split is exact over each hundred requests, not by chance.
        package var trafficPercent: Double
        /// A header whose value decides in place of the count, so that a client stays with one version; nil for none.
        package var stickyHeader: String?

        /// Makes a canary.
        package init(version: Version, trafficPercent: Double, stickyHeader: String? = nil) {
            self.version = version
            self.trafficPercent = trafficPercent
            self.stickyHeader = stickyHeader
        }
    }

    /// Forecasts are remembered in the store, so that they can be compared with what comes true.
    package struct Remembering: Codable, Sendable, Equatable {
        /// At most so many forecasts a second are remembered by a pod, above 0 to 1,000; further ones are counted only.
        package var forecastsPerSecond: Double
        /// Whether the other one of stable version and canary forecasts from the same history too, unseen by the client.
        package var shadowsCanary: Bool

        /// Makes a rule.
        package init(forecastsPerSecond: Double, shadowsCanary: Bool) {
            self.forecastsPerSecond = forecastsPerSecond
            self.shadowsCanary = shadowsCanary
        }
    }

    /// The version of this format.
    package var schemaVersion = Self.currentSchemaVersion
    /// Names this configuration: any other text stands for another one. Reports repeat it.
    package var revision: String
    /// The model's name for clients.
    package var name: String
    /// What answers requests that name no version.
    package var stable: Version
    /// What answers a share of them; nil for nothing.
    package var canary: Canary?
    /// Further versions, which answer those requests that name them.
    package var others: [Version]?
    /// What requests may cost; nil for the defaults.
    package var limits: ServingLimitsSpec?
    /// How requests are computed together; nil for each by itself.
    package var batching: ServingBatchingSpec?

    /// Which forecasts are remembered; nil for none.
    package var remembering: Remembering?

    /// Makes a configuration.
    package init(revision: String, name: String, stable: Version) {
        self.revision = revision
        self.name = name
        self.stable = stable
    }

    /// Each version that must be loaded, once, the stable one first.
    package var versions: [Version] {
        var seen: Set<String> = []
        return ([stable, canary?.version].compactMap(\.self) + (others ?? [])).filter {
            seen.insert($0.version).inserted
        }
    }
}
