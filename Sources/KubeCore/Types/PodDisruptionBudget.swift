// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How many pods may be missing at a time because of work on nodes. `V1` from Kubernetes 1.21 on, `V1Beta1` up to 1.24.
package struct PodDisruptionBudget<Version: APIVersion>: KubeObject {
    /// Where these objects live.
    package static var resource: ResourceType {
        ResourceType(
            group: "policy",
            version: Version.name,
            kind: "PodDisruptionBudget",
            plural: "poddisruptionbudgets"
        )
    }
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// Which pods, and how many.
    package var spec: PodDisruptionBudgetSpec?

    /// Makes one from what is known of it.
    package init(metadata: ObjectMeta, spec: PodDisruptionBudgetSpec? = nil) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.spec = spec
    }
}

/// Which pods, and how many may be missing.
package struct PodDisruptionBudgetSpec: Codable, Sendable, Equatable {
    /// How many may be missing.
    package var maxUnavailable: IntOrString?
    /// The pods.
    package var selector: LabelSelector?

    /// Makes one from what is known of it.
    package init(maxUnavailable: IntOrString? = nil, selector: LabelSelector? = nil) {
        self.maxUnavailable = maxUnavailable
        self.selector = selector
    }
}
