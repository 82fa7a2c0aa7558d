// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// What every Kubernetes object carries: its name, its version and its owners.
package struct ObjectMeta: Codable, Sendable, Equatable {
    /// The name, unique in its namespace and kind.
    package var name: String
    /// The namespace; nil for cluster-scoped objects.
    package var namespace: String?
    /// The server's identifier of this very object; another object of the same name has another one.
    package var uid: String?
    /// The version of the stored object, opaque.
    package var resourceVersion: String?
    /// Counts changes of the specification.
    package var generation: Int64?
    /// When the server created the object.
    package var creationTimestamp: Date?
    /// When deletion was asked for; nil while the object is to stay.
    package var deletionTimestamp: Date?
    /// Labels, by which objects are selected.
    package var labels: [String: String]?
    /// Annotations, for facts that nobody selects by.
    package var annotations: [String: String]?
    /// The objects that this one belongs to and is deleted with.
    package var ownerReferences: [OwnerReference]?
    /// What must happen before the object goes.
    package var finalizers: [String]?

    /// Makes the metadata of an object that is to be written.
    package init(
        name: String,
        namespace: String? = nil,
        labels: [String: String]? = nil,
        annotations: [String: String]? = nil,
        ownerReferences: [OwnerReference]? = nil
    ) {
        self.name = name
        self.namespace = namespace
        self.labels = labels
        self.annotations = annotations
        self.ownerReferences = ownerReferences
    }

    /// The owner that controls this object, if any.
    package var controller: OwnerReference? { ownerReferences?.first { $0.controller == true } }

    /// Whether the object with that UID controls this one.
    package func isControlled(by uid: String?) -> Bool { uid != nil && controller?.uid == uid }
}

/// Names an object that owns another.
package struct OwnerReference: Codable, Sendable, Equatable {
    /// The owner's group and version.
    package var apiVersion: String
    /// The owner's kind.
    package var kind: String
    /// The owner's name, in the same namespace.
    package var name: String
    /// The owner's UID.
    package var uid: String
    /// Whether this owner is the one that reconciles the object.
    package var controller: Bool?
    /// Whether foreground deletion of the owner waits for this object.
    package var blockOwnerDeletion: Bool?

    /// Makes a reference.
    package init(
        apiVersion: String,
        kind: String,
        name: String,
        uid: String,
        controller: Bool? = nil,
        blockOwnerDeletion: Bool? = nil
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.controller = controller
        self.blockOwnerDeletion = blockOwnerDeletion
    }
}
