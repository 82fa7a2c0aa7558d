// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The number of pods of a Deployment and nothing else of it, for who owns no other field.
package struct DeploymentReplicas: KubeObject {
    /// Where these objects live.
    package static var resource: ResourceType { Deployment.resource }
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name and namespace.
    package var metadata: ObjectMeta
    /// The number.
    package var spec: Spec?

    /// The part of a Deployment's specification.
    package struct Spec: Codable, Sendable, Equatable {
        /// How many pods.
        package var replicas: Int32?
    }

    /// Makes the number of a Deployment's pods.
    package init(_ key: ObjectKey, replicas: Int32) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        metadata = ObjectMeta(name: key.name, namespace: key.namespace)
        spec = Spec(replicas: replicas)
    }
}
