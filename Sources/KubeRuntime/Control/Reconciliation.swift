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
    private let noteWrite: @Sendable (ResourceType, String) -> Void

    init(
        key: ObjectKey,
        logger: Logger,
        noteWrite: @escaping @Sendable (_ resource: ResourceType, _ version: String) -> Void
    ) {
        self.key = key
        self.logger = logger
        self.noteWrite = noteWrite
    }

    /// Notes an own write: the key rests until the cache has what the server answered.
    package func wrote<Object: KubeObject>(_ object: Object) {
        guard let version = object.metadata.resourceVersion else { return }
        noteWrite(Object.resource, version)
    }
}
