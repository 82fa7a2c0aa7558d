// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Why an object cannot belong to another one.
package enum OwnershipError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The garbage collector would delete the child, because it looks for the owner in the child's namespace.
    case otherNamespace(owner: ObjectKey, child: ObjectKey)
    /// The owner has not been stored yet.
    case notStored(owner: ObjectKey)
    /// The owner is being deleted; a child made now would be an orphan soon.
    case goingAway(owner: ObjectKey)
    /// The child has another controller already, which is named.
    case controlled(child: ObjectKey, by: String)

    package var description: String {
        switch self {
        case .otherNamespace(let owner, let child):
            "\(owner) cannot own \(child): an owner lives in the namespace of its children, or in none"
        case .notStored(let owner): "\(owner) cannot own anything before the server has stored it"
        case .goingAway(let owner): "\(owner) is being deleted and takes no more children"
        case .controlled(let child, let name): "\(child) is controlled by \(name) already"
        }
    }
}

extension KubeObject {
    /// Makes `owner` the controller of this object, so that the object goes when the owner does.
    ///
    /// Throws `OwnershipError` where the garbage collector, or another controller, would disagree.
    package mutating func setController<Owner: KubeObject>(_ owner: Owner) throws(OwnershipError) {
        guard !Owner.resource.namespaced || owner.metadata.namespace == metadata.namespace else {
            throw .otherNamespace(owner: owner.key, child: key)
        }
        guard let reference = owner.controllerReference else { throw .notStored(owner: owner.key) }
        guard owner.metadata.deletionTimestamp == nil else { throw .goingAway(owner: owner.key) }
        if let controller = metadata.controller, controller.uid != reference.uid {
            throw .controlled(child: key, by: "\(controller.kind) \(controller.name)")
        }
        let others = (metadata.ownerReferences ?? []).filter { $0.uid != reference.uid }
        metadata.ownerReferences = others + [reference]
    }
}
