// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// One event of a watch.
package enum WatchEvent<Object: KubeObject>: Sendable, Equatable {
    /// An object is new, or was there when the watch began.
    case added(Object)
    /// An object changed.
    case modified(Object)
    /// An object is gone; its last state.
    case deleted(Object)
    /// Nothing happened up to this version; with `endsInitialEvents` the events so far were the state at the beginning.
    case bookmark(resourceVersion: String, endsInitialEvents: Bool = false)
    /// The server ends the watch, for instance because its start version is too old (`KubeStatus.isGone`).
    case error(KubeStatus)
    /// An event whose object could not be read. The watch goes on.
    case skipped(SkippedObject)

    /// Reads one frame of a watch, that is one line.
    ///
    /// Throws `DecodingError` where the frame is no watch event at all.
    package init(frame: Data, decoder: JSONDecoder = KubeJSON.decoder()) throws {
        self = try decoder.decode(Frame<Object>.self, from: frame).event
    }
}

/// A frame on the wire. It is decoded in one go: a decoder reads all of its bytes for each value that it is asked for.
private struct Frame<Object: KubeObject>: Decodable {
    let event: WatchEvent<Object>

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let type = try container.decode(String.self, forKey: .type)
        do {
            event = try Self.event(type, container)
        } catch {
            let partial = try? container.decode(PartialObject.self, forKey: .object)
            event = .skipped(
                partial?.skipped(Object.resource, because: error) ?? Self.skip(DecodingFailure.describe(error))
            )
        }
    }

    private static func event(
        _ type: String,
        _ container: KeyedDecodingContainer<CodingKeys>
    ) throws -> WatchEvent<Object> {
        switch type {
        case "ADDED": return .added(try object(container))
        case "MODIFIED": return .modified(try object(container))
        case "DELETED": return .deleted(try object(container))
        case "BOOKMARK":
            let bookmark = try container.decode(PartialObject.self, forKey: .object)
            guard let version = bookmark.resourceVersion else {
                return .skipped(skip("metadata.resourceVersion is missing"))
            }
            return .bookmark(resourceVersion: version, endsInitialEvents: bookmark.endsInitialEvents)
        case "ERROR": return .error(try container.decode(KubeStatus.self, forKey: .object))
        default: return .skipped(skip("'\(type.prefix(40))' is no known type of event"))
        }
    }

    private static func object(_ container: KeyedDecodingContainer<CodingKeys>) throws -> Object {
        var object = try container.decode(Object.self, forKey: .object)
        object.apiVersion = Object.resource.apiVersion
        object.kind = Object.resource.kind
        return object
    }

    private static func skip(_ reason: String) -> SkippedObject {
        SkippedObject(resource: Object.resource, key: nil, resourceVersion: nil, reason: reason)
    }

    private enum CodingKeys: CodingKey {
        case type
        case object
    }
}
