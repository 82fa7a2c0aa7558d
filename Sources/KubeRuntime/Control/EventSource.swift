// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// Brings up keys of a controller when objects of some kind change.
package struct EventSource: Sendable {
    /// The resource whose objects are observed.
    package let resource: ResourceType
    let hasSynced: @Sendable () -> Bool
    let waitUntilSynced: @Sendable () async -> Void
    let sighting: @Sendable (ObjectKey, ExpectedVersions.Outcome) -> ExpectedVersions.Sighting
    /// Calls back with keys until the task is cancelled, first with those of the objects that are there.
    let run: @Sendable (_ enqueue: @escaping @Sendable (ObjectKey, WorkPriority) -> Void) async -> Void

    /// The objects that the controller reconciles.
    package static func reconciles<Object: KubeObject>(_ store: Store<Object>) -> EventSource {
        watches(store) { [$0.key] }
    }

    /// Objects that objects of `owner` control.
    package static func owns<Object: KubeObject>(_ store: Store<Object>, by owner: ResourceType) -> EventSource {
        watches(store) { object in
            guard let reference = object.metadata.controller, reference.kind == owner.kind,
                reference.apiVersion.prefix(while: { $0 != "/" }) == owner.apiVersion.prefix(while: { $0 != "/" })
            else { return [] }
            return [ObjectKey(namespace: owner.namespaced ? object.metadata.namespace : nil, name: reference.name)]
        }
    }

    /// Objects from which the keys that depend on them follow.
    ///
    /// Of a changed object both states are asked.
    package static func watches<Object: KubeObject>(
        _ store: Store<Object>,
        map: @escaping @Sendable (Object) -> [ObjectKey]
    ) -> EventSource {
        EventSource(
            resource: Object.resource,
            hasSynced: { store.hasSynced },
            waitUntilSynced: { await store.waitUntilSynced() },
            sighting: { store.sighting(of: $0, $1) },
            run: { enqueue in
                await store.forEachBatch { changes, priority in
                    var keys: Set<ObjectKey> = []
                    for change in changes { for state in change.states { keys.formUnion(map(state)) } }
                    for key in keys { enqueue(key, priority) }
                }
            }
        )
    }
}
