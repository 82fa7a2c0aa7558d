// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import KubeCore

extension KubeClient {
    /// Reads one object.
    package func get<Object: KubeObject>(
        _ type: Object.Type,
        namespace: String? = nil,
        name: String
    ) async throws -> Object {
        let request = KubeRequest.get(Object.resource, namespace: namespace, name: name)
        return try await object(Object.isMetadataOnly ? request.forMetadata() : request)
    }

    /// Reads one page of objects, all of them where `options` set no limit; a nil namespace stands for all namespaces.
    package func list<Object: KubeObject>(
        _ type: Object.Type,
        namespace: String? = nil,
        options: ListOptions = ListOptions()
    ) async throws -> KubeList<Object> {
        let request = KubeRequest.list(Object.resource, namespace: namespace, options: options)
        return try await send(
            Object.isMetadataOnly ? request.forMetadata(ofList: true) : request,
            as: KubeList<Object>.self
        )
    }

    /// Creates an object and returns it as the server stored it.
    ///
    /// Never sent twice where the server may have taken it. Where no answer comes, an object that holds all that was
    /// asked for counts as created; otherwise the error is passed on.
    package func create<Object: KubeObject>(_ object: Object) async throws -> Object {
        let request = try encoded(Object.self) { try .create(object) }
        return try await settled(request, object.key)
    }

    /// Applies an object's desired state (server-side apply), creating it where it is not there.
    ///
    /// An apply has the same effect however often it arrives, so it is sent again after a lost connection.
    package func apply<Object: KubeObject>(
        _ object: Object,
        fieldManager: String,
        force: Bool = true
    ) async throws -> Object {
        try await self.object(
            encoded(Object.self) { try .apply(object, fieldManager: fieldManager, force: force) }
        )
    }

    /// Applies an object's status (server-side apply); the object has to be there.
    package func applyStatus<Object: StatusObject>(
        _ object: Object,
        fieldManager: String,
        force: Bool = true
    ) async throws -> Object {
        try await self.object(
            encoded(Object.self) { try .applyStatus(object, fieldManager: fieldManager, force: force) }
        )
    }

    /// Merges fields into an object's status; a null removes its field.
    package func mergeStatus<Object: KubeObject>(
        _ type: Object.Type,
        namespace: String?,
        name: String,
        status: JSONValue,
        fieldManager: String? = nil
    ) async throws -> Object {
        let request = try encoded(Object.self) {
            KubeRequest.mergePatchStatus(
                Object.resource,
                namespace: namespace,
                name: name,
                fieldManager: fieldManager,
                body: try KubeJSON.encoder().encode(["status": status])
            )
        }
        return try await settled(request, ObjectKey(namespace: namespace, name: name))
    }

    /// Sets annotations of an object and leaves its others alone; `KubeError.isNotFound` where it is gone.
    package func annotate<Object: KubeObject>(
        _ type: Object.Type,
        _ key: ObjectKey,
        _ annotations: [String: String],
        fieldManager: String
    ) async throws -> MetadataOnly<Object> {
        let request = try encoded(Object.self) {
            try KubeRequest.annotate(Object.resource, key, annotations, fieldManager: fieldManager)
        }
        return try await settled(request, key)
    }

    /// Replaces a lease if it is still at the `resourceVersion` that it carries; `KubeError.isConflict` if it is not.
    package func replaceLease(_ lease: Lease) async throws -> Lease {
        let request = try encoded(Lease.self) { try .replaceLease(lease) }
        return try await settled(request, lease.key)
    }

    /// Deletes an object; with a UID only that very object (`KubeError.isConflict` if it is another one by now).
    package func delete<Object: KubeObject>(
        _ type: Object.Type,
        namespace: String? = nil,
        name: String,
        uid: String? = nil,
        propagation: PropagationPolicy = .background
    ) async throws {
        let request = try encoded(Object.self) {
            try .delete(Object.resource, namespace: namespace, name: name, uid: uid, propagation: propagation)
        }
        try await settledDelete(type, request, ObjectKey(namespace: namespace, name: name), uid: uid)
    }

    /// The server's version.
    package func serverVersion() async throws -> ServerVersion {
        try await send(KubeRequest(path: "/version"), as: ServerVersion.self)
    }

    /// The API groups that the server has.
    package func apiGroups() async throws -> APIGroupList {
        try await send(KubeRequest(path: "/apis"), as: APIGroupList.self)
    }

    private func object<Object: KubeObject>(_ request: KubeRequest) async throws -> Object {
        try await send(request, as: Object.self)
    }

    /// A body that cannot be encoded, for instance because it holds a number that is none, is the caller's error.
    private func encoded<Object: KubeObject>(
        _ type: Object.Type,
        _ make: () throws -> KubeRequest
    ) throws -> KubeRequest {
        do {
            return try make()
        } catch {
            throw KubeError.undecodable(
                request: "a request about \(Object.resource)",
                reason: "the object cannot be written as JSON"
            )
        }
    }
}
