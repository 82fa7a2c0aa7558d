// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A pod, as far as its owner looks at it.
package struct Pod: StatusObject {
    /// Where these objects live.
    package static let resource = ResourceType(
        group: "",
        version: "v1",
        kind: "Pod",
        plural: "pods"
    )
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// What it runs.
    package var spec: PodSpec?
    /// What became of it.
    package var status: PodStatus?

    /// Makes one from what is known of it.
    package init(metadata: ObjectMeta, spec: PodSpec? = nil, status: PodStatus? = nil) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// The pods that a workload makes.
package struct PodTemplateSpec: Codable, Sendable, Equatable {
    /// Labels and annotations of the pods.
    package var metadata: TemplateMeta?
    /// What they run.
    package var spec: PodSpec

    /// Makes one from what is known of it.
    package init(metadata: TemplateMeta? = nil, spec: PodSpec) {
        self.metadata = metadata
        self.spec = spec
    }
}

/// Labels and annotations of objects made from a template.
package struct TemplateMeta: Codable, Sendable, Equatable {
    /// Labels, by which pods are selected.
    package var labels: [String: String]?
    /// Annotations.
    package var annotations: [String: String]?

    /// Makes one from what is known of it.
    package init(labels: [String: String]? = nil, annotations: [String: String]? = nil) {
        self.labels = labels
        self.annotations = annotations
    }
}
