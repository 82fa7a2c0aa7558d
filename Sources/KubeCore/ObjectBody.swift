// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The bodies of requests about objects.
enum ObjectBody {
    /// The whole object.
    static func full<Object: KubeObject>(_ object: Object) throws -> Data {
        var object = object
        object.apiVersion = Object.resource.apiVersion
        object.kind = Object.resource.kind
        return try KubeJSON.encoder().encode(object)
    }

    /// What an apply may hold: neither the status nor what only the server writes.
    static func desired<Object: KubeObject>(_ object: Object) throws -> Data {
        var object = object
        object.dropStatus()
        object.metadata.uid = nil
        object.metadata.resourceVersion = nil
        object.metadata.generation = nil
        object.metadata.creationTimestamp = nil
        object.metadata.deletionTimestamp = nil
        return try full(object)
    }

    /// What an apply of the status may hold.
    ///
    /// The spec must not be there: the manager would become its owner.
    static func status<Object: StatusObject>(_ object: Object) throws -> Data {
        try KubeJSON.encoder().encode(
            StatusBody(
                apiVersion: Object.resource.apiVersion,
                kind: Object.resource.kind,
                metadata: ObjectMeta(name: object.metadata.name, namespace: object.metadata.namespace),
                status: object.status
            )
        )
    }

    static func deleteOptions(uid: String?, propagation: PropagationPolicy) throws -> Data {
        try KubeJSON.encoder().encode(
            DeleteOptions(
                propagationPolicy: propagation.rawValue,
                preconditions: uid.map { DeleteOptions.Preconditions(uid: $0) }
            )
        )
    }

    private struct StatusBody<Status: Encodable>: Encodable {
        var apiVersion: String
        var kind: String
        var metadata: ObjectMeta
        var status: Status?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(apiVersion, forKey: .apiVersion)
            try container.encode(kind, forKey: .kind)
            try container.encode(metadata, forKey: .metadata)
            // An empty status gives up every field that this manager had set.
            guard let status else { return try container.encode([String: String](), forKey: .status) }
            try container.encode(status, forKey: .status)
        }

        private enum CodingKeys: CodingKey {
            case apiVersion
            case kind
            case metadata
            case status
        }
    }

    private struct DeleteOptions: Encodable {
        var apiVersion = "v1"
        var kind = "DeleteOptions"
        var propagationPolicy: String
        var preconditions: Preconditions?

        struct Preconditions: Encodable {
            var uid: String
        }
    }
}
