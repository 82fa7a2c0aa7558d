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
        let type = try decoder.decode(TypeOnly.self, from: frame).type
        do {
            switch type {
            case "ADDED": self = .added(try Self.object(frame, decoder))
            case "MODIFIED": self = .modified(try Self.object(frame, decoder))
            case "DELETED": self = .deleted(try Self.object(frame, decoder))
            case "BOOKMARK":
                let bookmark = try decoder.decode(Frame<PartialObject>.self, from: frame).object
                guard let version = bookmark.resourceVersion else {
                    self = .skipped(Self.skip("metadata.resourceVersion is missing"))
                    return
                }
                self = .bookmark(resourceVersion: version, endsInitialEvents: bookmark.endsInitialEvents)
            case "ERROR": self = .error(try decoder.decode(Frame<KubeStatus>.self, from: frame).object)
            default: self = .skipped(Self.skip("'\(type.prefix(40))' is no known type of event"))
            }
        } catch {
            let partial = try? decoder.decode(Frame<PartialObject>.self, from: frame).object
            self = .skipped(
                partial?.skipped(Object.resource, because: error) ?? Self.skip(DecodingFailure.describe(error))
            )
        }
    }

    private static func object(_ frame: Data, _ decoder: JSONDecoder) throws -> Object {
        var object = try decoder.decode(Frame<Object>.self, from: frame).object
        object.apiVersion = Object.resource.apiVersion
        object.kind = Object.resource.kind
        return object
    }

    private static func skip(_ reason: String) -> SkippedObject {
        SkippedObject(resource: Object.resource, key: nil, resourceVersion: nil, reason: reason)
    }
}

private struct TypeOnly: Decodable {
    var type: String
}

private struct Frame<Content: Decodable>: Decodable {
    var object: Content
}
