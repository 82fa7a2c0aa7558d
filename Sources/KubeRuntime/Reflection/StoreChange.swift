// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// How an object in a store changed.
package enum StoreChange<Object: KubeObject>: Sendable, Equatable {
    /// It is new.
    case added(Cached<Object>)
    /// It is another than before.
    case updated(old: Cached<Object>, new: Cached<Object>)
    /// It is gone. Where that was learnt from a list and not from a watch, the last known state may not be the final one.
    case deleted(Cached<Object>, finalStateUnknown: Bool)

    /// The object as it is, or as it was last known to be.
    package var object: Object {
        switch self {
        case .added(let state), .updated(_, let state), .deleted(let state, _): state.object
        }
    }

    /// The states of the object before and after, as far as there are any.
    ///
    /// Whoever maps an object to the keys that depend on it maps both, for labels and owners may have changed.
    package var states: [Object] {
        switch self {
        case .added(let state), .deleted(let state, _): [state.object]
        case .updated(let old, let new): [old.object, new.object]
        }
    }

    /// This change and a later one of the same object as one.
    func followed(by later: StoreChange) -> StoreChange {
        switch (self, later) {
        case (.added, .added(let new)), (.added, .updated(_, let new)): .added(new)
        case (.updated(let old, _), .added(let new)), (.updated(let old, _), .updated(_, let new)),
            (.deleted(let old, _), .added(let new)), (.deleted(let old, _), .updated(_, let new)):
            .updated(old: old, new: new)
        case (_, .deleted): later
        }
    }
}
