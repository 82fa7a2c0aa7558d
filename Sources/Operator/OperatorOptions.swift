// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import TimeZones

/// What an operator is told at its start and every object that it builds depends on.
package struct OperatorOptions: Sendable, Equatable {
    /// The image of workers.
    package var workerImage: String
    /// When the kubelet pulls that image: `Always`, `IfNotPresent` or `Never`.
    package var workerImagePullPolicy: String
    /// The one namespace that is looked at; nil for all.
    package var watchNamespace: String?
    /// The size of a claim that the operator makes, as a Kubernetes quantity.
    package var storeSize: String
    /// Where schedules find their time zones.
    package var zones: ZoneDatabase

    /// Makes options.
    package init(
        workerImage: String,
        workerImagePullPolicy: String = "IfNotPresent",
        storeSize: String = "1Gi",
        watchNamespace: String? = nil,
        zones: ZoneDatabase = ZoneDatabase()
    ) {
        self.workerImage = workerImage
        self.workerImagePullPolicy = workerImagePullPolicy
        self.storeSize = storeSize
        self.watchNamespace = watchNamespace
        self.zones = zones
    }
}
