// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where a kind of object lives in the Kubernetes API.
package struct ResourceType: Sendable, Hashable, CustomStringConvertible {
    /// The API group; empty for the core group.
    package var group: String
    /// The version within the group, for instance `v1`.
    package var version: String
    /// The kind, for instance `Job`.
    package var kind: String
    /// The plural name in URLs, for instance `jobs`.
    package var plural: String
    /// Whether objects live in namespaces.
    package var namespaced: Bool

    /// Makes a resource type.
    package init(group: String, version: String, kind: String, plural: String, namespaced: Bool = true) {
        self.group = group
        self.version = version
        self.kind = kind
        self.plural = plural
        self.namespaced = namespaced
    }

    /// The `apiVersion` of the objects, for instance `batch/v1`.
    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    package var description: String { group.isEmpty ? plural : "\(plural).\(group)" }
}
