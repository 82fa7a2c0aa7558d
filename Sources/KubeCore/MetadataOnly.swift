// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// An object of which only the metadata is asked for, on the wire too: for caches that select by labels or owners.
package struct MetadataOnly<Full: KubeObject>: KubeObject {
    package static var resource: ResourceType { Full.resource }
    package static var isMetadataOnly: Bool { true }

    package var apiVersion: String?
    package var kind: String?
    package var metadata: ObjectMeta

    /// Makes one.
    package init(metadata: ObjectMeta) {
        self.metadata = metadata
    }
}
