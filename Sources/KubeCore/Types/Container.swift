// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A container of a pod.
package struct Container: Codable, Sendable, Equatable {
    /// The name, unique in its pod.
    package var name: String
    /// The image.
    package var image: String?
    /// `Always`, `IfNotPresent` or `Never`.
    package var imagePullPolicy: String?
    /// Replaces the image's entry point.
    package var command: [String]?
    /// Arguments.
    package var args: [String]?
    /// The folder that the program starts in.
    package var workingDir: String?
    /// Environment variables.
    package var env: [EnvVar]?
    /// Ports that the program listens on.
    package var ports: [ContainerPort]?
    /// Processor time, memory and devices.
    package var resources: ResourceRequirements?
    /// Volumes and where they appear.
    package var volumeMounts: [VolumeMount]?
    /// When to restart the container.
    package var livenessProbe: Probe?
    /// When to send it requests.
    package var readinessProbe: Probe?
    /// When it has started.
    package var startupProbe: Probe?
    /// User and privileges.
    package var securityContext: SecurityContext?
    /// The file that becomes the termination message.
    package var terminationMessagePath: String?
    /// `File` or `FallbackToLogsOnError`.
    package var terminationMessagePolicy: String?

    /// Makes one from what is known of it.
    package init(
        name: String,
        image: String? = nil,
        imagePullPolicy: String? = nil,
        command: [String]? = nil,
        args: [String]? = nil,
        workingDir: String? = nil,
        env: [EnvVar]? = nil,
        ports: [ContainerPort]? = nil,
        resources: ResourceRequirements? = nil,
        volumeMounts: [VolumeMount]? = nil,
        livenessProbe: Probe? = nil,
        readinessProbe: Probe? = nil,
        startupProbe: Probe? = nil,
        securityContext: SecurityContext? = nil,
        terminationMessagePath: String? = nil,
        terminationMessagePolicy: String? = nil
    ) {
        self.name = name
        self.image = image
        self.imagePullPolicy = imagePullPolicy
        self.command = command
        self.args = args
        self.workingDir = workingDir
        self.env = env
        self.ports = ports
        self.resources = resources
        self.volumeMounts = volumeMounts
        self.livenessProbe = livenessProbe
        self.readinessProbe = readinessProbe
        self.startupProbe = startupProbe
        self.securityContext = securityContext
        self.terminationMessagePath = terminationMessagePath
        self.terminationMessagePolicy = terminationMessagePolicy
    }
}

/// An environment variable.
package struct EnvVar: Codable, Sendable, Equatable {
    /// The variable's name.
    package var name: String
    /// Its value.
    package var value: String?
    /// Where the value comes from instead.
    package var valueFrom: EnvVarSource?

    /// Makes one from what is known of it.
    package init(name: String, value: String? = nil, valueFrom: EnvVarSource? = nil) {
        self.name = name
        self.value = value
        self.valueFrom = valueFrom
    }
}

/// Where the value of an environment variable comes from; exactly one.
package struct EnvVarSource: Codable, Sendable, Equatable {
    /// A field of the pod.
    package var fieldRef: ObjectFieldSelector?
    /// A key of a Secret.
    package var secretKeyRef: KeySelector?
    /// A key of a ConfigMap.
    package var configMapKeyRef: KeySelector?

    /// Makes one from what is known of it.
    package init(
        fieldRef: ObjectFieldSelector? = nil,
        secretKeyRef: KeySelector? = nil,
        configMapKeyRef: KeySelector? = nil
    ) {
        self.fieldRef = fieldRef
        self.secretKeyRef = secretKeyRef
        self.configMapKeyRef = configMapKeyRef
    }
}

/// A field of the pod.
package struct ObjectFieldSelector: Codable, Sendable, Equatable {
    /// The field, for instance `metadata.name`.
    package var fieldPath: String

    /// Makes one from what is known of it.
    package init(fieldPath: String) {
        self.fieldPath = fieldPath
    }
}

/// A key of a Secret or ConfigMap in the same namespace.
package struct KeySelector: Codable, Sendable, Equatable {
    /// The object's name.
    package var name: String
    /// The key.
    package var key: String
    /// Whether it may be missing.
    package var optional: Bool?

    /// Makes one from what is known of it.
    package init(name: String, key: String, optional: Bool? = nil) {
        self.name = name
        self.key = key
        self.optional = optional
    }
}

/// A port that a container listens on.
package struct ContainerPort: Codable, Sendable, Equatable {
    /// The name that Services may use.
    package var name: String?
    /// The number.
    package var containerPort: Int32
    /// `TCP` (the default), `UDP` or `SCTP`.
    package var `protocol`: String?

    /// Makes one from what is known of it.
    package init(name: String? = nil, containerPort: Int32, `protocol`: String? = nil) {
        self.name = name
        self.containerPort = containerPort
        self.protocol = `protocol`
    }
}

/// What a container needs and may use, by resource name; quantities such as `500m` or `2Gi`.
package struct ResourceRequirements: Codable, Sendable, Equatable {
    /// What the node must have free.
    package var requests: [String: String]?
    /// What the container may use at most.
    package var limits: [String: String]?

    /// Makes one from what is known of it.
    package init(requests: [String: String]? = nil, limits: [String: String]? = nil) {
        self.requests = requests
        self.limits = limits
    }
}

/// Where a volume appears in a container.
package struct VolumeMount: Codable, Sendable, Equatable {
    /// The volume's name.
    package var name: String
    /// The path in the container.
    package var mountPath: String
    /// Whether writing is refused.
    package var readOnly: Bool?
    /// The path within the volume.
    package var subPath: String?

    /// Makes one from what is known of it.
    package init(name: String, mountPath: String, readOnly: Bool? = nil, subPath: String? = nil) {
        self.name = name
        self.mountPath = mountPath
        self.readOnly = readOnly
        self.subPath = subPath
    }
}

/// A check of a container.
package struct Probe: Codable, Sendable, Equatable {
    /// The request to send.
    package var httpGet: HTTPGetAction?
    /// Seconds before the first check.
    package var initialDelaySeconds: Int32?
    /// Seconds between checks.
    package var periodSeconds: Int32?
    /// Seconds that one check may take.
    package var timeoutSeconds: Int32?
    /// Successes in a row that count as one.
    package var successThreshold: Int32?
    /// Failures in a row that count as one.
    package var failureThreshold: Int32?

    /// Makes one from what is known of it.
    package init(
        httpGet: HTTPGetAction? = nil,
        initialDelaySeconds: Int32? = nil,
        periodSeconds: Int32? = nil,
        timeoutSeconds: Int32? = nil,
        successThreshold: Int32? = nil,
        failureThreshold: Int32? = nil
    ) {
        self.httpGet = httpGet
        self.initialDelaySeconds = initialDelaySeconds
        self.periodSeconds = periodSeconds
        self.timeoutSeconds = timeoutSeconds
        self.successThreshold = successThreshold
        self.failureThreshold = failureThreshold
    }
}

/// A request that a probe sends.
package struct HTTPGetAction: Codable, Sendable, Equatable {
    /// The path.
    package var path: String?
    /// The port's number or name.
    package var port: IntOrString
    /// `HTTP` (the default) or `HTTPS`.
    package var scheme: String?

    /// Makes one from what is known of it.
    package init(path: String? = nil, port: IntOrString, scheme: String? = nil) {
        self.path = path
        self.port = port
        self.scheme = scheme
    }
}

/// User and privileges of one container.
package struct SecurityContext: Codable, Sendable, Equatable {
    /// Whether a child process may gain privileges.
    package var allowPrivilegeEscalation: Bool?
    /// Whether the image's files are read-only.
    package var readOnlyRootFilesystem: Bool?
    /// Whether root is refused.
    package var runAsNonRoot: Bool?
    /// The numeric user.
    package var runAsUser: Int64?
    /// The numeric group.
    package var runAsGroup: Int64?
    /// Whether the container is as powerful as the node.
    package var privileged: Bool?
    /// Linux capabilities.
    package var capabilities: Capabilities?
    /// The system calls that are allowed.
    package var seccompProfile: SeccompProfile?

    /// Makes one from what is known of it.
    package init(
        allowPrivilegeEscalation: Bool? = nil,
        readOnlyRootFilesystem: Bool? = nil,
        runAsNonRoot: Bool? = nil,
        runAsUser: Int64? = nil,
        runAsGroup: Int64? = nil,
        privileged: Bool? = nil,
        capabilities: Capabilities? = nil,
        seccompProfile: SeccompProfile? = nil
    ) {
        self.allowPrivilegeEscalation = allowPrivilegeEscalation
        self.readOnlyRootFilesystem = readOnlyRootFilesystem
        self.runAsNonRoot = runAsNonRoot
        self.runAsUser = runAsUser
        self.runAsGroup = runAsGroup
        self.privileged = privileged
        self.capabilities = capabilities
        self.seccompProfile = seccompProfile
    }
}

/// Linux capabilities.
package struct Capabilities: Codable, Sendable, Equatable {
    /// Capabilities to add.
    package var add: [String]?
    /// Capabilities to drop, for instance `ALL`.
    package var drop: [String]?

    /// Makes one from what is known of it.
    package init(add: [String]? = nil, drop: [String]? = nil) {
        self.add = add
        self.drop = drop
    }
}
