// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import KubeCore

extension KubeClient {
    /// Asks the server which of these the client is not allowed, each once, in their order.
    ///
    /// One question each (SelfSubjectAccessReview), which every authenticated client may ask.
    package func denied(_ permissions: [Permission]) async throws -> [Permission] {
        var seen: Set<Permission> = []
        let distinct = permissions.filter { seen.insert($0).inserted }
        let refused = try await withThrowingTaskGroup(of: Permission?.self) { group in
            for permission in distinct {
                group.addTask { try await isAllowed(permission) ? nil : permission }
            }
            return try await group.reduce(into: Set<Permission>()) { refused, permission in
                if let permission { refused.insert(permission) }
            }
        }
        return distinct.filter(refused.contains)
    }

    /// Throws `KubeError.missingPermissions`, whose message names all of them, unless the client is allowed everything.
    package func requirePermissions(_ permissions: [Permission]) async throws {
        let denied = try await denied(permissions)
        guard denied.isEmpty else { throw KubeError.missingPermissions(denied) }
    }

    private func isAllowed(_ permission: Permission) async throws -> Bool {
        var attributes: [String: JSONValue] = [
            "verb": .string(permission.verb), "group": .string(permission.resource.group),
            "version": .string(permission.resource.version), "resource": .string(permission.resource.plural),
        ]
        attributes["subresource"] = permission.subresource.map(JSONValue.string)
        attributes["namespace"] = permission.namespace.map(JSONValue.string)
        let review = JSONValue.object([
            "apiVersion": .string("authorization.k8s.io/v1"), "kind": .string("SelfSubjectAccessReview"),
            "spec": .object(["resourceAttributes": .object(attributes)]),
        ])
        let request = KubeRequest(
            .post,
            path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            contentType: "application/json",
            body: try KubeJSON.encoder().encode(review),
            description: "ask whether to be allowed to \(permission)"
        )
        return try await send(request, as: Review.self).status.allowed
    }

    private struct Review: Decodable {
        var status: Status

        struct Status: Decodable {
            var allowed: Bool
        }
    }
}
