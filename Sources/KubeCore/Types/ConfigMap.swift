// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Configuration as keys and texts.
package struct ConfigMap: KubeObject {
    /// Where these objects live.
    package static let resource = ResourceType(
        group: "",
        version: "v1",
        kind: "ConfigMap",
        plural: "configmaps"
    )
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// The texts by key.
    package var data: [String: String]?
    /// Whether changes are refused.
    package var immutable: Bool?

    /// Makes one from what is known of it.
    package init(metadata: ObjectMeta, data: [String: String]? = nil, immutable: Bool? = nil) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.data = data
        self.immutable = immutable
    }
}
