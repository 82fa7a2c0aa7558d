// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeCore
import KubeTestSupport
import Synchronization
import Testing

@testable import KubeClient

/// What a real server says it has, and what it lets whom do.
@Suite(.enabled(if: TestControlPlane.isAvailable))
struct DiscoveryAndPermissionTests {
    static let pods = ResourceType(group: "", version: "v1", kind: "Pod", plural: "pods")

    @Test("the server's resources, versions and verbs are known, and the best version it has is chosen")
    func discovery() async throws {
        let plane = try await TestControlPlane.shared()
        let found = try await plane.client.discover()
        #expect(found.serves(Job.resource, verbs: ["create", "list", "watch", "delete"]))
        #expect(found.serves(Self.pods) && !found.serves(Self.pods, verbs: ["sing"]))
        #expect(found.serves(Job.resource, subresource: "status") && !found.serves(Job.resource, subresource: "scale"))
        var wrong = Job.resource
        wrong.namespaced = false
        #expect(!found.serves(wrong))
        func scaler(_ version: String) -> ResourceType {
            let kind = "HorizontalPodAutoscaler"
            return ResourceType(group: "autoscaling", version: version, kind: kind, plural: "\(kind.lowercased())s")
        }
        let group = try #require(found.groups.groups.first { $0.name == "autoscaling" })
        let versions = group.versions.map(\.version)
        let chosen = found.preferred(among: [scaler("v9"), scaler("v1"), scaler("v2beta1")])
        #expect(versions.contains("v1") && chosen == scaler("v1"))
        #expect(found.preferred(among: [scaler("v9")]) == nil)
        #expect(found.unreachable.isEmpty)
        let some = try await plane.client.discover(only: ["batch/v1"])
        #expect(some.serves(Job.resource) && !some.serves(Self.pods))
    }

    @Test("a resource that comes later is found when the server is asked again, and one behind a dead server is noted")
    func refreshing() async throws {
        let plane = try await TestControlPlane.shared()
        let group = "g\(UInt32.random(in: 0...UInt32.max)).example.com"
        let type = ResourceType(group: group, version: "v1", kind: "Thing", plural: "things")
        #expect(try await !plane.client.discover().serves(type))
        let definition = """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
             "metadata":{"name":"things.\(group)"},"spec":{"group":"\(group)","scope":"Namespaced",
             "names":{"kind":"Thing","plural":"things"},"versions":[{"name":"v1","served":true,"storage":true,
             "subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
            """
        // A service that nobody runs.
        let dead = """
            {"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"v1.dead.\(group)"},
             "spec":{"group":"dead.\(group)","version":"v1","groupPriorityMinimum":10,"versionPriority":10,
             "service":{"name":"nobody","namespace":"default"},"insecureSkipTLSVerify":true}}
            """
        let posts = [
            ("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition),
            ("/apis/apiregistration.k8s.io/v1/apiservices", dead),
        ]
        for (path, body) in posts {
            let request = KubeRequest(.post, path: path, contentType: "application/json", body: Data(body.utf8))
            _ = try await plane.client.send(request)
        }
        var found = try await plane.client.discover()
        func isComplete() -> Bool { found.serves(type) && found.unreachable["dead.\(group)/v1"] != nil }
        for _ in 0..<100 where !isComplete() {
            try await Task.sleep(for: .milliseconds(100))
            found = try await plane.client.discover()
        }
        #expect(found.serves(type, subresource: "status") && found.serves(Job.resource))
        #expect(found.unreachable["dead.\(group)/v1"]?.contains("503") == true)
        _ = try await plane.client.send(
            KubeRequest(.delete, path: "/apis/apiregistration.k8s.io/v1/apiservices/v1.dead.\(group)")
        )
    }

    /// A client that acts as somebody, with what impersonation says about them.
    func client(_ plane: TestControlPlane, as user: KubeConfiguration.Impersonation) -> KubeClient {
        var configuration = plane.configuration
        configuration.impersonation = user
        return KubeClient(configuration: configuration, transport: CurlTransport(configuration.transport()))
    }

    func grant(_ plane: TestControlPlane, _ namespace: String, user: String, rules: String) async throws {
        let api = "rbac.authorization.k8s.io"
        let role = #"{"apiVersion":"\#(api)/v1","kind":"Role","metadata":{"name":"r"},"rules":[\#(rules)]}"#
        let binding = """
            {"apiVersion":"\(api)/v1","kind":"RoleBinding","metadata":{"name":"b"},
             "roleRef":{"apiGroup":"\(api)","kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"\(user)"}]}
            """
        for (plural, body) in [("roles", role), ("rolebindings", binding)] {
            let path = "/apis/\(api)/v1/namespaces/\(namespace)/\(plural)"
            _ = try await plane.client.send(
                KubeRequest(.post, path: path, contentType: "application/json", body: Data(body.utf8))
            )
        }
    }

    @Test("every missing permission is named once, in one message")
    func permissions() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace()
        let user = "user-\(namespace)"
        let rule = #"{"apiGroups":["batch"],"resources":["jobs"],"verbs":["create","list"]}"#
        try await grant(plane, namespace, user: user, rules: rule)
        let client = client(plane, as: KubeConfiguration.Impersonation(user: user))
        let wanted = [
            Permission("create", Job.resource, namespace: namespace),
            Permission("delete", Job.resource, namespace: namespace),
            Permission("patch", Job.resource, namespace: namespace),
            Permission("patch", Job.resource, subresource: "status", namespace: namespace),
            Permission("list", Secret.resource),
            Permission("list", Job.resource, namespace: namespace),
            Permission("delete", Job.resource, namespace: namespace),
        ]
        var denied = try await client.denied(wanted)
        // The authorizer learns of the role a little later.
        for _ in 0..<100 where denied.contains(wanted[0]) {
            try await Task.sleep(for: .milliseconds(50))
            denied = try await client.denied(wanted)
        }
        #expect(denied == [wanted[1], wanted[2], wanted[3], wanted[4]])
        let error = await #expect(throws: KubeError.self) { try await client.requirePermissions(wanted) }
        #expect(
            error?.description == "not allowed to delete, patch jobs.batch in \(namespace); "
                + "patch jobs.batch/status in \(namespace); list secrets in all namespaces; "
                + "grant this by a Role or ClusterRole and its binding"
        )
        #expect(error?.isRetryable == false)
        try await plane.client.requirePermissions(wanted)
    }

    @Test("act-as sends user, groups and further facts, and the server takes the client for that user")
    func impersonation() async throws {
        let plane = try await TestControlPlane.shared()
        let somebody = KubeConfiguration.Impersonation(
            user: "somebody-7",
            groups: ["g", "system:masters"],
            extra: ["example.com/Scope%": ["a", "b"]]
        )
        // In the group of administrators: everything is allowed.
        _ = try await client(plane, as: somebody).list(Secret.self, namespace: "default")
        let alone = client(plane, as: KubeConfiguration.Impersonation(user: "somebody-7"))
        let error = await #expect(throws: KubeError.self) { try await alone.list(Secret.self, namespace: "default") }
        #expect(error?.isForbidden == true && error?.description.contains(#"User "somebody-7""#) == true)
        var all = somebody
        all.uid = "u"
        #expect(
            all.headers == [
                HTTPHeader("Impersonate-User", "somebody-7"), HTTPHeader("Impersonate-Uid", "u"),
                HTTPHeader("Impersonate-Group", "g"), HTTPHeader("Impersonate-Group", "system:masters"),
                HTTPHeader("Impersonate-Extra-example.com%2FScope%25", "a"),
                HTTPHeader("Impersonate-Extra-example.com%2FScope%25", "b"),
            ]
        )
    }

    @Test("where only metadata is asked for, no data comes over the wire, in lists and in watches")
    func metadataOnly() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace()
        let secret = Secret(metadata: ObjectMeta(name: "s", namespace: namespace, labels: ["a": "b"]))
        let stored = try await plane.client.create(secret)
        let sizes = FaultyServerTests.Attempts()
        let client = plane.client.over(
            CurlTransport(plane.configuration.transport()),
            options: KubeClient.Options(observe: { attempt in sizes.all.withLock { $0.append(attempt) } })
        )
        let map = ConfigMap(
            metadata: ObjectMeta(name: "big", namespace: namespace),
            data: ["k": String(repeating: "x", count: 500_000)]
        )
        _ = try await plane.client.create(map)
        let list = try await client.list(MetadataOnly<ConfigMap>.self, namespace: namespace)
        #expect(list.items.map(\.metadata.name).contains("big") && list.items.first?.kind == "ConfigMap")
        #expect((sizes.all.withLock { $0.last?.responseBytes } ?? .max) < 50_000)
        let one = try await client.get(MetadataOnly<Secret>.self, namespace: namespace, name: "s")
        #expect(one.metadata == stored.metadata)
        let events = client.watch(
            MetadataOnly<Secret>.self,
            namespace: namespace,
            options: ListOptions(resourceVersion: "0")
        )
        for try await event in events {
            guard case .added(let found) = event else { continue }
            #expect(found.metadata.labels == ["a": "b"])
            break
        }
    }

    @Test("two who change one object at a time lose no change, and a conflict that stays is passed on")
    func conflicts() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace()
        let client = plane.client
        _ = try await client.create(
            Lease(metadata: ObjectMeta(name: "l", namespace: namespace), spec: LeaseSpec(leaseDurationSeconds: 1))
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10 {
                        try await client.retryingConflicts(tries: 50) {
                            var lease = try await client.get(Lease.self, namespace: namespace, name: "l")
                            let count = lease.spec?.leaseDurationSeconds ?? 0
                            lease.spec?.leaseDurationSeconds = count + 1
                            _ = try await client.replaceLease(lease)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let lease = try await client.get(Lease.self, namespace: namespace, name: "l")
        #expect(lease.spec?.leaseDurationSeconds == 41)
        var stale = lease
        stale.metadata.resourceVersion = "1"
        var tries = 0
        let error = await #expect(throws: KubeError.self) {
            try await client.retryingConflicts {
                tries += 1
                _ = try await client.replaceLease(stale)
            }
        }
        #expect(tries == 5 && error?.isConflict == true)
    }

    @Test("a refused apply names the other manager and the field")
    func fieldConflicts() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace()
        var map = ConfigMap(metadata: ObjectMeta(name: "a", namespace: namespace), data: ["k": "1", "own": "1"])
        _ = try await plane.client.apply(map, fieldManager: "somebody-else")
        map.data = ["k": "2"]
        let error = await #expect(throws: KubeError.self) {
            try await plane.client.apply(map, fieldManager: "almanac-operator", force: false)
        }
        #expect(error?.fieldConflicts == [FieldConflict(manager: "somebody-else", field: ".data.k")])
        #expect(error?.fieldConflicts.first?.description == ".data.k belongs to somebody-else")
        // With force, the fields that are not in the body stay the other one's.
        let forced = try await plane.client.apply(map, fieldManager: "almanac-operator", force: true)
        #expect(forced.data == ["k": "2", "own": "1"])
    }
}
