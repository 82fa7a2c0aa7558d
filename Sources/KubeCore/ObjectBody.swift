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
        var body = try value(object)
        body["status"] = nil
        for field in ["uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp"] {
            body["metadata"]?[field] = nil
        }
        return try KubeJSON.encoder().encode(body)
    }

    /// What an apply of the status may hold.
    ///
    /// The spec must not be there: the manager would become its owner.
    static func status<Object: KubeObject>(_ object: Object) throws -> Data {
        let whole = try value(object)
        var metadata: [String: JSONValue] = ["name": .string(object.metadata.name)]
        metadata["namespace"] = object.metadata.namespace.map(JSONValue.string)
        var body: [String: JSONValue] = ["metadata": .object(metadata)]
        body["apiVersion"] = whole["apiVersion"]
        body["kind"] = whole["kind"]
        body["status"] = whole["status"] ?? .object([:])
        return try KubeJSON.encoder().encode(JSONValue.object(body))
    }

    static func deleteOptions(uid: String?, propagation: PropagationPolicy) throws -> Data {
        try KubeJSON.encoder().encode(
            DeleteOptions(
                propagationPolicy: propagation.rawValue,
                preconditions: uid.map { DeleteOptions.Preconditions(uid: $0) }
            )
        )
    }

    private static func value<Object: KubeObject>(_ object: Object) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: full(object))
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
