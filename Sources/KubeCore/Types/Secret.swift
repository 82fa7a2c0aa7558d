// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// Secret values by key.
///
/// Never print one.
package struct Secret: KubeObject {
    /// Where these objects live.
    package static let resource = ResourceType(
        group: "",
        version: "v1",
        kind: "Secret",
        plural: "secrets"
    )
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// What kind of secret it is, for instance `Opaque`.
    package var type: String?
    /// The values by key, base64 on the wire.
    package var data: [String: Data]?

    /// Makes one from what is known of it.
    package init(metadata: ObjectMeta, type: String? = nil, data: [String: Data]? = nil) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.type = type
        self.data = data
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible {
    /// The name and the keys, never a value.
    package var description: String { "Secret \(key) with keys \((data ?? [:]).keys.sorted())" }

    package var debugDescription: String { description }
}
