// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// A Job: pods that run to an end.
package struct Job: StatusObject {
    /// Where these objects live.
    package static let resource = ResourceType(
        group: "batch",
        version: "v1",
        kind: "Job",
        plural: "jobs"
    )
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// What to run.
    package var spec: JobSpec?
    /// How far it is; written by the cluster.
    package var status: JobStatus?

    /// Makes one from what is known of it.
    package init(metadata: ObjectMeta, spec: JobSpec? = nil, status: JobStatus? = nil) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// What a Job runs, and when it gives up.
package struct JobSpec: Codable, Sendable, Equatable {
    /// The pods to make.
    package var template: PodTemplateSpec
    /// How many failed pods are replaced before the Job fails.
    package var backoffLimit: Int32?
    /// How long the Job may take in all, in seconds.
    package var activeDeadlineSeconds: Int64?
    /// How long a finished Job stays, in seconds.
    package var ttlSecondsAfterFinished: Int32?
    /// How many pods have to succeed.
    package var completions: Int32?
    /// How many pods may run at once.
    package var parallelism: Int32?
    /// Whether pods are held back.
    package var suspend: Bool?
    /// Which failures end the Job at once; Kubernetes 1.26 and newer.
    package var podFailurePolicy: PodFailurePolicy?

    /// Makes one from what is known of it.
    package init(
        template: PodTemplateSpec,
        backoffLimit: Int32? = nil,
        activeDeadlineSeconds: Int64? = nil,
        ttlSecondsAfterFinished: Int32? = nil,
        completions: Int32? = nil,
        parallelism: Int32? = nil,
        suspend: Bool? = nil,
        podFailurePolicy: PodFailurePolicy? = nil
    ) {
        self.template = template
        self.backoffLimit = backoffLimit
        self.activeDeadlineSeconds = activeDeadlineSeconds
        self.ttlSecondsAfterFinished = ttlSecondsAfterFinished
        self.completions = completions
        self.parallelism = parallelism
        self.suspend = suspend
        self.podFailurePolicy = podFailurePolicy
    }
}

/// How far a Job is.
package struct JobStatus: Codable, Sendable, Equatable {
    /// `Complete`, `Failed` or `Suspended`.
    package var conditions: [StatusCondition]?
    /// When the Job's controller first saw it.
    package var startTime: Date?
    /// When it succeeded.
    package var completionTime: Date?
    /// Pods that are pending or running.
    package var active: Int32?
    /// Pods that succeeded.
    package var succeeded: Int32?
    /// Pods that failed.
    package var failed: Int32?

    /// Makes one from what is known of it.
    package init(
        conditions: [StatusCondition]? = nil,
        startTime: Date? = nil,
        completionTime: Date? = nil,
        active: Int32? = nil,
        succeeded: Int32? = nil,
        failed: Int32? = nil
    ) {
        self.conditions = conditions
        self.startTime = startTime
        self.completionTime = completionTime
        self.active = active
        self.succeeded = succeeded
        self.failed = failed
    }
}

/// Rules for failed pods, the first that matches wins.
package struct PodFailurePolicy: Codable, Sendable, Equatable {
    /// The rules in order.
    package var rules: [PodFailurePolicyRule]

    /// Makes one from what is known of it.
    package init(rules: [PodFailurePolicyRule]) {
        self.rules = rules
    }
}

/// What to do about a pod that failed in some way.
package struct PodFailurePolicyRule: Codable, Sendable, Equatable {
    /// `FailJob`, `Ignore` or `Count`.
    package var action: String
    /// Matches by exit code.
    package var onExitCodes: ExitCodeRequirement?
    /// Matches by a condition of the pod.
    package var onPodConditions: [PodConditionPattern]?

    /// Makes one from what is known of it.
    package init(
        action: String,
        onExitCodes: ExitCodeRequirement? = nil,
        onPodConditions: [PodConditionPattern]? = nil
    ) {
        self.action = action
        self.onExitCodes = onExitCodes
        self.onPodConditions = onPodConditions
    }
}

/// Exit codes that a rule matches.
package struct ExitCodeRequirement: Codable, Sendable, Equatable {
    /// The container; nil for any.
    package var containerName: String?
    /// `In` or `NotIn`.
    package var `operator`: String
    /// The exit codes.
    package var values: [Int32]

    /// Makes one from what is known of it.
    package init(containerName: String? = nil, `operator`: String, values: [Int32]) {
        self.containerName = containerName
        self.operator = `operator`
        self.values = values
    }
}

/// A pod condition that a rule matches.
package struct PodConditionPattern: Codable, Sendable, Equatable {
    /// The condition's type, for instance `DisruptionTarget`.
    package var type: String
    /// Its status, for instance `True`.
    package var status: String

    /// Makes one from what is known of it.
    package init(type: String, status: String) {
        self.type = type
        self.status = status
    }
}
