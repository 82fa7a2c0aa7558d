// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// An object of the Kubernetes API, modelled as far as Almanac reads and writes it.
///
/// Types model objects in part, so they are written by server-side apply, create, delete and status, never by replace.
package protocol KubeObject: Codable, Sendable, Equatable {
    /// Where objects of this type live.
    static var resource: ResourceType { get }
    /// The group and version, for instance `batch/v1`. Items of a list lack it on the wire.
    var apiVersion: String? { get set }
    /// The kind, for instance `Job`. Items of a list lack it on the wire.
    var kind: String? { get set }
    /// Name, labels, owners and the like.
    var metadata: ObjectMeta { get set }
    /// Whether only the metadata is asked for.
    static var isMetadataOnly: Bool { get }

    /// Leaves out what others report about the object, if its type has a place for that.
    mutating func dropStatus()
}

/// An object with a place for what was found out about it, beside what is asked for.
package protocol StatusObject: KubeObject {
    associatedtype Status: Codable & Sendable & Equatable

    /// What was found out; nil before anybody looked.
    var status: Status? { get set }
}

extension StatusObject {
    /// Leaves out the status.
    package mutating func dropStatus() { status = nil }
}

extension KubeObject {
    /// Nothing: a type without a status has nothing to leave out.
    package mutating func dropStatus() {}

    /// False: the whole object is asked for.
    package static var isMetadataOnly: Bool { false }

    /// What names the object within its kind.
    package var key: ObjectKey { ObjectKey(namespace: metadata.namespace, name: metadata.name) }

    /// A reference by which children name this object as their controller; nil before the server has given it a UID.
    package var controllerReference: OwnerReference? {
        guard let uid = metadata.uid else { return nil }
        return OwnerReference(
            apiVersion: Self.resource.apiVersion,
            kind: Self.resource.kind,
            name: metadata.name,
            uid: uid,
            controller: true,
            blockOwnerDeletion: true
        )
    }
}

/// Namespace and name: what names an object within its kind.
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The namespace; nil for cluster-scoped objects.
    package var namespace: String?
    /// The name.
    package var name: String

    /// Makes a key.
    package init(namespace: String?, name: String) {
        self.namespace = namespace
        self.name = name
    }

    package var description: String { namespace.map { "\($0)/\(name)" } ?? name }

    package static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.namespace ?? "", left.name) < (right.namespace ?? "", right.name)
    }
}
