// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore
import KubeRuntime

/// A cache of a kind that servers have in different versions, read as of the newest.
struct VersionedStore<Newest: KubeObject>: Sendable {
    /// The object of that key.
    let get: @Sendable (ObjectKey) -> Newest?
    /// Brings up the owners of objects that change.
    let source: EventSource

    /// A cache of objects of some version, and how the newest is made of them.
    init<Object: KubeObject>(
        _ store: Store<Object>,
        ownedBy owner: ResourceType,
        as newest: @escaping @Sendable (Object) -> Newest
    ) {
        get = { store[$0].map(newest) }
        source = .owns(store, by: owner)
    }
}
