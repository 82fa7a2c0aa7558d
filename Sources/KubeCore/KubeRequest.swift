// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// A request to the Kubernetes API as a value: everything but the server's address and the credentials.
package struct KubeRequest: Sendable, Equatable, CustomStringConvertible {
    /// The HTTP method.
    package var method: Method
    /// The path, percent-encoded, from the leading slash on.
    package var path: String
    /// The query in order, not yet percent-encoded.
    package var query: [QueryItem]
    /// The content type of the body.
    package var contentType: String?
    /// The body.
    package var body: Data?
    /// The form of the answer to ask for; nil for plain JSON.
    package var accept: String?
    /// What is asked, in words for errors and logs, for instance `get jobs.batch default/train`.
    package var description: String

    /// An HTTP method.
    package enum Method: String, Sendable {
        /// Reads.
        case get = "GET"
        /// Creates.
        case post = "POST"
        /// Replaces.
        case put = "PUT"
        /// Changes in part.
        case patch = "PATCH"
        /// Deletes.
        case delete = "DELETE"
    }

    /// One item of the query.
    package struct QueryItem: Sendable, Equatable {
        /// The item's name.
        package var name: String
        /// The item's value.
        package var value: String

        /// Makes an item.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Makes a request for a path, for instance `/version` or `/apis`.
    package init(
        _ method: Method = .get,
        path: String,
        query: [QueryItem] = [],
        contentType: String? = nil,
        body: Data? = nil,
        description: String? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.contentType = contentType
        self.body = body
        self.description = description ?? "\(method.rawValue.lowercased()) \(path)"
    }

    /// The request for no more than the metadata of what it asks for.
    package func forMetadata(ofList isList: Bool = false) -> KubeRequest {
        var request = self
        let kind = isList ? "PartialObjectMetadataList" : "PartialObjectMetadata"
        request.accept = "application/json;as=\(kind);g=meta.k8s.io;v=v1"
        return request
    }

    /// Whether the request has the same effect when it arrives twice: reads, and server-side apply.
    package var mayRepeat: Bool { method == .get || contentType == "application/apply-patch+yaml" }

    /// Path and query, percent-encoded, as they follow the server's address.
    package var target: String {
        guard !query.isEmpty else { return path }
        let items = query.map { PercentEncoding.encode($0.name) + "=" + PercentEncoding.encode($0.value) }
        return path + "?" + items.joined(separator: "&")
    }
}

extension KubeRequest {
    /// Reads one object.
    package static func get(_ resource: ResourceType, namespace: String?, name: String) -> KubeRequest {
        KubeRequest(
            path: path(resource, namespace, name),
            description: "get \(resource) \(ObjectKey(namespace: namespace, name: name))"
        )
    }

    /// Lists objects; a nil namespace stands for all namespaces.
    package static func list(_ resource: ResourceType, namespace: String?, options: ListOptions) -> KubeRequest {
        KubeRequest(
            path: path(resource, namespace, nil),
            query: options.queryItems,
            description: "list \(resource)" + (namespace.map { " in \($0)" } ?? "")
        )
    }

    /// Watches objects, with bookmarks; a nil namespace stands for all namespaces.
    package static func watch(_ resource: ResourceType, namespace: String?, options: ListOptions) -> KubeRequest {
        KubeRequest(
            path: path(resource, namespace, nil),
            query: [QueryItem("watch", "true"), QueryItem("allowWatchBookmarks", "true")] + options.queryItems,
            description: "watch \(resource)" + (namespace.map { " in \($0)" } ?? "")
        )
    }

    /// Creates an object.
    package static func create<Object: KubeObject>(_ object: Object) throws -> KubeRequest {
        KubeRequest(
            .post,
            path: path(Object.resource, object.metadata.namespace, nil),
            contentType: "application/json",
            body: try ObjectBody.full(object),
            description: "create \(Object.resource) \(object.key)"
        )
    }

    /// Applies an object's desired state (server-side apply), without its status.
    package static func apply<Object: KubeObject>(
        _ object: Object,
        fieldManager: String,
        force: Bool
    ) throws -> KubeRequest {
        patch(
            Object.resource,
            object.key,
            .apply(fieldManager: fieldManager, force: force),
            body: try ObjectBody.desired(object),
            verb: "apply"
        )
    }

    /// Applies an object's status (server-side apply), and nothing but its status.
    package static func applyStatus<Object: StatusObject>(
        _ object: Object,
        fieldManager: String,
        force: Bool
    ) throws -> KubeRequest {
        patch(
            Object.resource,
            object.key,
            .apply(fieldManager: fieldManager, force: force),
            body: try ObjectBody.status(object),
            subresource: "status",
            verb: "apply status of"
        )
    }

    /// Merges a patch into an object's status.
    ///
    /// The body is the whole patch: `{"status": …}`.
    package static func mergePatchStatus(
        _ resource: ResourceType,
        namespace: String?,
        name: String,
        fieldManager: String?,
        body: Data
    ) -> KubeRequest {
        patch(
            resource,
            ObjectKey(namespace: namespace, name: name),
            .merge(fieldManager: fieldManager),
            body: body,
            subresource: "status",
            verb: "patch status of"
        )
    }

    /// Merges annotations into an object's, and nothing else.
    package static func annotate(
        _ resource: ResourceType,
        _ key: ObjectKey,
        _ annotations: [String: String],
        fieldManager: String
    ) throws -> KubeRequest {
        patch(
            resource,
            key,
            .merge(fieldManager: fieldManager),
            body: try KubeJSON.encoder().encode(["metadata": ["annotations": annotations]]),
            verb: "annotate"
        )
    }

    /// Replaces a lease, if it still is at the `resourceVersion` that it carries.
    ///
    /// Leases only: they are modelled in full, other types would lose the fields that Almanac does not know.
    package static func replaceLease(_ lease: Lease) throws -> KubeRequest {
        KubeRequest(
            .put,
            path: path(Lease.resource, lease.metadata.namespace, lease.metadata.name),
            contentType: "application/json",
            body: try ObjectBody.full(lease),
            description: "replace \(Lease.resource) \(lease.key)"
        )
    }

    /// Deletes an object; with a UID only that very object, not another one of the same name.
    package static func delete(
        _ resource: ResourceType,
        namespace: String?,
        name: String,
        uid: String? = nil,
        propagation: PropagationPolicy = .background
    ) throws -> KubeRequest {
        KubeRequest(
            .delete,
            path: path(resource, namespace, name),
            contentType: "application/json",
            body: try ObjectBody.deleteOptions(uid: uid, propagation: propagation),
            description: "delete \(resource) \(ObjectKey(namespace: namespace, name: name))"
        )
    }

    private static func patch(
        _ resource: ResourceType,
        _ key: ObjectKey,
        _ patch: Patch,
        body: Data,
        subresource: String? = nil,
        verb: String
    ) -> KubeRequest {
        KubeRequest(
            .patch,
            path: path(resource, key.namespace, key.name) + (subresource.map { "/\($0)" } ?? ""),
            query: patch.queryItems,
            contentType: patch.contentType,
            body: body,
            description: "\(verb) \(resource) \(key)"
        )
    }

    private static func path(_ resource: ResourceType, _ namespace: String?, _ name: String?) -> String {
        var path = resource.group.isEmpty ? "/api/" : "/apis/\(PercentEncoding.encode(resource.group))/"
        path += PercentEncoding.encode(resource.version)
        if resource.namespaced, let namespace { path += "/namespaces/\(PercentEncoding.encode(namespace))" }
        path += "/\(PercentEncoding.encode(resource.plural))"
        if let name { path += "/\(PercentEncoding.encode(name))" }
        return path
    }
}
