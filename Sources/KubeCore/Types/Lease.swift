// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A lock that expires, for leader election.
package struct Lease: KubeObject {
    /// Where these objects live.
    package static let resource = ResourceType(
        group: "coordination.k8s.io",
        version: "v1",
        kind: "Lease",
        plural: "leases"
    )
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// Who holds it, and until when.
    package var spec: LeaseSpec?

    /// Makes one from what is known of it.
    package init(metadata: ObjectMeta, spec: LeaseSpec? = nil) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.spec = spec
    }
}

/// Who holds a lease, and until when.
package struct LeaseSpec: Codable, Sendable, Equatable {
    /// The holder; empty or nil when nobody holds it.
    package var holderIdentity: String?
    /// How long others wait after `renewTime` before they take it, in seconds.
    package var leaseDurationSeconds: Int32?
    /// When the holder took it.
    package var acquireTime: MicroTime?
    /// When the holder last renewed it.
    package var renewTime: MicroTime?
    /// How often the holder changed.
    package var leaseTransitions: Int32?

    /// Makes one from what is known of it.
    package init(
        holderIdentity: String? = nil,
        leaseDurationSeconds: Int32? = nil,
        acquireTime: MicroTime? = nil,
        renewTime: MicroTime? = nil,
        leaseTransitions: Int32? = nil
    ) {
        self.holderIdentity = holderIdentity
        self.leaseDurationSeconds = leaseDurationSeconds
        self.acquireTime = acquireTime
        self.renewTime = renewTime
        self.leaseTransitions = leaseTransitions
    }
}
