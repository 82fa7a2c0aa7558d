// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeClient
import KubeCore
import KubeTestSupport
import Testing

@testable import Operator

@Suite("What the operator is allowed", .serialized, .timeLimit(.minutes(2)))
struct PermissionTests {
    private static let manifests = ["operator/rbac.yaml", "namespaced/rbac.yaml"]

    /// `verb plural.group/subresource`, once each.
    private func granted(_ manifest: String) throws -> Set<String> {
        var found: Set<String> = []
        for object in try TestCluster.documents(manifest) {
            for rule in object["rules"] as? [[String: Any]] ?? [] {
                for group in rule["apiGroups"] as? [String] ?? [] {
                    for resource in rule["resources"] as? [String] ?? [] {
                        for verb in rule["verbs"] as? [String] ?? [] { found.insert("\(verb) \(group) \(resource)") }
                    }
                }
            }
        }
        return found
    }

    @Test("the roles in deploy grant exactly what the operator uses", arguments: manifests)
    func least(manifest: String) throws {
        let needed = OperatorPermissions.needed(in: nil, leaseNamespace: "x").map { permission in
            let part = permission.subresource.map { "/\($0)" } ?? ""
            return "\(permission.verb) \(permission.resource.group) \(permission.resource.plural)\(part)"
        }
        // The one thing that is asked for by admission and not by a request of ours.
        let granted = try granted(manifest).filter { !$0.hasSuffix("/finalizers") }
        #expect(granted == Set(needed))
    }

    @Test(
        "with the roles in deploy nothing is denied, and what is taken away is named",
        .enabled(if: TestControlPlane.isAvailable),
        arguments: manifests
    )
    func denied(manifest: String) async throws {
        let cluster = try await TestCluster.make(role: manifest)
        let isNamespaced = manifest.hasPrefix("namespaced")
        let needed = OperatorPermissions.needed(
            in: isNamespaced ? cluster.namespace : nil,
            leaseNamespace: cluster.namespace
        )
        try await cluster.operatorClient.requirePermissions(needed)
        let secrets = Permission("list", Secret.resource, namespace: cluster.namespace)
        #expect(try await cluster.operatorClient.denied(needed + [secrets]) == [secrets])
    }

    @Test("the whole way works with a role in one namespace", .enabled(if: TestControlPlane.isAvailable))
    func oneNamespace() async throws {
        let cluster = try await TestCluster.make(role: "namespaced/rbac.yaml")
        try await cluster.run(works: true, watchNamespace: cluster.namespace) { cluster in
            try await cluster.apply(Objects.pipeline())
            try await cluster.until("the service is ready") {
                try await cluster.service()?.status?.conditions?.holds("Ready") == true
            }
        }
    }
}
