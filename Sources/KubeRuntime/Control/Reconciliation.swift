// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore
package import Logging

/// One call of a controller's closure: which object, where to log, and what was written for it.
package struct Reconciliation: Sendable {
    /// The object to look at.
    package let key: ObjectKey
    /// Names the controller, the object and this call.
    package let logger: Logger
    /// Whether the caches still lack own writes of an earlier call although it was waited for them.
    ///
    /// Whoever decides about creating or deleting something must then ask the API server, not a cache. The key comes up
    /// again soon after such a call, until the caches have the writes.
    package let cacheIsBehind: Bool
    /// Whether other keys of this process wait for work that this call should not hold up by what can wait, such as
    /// telling what is going on. False after a key has given way for a while.
    package let shouldGiveWay: Bool
    private let noteWrite: @Sendable (ResourceType, ObjectKey, ExpectedVersions.Outcome) -> Void

    init(
        key: ObjectKey,
        logger: Logger,
        cacheIsBehind: Bool,
        shouldGiveWay: Bool = false,
        noteWrite: @escaping @Sendable (ResourceType, ObjectKey, ExpectedVersions.Outcome) -> Void
    ) {
        self.key = key
        self.logger = logger
        self.cacheIsBehind = cacheIsBehind
        self.shouldGiveWay = shouldGiveWay
        self.noteWrite = noteWrite
    }

    /// Notes an own write: the key rests until the cache has what the server answered.
    package func wrote<Object: KubeObject>(_ object: Object) {
        guard let version = object.metadata.resourceVersion else { return }
        noteWrite(Object.resource, object.key, .version(version))
    }

    /// Notes an own deletion: the key rests until the cache has seen the object go, or on its way.
    package func deleted<Object: KubeObject>(_ object: Object) {
        guard let uid = object.metadata.uid else { return }
        deleted(Object.resource, object.key, uid: uid)
    }

    /// Notes an own deletion of which only key and UID are known.
    package func deleted(_ resource: ResourceType, _ key: ObjectKey, uid: String) {
        noteWrite(resource, key, .deleted(uid: uid))
    }
}
