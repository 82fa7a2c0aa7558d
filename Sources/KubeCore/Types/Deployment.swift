// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Replicas of a pod that run on and on.
package struct Deployment: StatusObject {
    /// Where these objects live.
    package static let resource = ResourceType(
        group: "apps",
        version: "v1",
        kind: "Deployment",
        plural: "deployments"
    )
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// What to run.
    package var spec: DeploymentSpec?
    /// How far it is; written by the cluster.
    package var status: DeploymentStatus?

    /// Makes one from what is known of it.
    package init(metadata: ObjectMeta, spec: DeploymentSpec? = nil, status: DeploymentStatus? = nil) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// What a Deployment runs.
package struct DeploymentSpec: Codable, Sendable, Equatable {
    /// How many pods; nil leaves the number to an autoscaler.
    package var replicas: Int32?
    /// Which pods are its own.
    package var selector: LabelSelector
    /// The pods to make.
    package var template: PodTemplateSpec
    /// How pods are replaced.
    package var strategy: DeploymentStrategy?
    /// How long a pod must be ready to count as available, in seconds.
    package var minReadySeconds: Int32?
    /// How many old ReplicaSets stay.
    package var revisionHistoryLimit: Int32?
    /// How long a change may make no progress, in seconds.
    package var progressDeadlineSeconds: Int32?
    /// Whether changes are held back.
    package var paused: Bool?

    /// Makes one from what is known of it.
    package init(
        replicas: Int32? = nil,
        selector: LabelSelector,
        template: PodTemplateSpec,
        strategy: DeploymentStrategy? = nil,
        minReadySeconds: Int32? = nil,
        revisionHistoryLimit: Int32? = nil,
        progressDeadlineSeconds: Int32? = nil,
        paused: Bool? = nil
    ) {
        self.replicas = replicas
        self.selector = selector
        self.template = template
        self.strategy = strategy
        self.minReadySeconds = minReadySeconds
        self.revisionHistoryLimit = revisionHistoryLimit
        self.progressDeadlineSeconds = progressDeadlineSeconds
        self.paused = paused
    }
}

/// How pods are replaced.
package struct DeploymentStrategy: Codable, Sendable, Equatable {
    /// `RollingUpdate` or `Recreate`.
    package var type: String?
    /// How many at a time.
    package var rollingUpdate: RollingUpdateDeployment?

    /// Makes one from what is known of it.
    package init(type: String? = nil, rollingUpdate: RollingUpdateDeployment? = nil) {
        self.type = type
        self.rollingUpdate = rollingUpdate
    }
}

/// How many pods are replaced at a time.
package struct RollingUpdateDeployment: Codable, Sendable, Equatable {
    /// How many may be missing.
    package var maxUnavailable: IntOrString?
    /// How many more there may be.
    package var maxSurge: IntOrString?

    /// Makes one from what is known of it.
    package init(maxUnavailable: IntOrString? = nil, maxSurge: IntOrString? = nil) {
        self.maxUnavailable = maxUnavailable
        self.maxSurge = maxSurge
    }
}

/// How far a Deployment is.
package struct DeploymentStatus: Codable, Sendable, Equatable {
    /// The generation that the controller has seen.
    package var observedGeneration: Int64?
    /// Pods in all.
    package var replicas: Int32?
    /// Pods of the current template.
    package var updatedReplicas: Int32?
    /// Pods that are ready.
    package var readyReplicas: Int32?
    /// Pods that have been ready for long enough.
    package var availableReplicas: Int32?
    /// Pods that are missing.
    package var unavailableReplicas: Int32?
    /// `Available`, `Progressing` and `ReplicaFailure`.
    package var conditions: [StatusCondition]?

    /// Makes one from what is known of it.
    package init(
        observedGeneration: Int64? = nil,
        replicas: Int32? = nil,
        updatedReplicas: Int32? = nil,
        readyReplicas: Int32? = nil,
        availableReplicas: Int32? = nil,
        unavailableReplicas: Int32? = nil,
        conditions: [StatusCondition]? = nil
    ) {
        self.observedGeneration = observedGeneration
        self.replicas = replicas
        self.updatedReplicas = updatedReplicas
        self.readyReplicas = readyReplicas
        self.availableReplicas = availableReplicas
        self.unavailableReplicas = unavailableReplicas
        self.conditions = conditions
    }
}
