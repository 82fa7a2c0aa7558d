// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a pod runs, and where.
package struct PodSpec: Codable, Sendable, Equatable {
    /// The containers, at least one.
    package var containers: [Container]
    /// Containers that run to their end before the others start.
    package var initContainers: [Container]?
    /// Storage that containers mount.
    package var volumes: [Volume]?
    /// `Always`, `OnFailure` or `Never`.
    package var restartPolicy: String?
    /// The identity of the pod.
    package var serviceAccountName: String?
    /// Whether the identity's token is mounted.
    package var automountServiceAccountToken: Bool?
    /// User and privileges of all containers.
    package var securityContext: PodSecurityContext?
    /// Labels that the node must have.
    package var nodeSelector: [String: String]?
    /// Taints that the pod accepts.
    package var tolerations: [Toleration]?
    /// How replicas spread over nodes and zones.
    package var topologySpreadConstraints: [TopologySpreadConstraint]?
    /// Rules about nodes and other pods, as the API writes them.
    package var affinity: JSONValue?
    /// How long the pod may take to stop, in seconds.
    package var terminationGracePeriodSeconds: Int64?
    /// How long the pod may run, in seconds.
    package var activeDeadlineSeconds: Int64?
    /// Secrets that open the image's registry.
    package var imagePullSecrets: [LocalObjectReference]?
    /// The pod's priority.
    package var priorityClassName: String?
    /// The container runtime.
    package var runtimeClassName: String?
    /// The scheduler.
    package var schedulerName: String?
    /// The node that the pod was given.
    package var nodeName: String?
    /// Whether Services become environment variables.
    package var enableServiceLinks: Bool?

    /// Makes one from what is known of it.
    package init(
        containers: [Container],
        initContainers: [Container]? = nil,
        volumes: [Volume]? = nil,
        restartPolicy: String? = nil,
        serviceAccountName: String? = nil,
        automountServiceAccountToken: Bool? = nil,
        securityContext: PodSecurityContext? = nil,
        nodeSelector: [String: String]? = nil,
        tolerations: [Toleration]? = nil,
        topologySpreadConstraints: [TopologySpreadConstraint]? = nil,
        affinity: JSONValue? = nil,
        terminationGracePeriodSeconds: Int64? = nil,
        activeDeadlineSeconds: Int64? = nil,
        imagePullSecrets: [LocalObjectReference]? = nil,
        priorityClassName: String? = nil,
        runtimeClassName: String? = nil,
        schedulerName: String? = nil,
        nodeName: String? = nil,
        enableServiceLinks: Bool? = nil
    ) {
        self.containers = containers
        self.initContainers = initContainers
        self.volumes = volumes
        self.restartPolicy = restartPolicy
        self.serviceAccountName = serviceAccountName
        self.automountServiceAccountToken = automountServiceAccountToken
        self.securityContext = securityContext
        self.nodeSelector = nodeSelector
        self.tolerations = tolerations
        self.topologySpreadConstraints = topologySpreadConstraints
        self.affinity = affinity
        self.terminationGracePeriodSeconds = terminationGracePeriodSeconds
        self.activeDeadlineSeconds = activeDeadlineSeconds
        self.imagePullSecrets = imagePullSecrets
        self.priorityClassName = priorityClassName
        self.runtimeClassName = runtimeClassName
        self.schedulerName = schedulerName
        self.nodeName = nodeName
        self.enableServiceLinks = enableServiceLinks
    }
}

/// User and privileges of all containers of a pod.
package struct PodSecurityContext: Codable, Sendable, Equatable {
    /// Whether root is refused.
    package var runAsNonRoot: Bool?
    /// The numeric user.
    package var runAsUser: Int64?
    /// The numeric group.
    package var runAsGroup: Int64?
    /// The group that owns mounted volumes.
    package var fsGroup: Int64?
    /// `OnRootMismatch` or `Always`.
    package var fsGroupChangePolicy: String?
    /// More groups.
    package var supplementalGroups: [Int64]?
    /// The system calls that are allowed.
    package var seccompProfile: SeccompProfile?

    /// Makes one from what is known of it.
    package init(
        runAsNonRoot: Bool? = nil,
        runAsUser: Int64? = nil,
        runAsGroup: Int64? = nil,
        fsGroup: Int64? = nil,
        fsGroupChangePolicy: String? = nil,
        supplementalGroups: [Int64]? = nil,
        seccompProfile: SeccompProfile? = nil
    ) {
        self.runAsNonRoot = runAsNonRoot
        self.runAsUser = runAsUser
        self.runAsGroup = runAsGroup
        self.fsGroup = fsGroup
        self.fsGroupChangePolicy = fsGroupChangePolicy
        self.supplementalGroups = supplementalGroups
        self.seccompProfile = seccompProfile
    }
}

/// Which system calls are allowed.
package struct SeccompProfile: Codable, Sendable, Equatable {
    /// `RuntimeDefault`, `Unconfined` or `Localhost`.
    package var type: String
    /// The file of a `Localhost` profile.
    package var localhostProfile: String?

    /// Makes one from what is known of it.
    package init(type: String, localhostProfile: String? = nil) {
        self.type = type
        self.localhostProfile = localhostProfile
    }
}

/// A taint that a pod accepts.
package struct Toleration: Codable, Sendable, Equatable {
    /// The taint's key; nil for all.
    package var key: String?
    /// `Equal` or `Exists`.
    package var `operator`: String?
    /// The taint's value.
    package var value: String?
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; nil for all.
    package var effect: String?
    /// How long a `NoExecute` taint is accepted, in seconds.
    package var tolerationSeconds: Int64?

    /// Makes one from what is known of it.
    package init(
        key: String? = nil,
        `operator`: String? = nil,
        value: String? = nil,
        effect: String? = nil,
        tolerationSeconds: Int64? = nil
    ) {
        self.key = key
        self.operator = `operator`
        self.value = value
        self.effect = effect
        self.tolerationSeconds = tolerationSeconds
    }
}

/// How pods spread over parts of the cluster.
package struct TopologySpreadConstraint: Codable, Sendable, Equatable {
    /// How far the numbers of pods may differ.
    package var maxSkew: Int32
    /// The node label that names the part.
    package var topologyKey: String
    /// `ScheduleAnyway` or `DoNotSchedule`.
    package var whenUnsatisfiable: String
    /// The pods that count.
    package var labelSelector: LabelSelector?

    /// Makes one from what is known of it.
    package init(maxSkew: Int32, topologyKey: String, whenUnsatisfiable: String, labelSelector: LabelSelector? = nil) {
        self.maxSkew = maxSkew
        self.topologyKey = topologyKey
        self.whenUnsatisfiable = whenUnsatisfiable
        self.labelSelector = labelSelector
    }
}

/// Names an object in the same namespace.
package struct LocalObjectReference: Codable, Sendable, Equatable {
    /// The object's name.
    package var name: String

    /// Makes one from what is known of it.
    package init(name: String) {
        self.name = name
    }
}
