// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// A list as the server answers it.
///
/// An item that cannot be read is reported in `skipped` and costs no other item.
package struct KubeList<Item: KubeObject>: Decodable, Sendable {
    /// The version of the whole list, from which a watch goes on.
    package var resourceVersion: String?
    /// The token of the next page; nil or empty after the last.
    package var continueToken: String?
    /// How many items come on later pages, where the server knows.
    package var remainingItemCount: Int64?
    /// The items that could be read, with `apiVersion` and `kind` filled in.
    package var items: [Item]
    /// The items that could not.
    package var skipped: [SkippedObject]

    /// Makes a list.
    package init(
        items: [Item],
        resourceVersion: String? = nil,
        continueToken: String? = nil,
        remainingItemCount: Int64? = nil,
        skipped: [SkippedObject] = []
    ) {
        self.items = items
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
        self.remainingItemCount = remainingItemCount
        self.skipped = skipped
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let metadata = try container.decodeIfPresent(Metadata.self, forKey: .metadata)
        resourceVersion = metadata?.resourceVersion
        continueToken = metadata?.continue.flatMap { $0.isEmpty ? nil : $0 }
        remainingItemCount = metadata?.remainingItemCount
        items = []
        skipped = []
        // An empty list may be written as null.
        guard try container.contains(.items) && !container.decodeNil(forKey: .items) else { return }
        var wire = try container.nestedUnkeyedContainer(forKey: .items)
        if let count = wire.count { items.reserveCapacity(count) }
        while !wire.isAtEnd {
            do {
                var item = try wire.decode(Item.self)
                item.apiVersion = Item.resource.apiVersion
                item.kind = Item.resource.kind
                items.append(item)
            } catch {
                // A failed decode does not move on, so the same item is read again for its name only.
                skipped.append(try wire.decode(PartialObject.self).skipped(Item.resource, because: error))
            }
        }
    }

    private enum CodingKeys: String, CodingKey {
        case metadata
        case items
    }

    private struct Metadata: Decodable {
        var resourceVersion: String?
        var `continue`: String?
        var remainingItemCount: Int64?
    }
}

/// An object that the server sent and that could not be read.
package struct SkippedObject: Sendable, Equatable, CustomStringConvertible {
    /// What kind of object it should have been.
    package var resource: ResourceType
    /// Namespace and name, as far as they could be read.
    package var key: ObjectKey?
    /// Its version, so that a watch can go on behind it.
    package var resourceVersion: String?
    /// What is wrong with it: the field and what was expected there.
    package var reason: String

    /// Makes one.
    package init(resource: ResourceType, key: ObjectKey?, resourceVersion: String?, reason: String) {
        self.resource = resource
        self.key = key
        self.resourceVersion = resourceVersion
        self.reason = reason
    }

    package var description: String {
        "\(resource) \(key.map(String.init(describing:)) ?? "without a name") cannot be read: \(reason)"
    }
}

/// What can be read of an object whose type is not understood.
///
/// Nothing in it can fail to decode.
struct PartialObject: Decodable {
    var namespace: String?
    var name: String?
    var resourceVersion: String?
    /// Whether it is the bookmark after the initial events of a watch (KEP-3157).
    var endsInitialEvents = false

    init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: CodingKeys.self),
            let metadata = try? container.nestedContainer(keyedBy: MetadataKeys.self, forKey: .metadata)
        else { return }
        namespace = try? metadata.decode(String.self, forKey: .namespace)
        name = try? metadata.decode(String.self, forKey: .name)
        resourceVersion = try? metadata.decode(String.self, forKey: .resourceVersion)
        let annotations = try? metadata.decode([String: String].self, forKey: .annotations)
        endsInitialEvents = annotations?["k8s.io/initial-events-end"] == "true"
    }

    func skipped(_ resource: ResourceType, because error: any Error) -> SkippedObject {
        SkippedObject(
            resource: resource,
            key: name.map { ObjectKey(namespace: namespace, name: $0) },
            resourceVersion: resourceVersion,
            reason: DecodingFailure.describe(error)
        )
    }

    private enum CodingKeys: String, CodingKey {
        case metadata
    }

    private enum MetadataKeys: String, CodingKey {
        case namespace
        case name
        case resourceVersion
        case annotations
    }
}
