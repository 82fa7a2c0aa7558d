// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore

/// The versions of APIs in which a server has the kinds that moved from one to the other. Decisions know the newest alone.
struct ServerVersions: Sendable, Equatable {
    /// Whether autoscalers are to be had as `autoscaling/v2`, else as `v2beta2`.
    var hasAutoscalingV2 = true
    /// Whether disruption budgets are to be had as `policy/v1`, else as `v1beta1`.
    var hasPolicyV1 = true

    /// The newest.
    init() {}

    /// The newest that a server has.
    init(_ groups: APIGroupList) {
        hasAutoscalingV2 = groups.has(group: "autoscaling", version: V2.name)
        hasPolicyV1 = groups.has(group: "policy", version: V1.name)
    }
}

extension HorizontalPodAutoscaler {
    /// The same as of another version: what is written of it is spelled alike.
    func `as`<Other: APIVersion>(_ version: Other.Type) -> HorizontalPodAutoscaler<Other> {
        HorizontalPodAutoscaler<Other>(metadata: metadata, spec: spec)
    }
}

extension PodDisruptionBudget {
    /// The same as of another version: what is written of it is spelled alike.
    func `as`<Other: APIVersion>(_ version: Other.Type) -> PodDisruptionBudget<Other> {
        PodDisruptionBudget<Other>(metadata: metadata, spec: spec)
    }
}
