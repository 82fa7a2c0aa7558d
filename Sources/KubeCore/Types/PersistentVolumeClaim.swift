// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A claim on storage.
package struct PersistentVolumeClaim: StatusObject {
    /// Where these objects live.
    package static let resource = ResourceType(
        group: "",
        version: "v1",
        kind: "PersistentVolumeClaim",
        plural: "persistentvolumeclaims"
    )
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// What is claimed.
    package var spec: PersistentVolumeClaimSpec?
    /// What was given.
    package var status: PersistentVolumeClaimStatus?

    /// Makes one from what is known of it.
    package init(
        metadata: ObjectMeta,
        spec: PersistentVolumeClaimSpec? = nil,
        status: PersistentVolumeClaimStatus? = nil
    ) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// What storage is claimed.
package struct PersistentVolumeClaimSpec: Codable, Sendable, Equatable {
    /// For instance `ReadWriteOnce`.
    package var accessModes: [String]?
    /// The size, as `requests.storage`.
    package var resources: ResourceRequirements?
    /// The class; nil for the cluster's default.
    package var storageClassName: String?
    /// The volume that is bound.
    package var volumeName: String?

    /// Makes one from what is known of it.
    package init(
        accessModes: [String]? = nil,
        resources: ResourceRequirements? = nil,
        storageClassName: String? = nil,
        volumeName: String? = nil
    ) {
        self.accessModes = accessModes
        self.resources = resources
        self.storageClassName = storageClassName
        self.volumeName = volumeName
    }
}

/// What storage was given.
package struct PersistentVolumeClaimStatus: Codable, Sendable, Equatable {
    /// `Pending`, `Bound` or `Lost`.
    package var phase: String?
    /// The size by resource name.
    package var capacity: [String: String]?

    /// Makes one from what is known of it.
    package init(phase: String? = nil, capacity: [String: String]? = nil) {
        self.phase = phase
        self.capacity = capacity
    }
}
