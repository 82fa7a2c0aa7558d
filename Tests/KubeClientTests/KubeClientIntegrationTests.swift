// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeClient
import KubeCore
import KubeTestSupport
import Testing

@Suite(.enabled(if: TestControlPlane.isAvailable))
struct KubeClientIntegrationTests {
    @Test("objects are created, read and deleted, and refusals say what they are")
    func lifeCycle() async throws {
        let plane = try await TestControlPlane.shared()
        let client = plane.client
        let namespace = try await plane.makeNamespace()
        let map = ConfigMap(metadata: ObjectMeta(name: "a", namespace: namespace), data: ["k": "v"])

        let created = try await client.create(map)
        #expect(created.metadata.uid != nil)
        #expect(try await client.get(ConfigMap.self, namespace: namespace, name: "a") == created)

        var error = await #expect(throws: KubeError.self) { try await client.create(map) }
        #expect(error?.isAlreadyExists == true && error?.isConflict == false)

        error = await #expect(throws: KubeError.self) {
            try await client.delete(ConfigMap.self, namespace: namespace, name: "a", uid: "another")
        }
        #expect(error?.isConflict == true)
        try await client.delete(ConfigMap.self, namespace: namespace, name: "a", uid: created.metadata.uid)
        error = await #expect(throws: KubeError.self) {
            try await client.get(ConfigMap.self, namespace: namespace, name: "a")
        }
        #expect(error?.isNotFound == true)
        #expect(error?.description.contains("get configmaps \(namespace)/a") == true)
    }

    @Test("pages of a list add up to the whole list")
    func paging() async throws {
        let plane = try await TestControlPlane.shared()
        let client = plane.client
        let namespace = try await plane.makeNamespace()
        for index in 0..<7 {
            _ = try await client.create(ConfigMap(metadata: ObjectMeta(name: "m\(index)", namespace: namespace)))
        }
        var names: [String] = []
        var token: String?
        repeat {
            let page = try await client.list(
                ConfigMap.self,
                namespace: namespace,
                options: ListOptions(limit: 3, continueToken: token)
            )
            #expect(page.items.count <= 3)
            #expect(page.items.allSatisfy { $0.kind == "ConfigMap" && $0.apiVersion == "v1" })
            names += page.items.map(\.metadata.name)
            token = page.continueToken
        } while token != nil
        #expect(names.sorted() == (0..<7).map { "m\($0)" })
    }

    func change(_ event: WatchEvent<ConfigMap>) throws -> (String, ConfigMap?) {
        switch event {
        case .added(let map): return ("added", map)
        case .modified(let map): return ("modified", map)
        case .deleted(let map): return ("deleted", map)
        case .bookmark: return ("", nil)
        case .error, .skipped: throw PythonServer.Failure(line: "unexpected \(event)")
        }
    }

    @Test("a watch reports changes in order, and a version that is gone is reported as gone")
    func watching() async throws {
        let plane = try await TestControlPlane.shared()
        let client = plane.client
        let namespace = try await plane.makeNamespace()
        var version = try await client.list(ConfigMap.self, namespace: namespace).resourceVersion
        var map = ConfigMap(metadata: ObjectMeta(name: "w", namespace: namespace), data: ["k": "1\u{2028}\u{85}\r"])
        _ = try await client.create(map)
        map.data = ["k": "2"]
        _ = try await client.apply(map, fieldManager: "test")
        try await client.delete(ConfigMap.self, namespace: namespace, name: "w")

        var seen: [String] = []
        // A server may end a watch at any time; the next one goes on behind the last event.
        while seen.count < 3 {
            let options = ListOptions(resourceVersion: version)
            for try await event in client.watch(ConfigMap.self, namespace: namespace, options: options) {
                let (what, map) = try change(event)
                guard let map else { continue }
                seen.append("\(what) \(map.data?["k"] ?? "")")
                version = map.metadata.resourceVersion
                if seen.count == 3 { break }
            }
        }
        #expect(seen == ["added 1\u{2028}\u{85}\r", "modified 2", "deleted 2"])
    }

    @Test("an object as large as the server takes is written, listed and watched whole")
    func largeObject() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace()
        // Escaped on the wire, so that the frame is three times as large as the data.
        let text = String(repeating: "\u{1}é\"", count: 200_000)
        let map = ConfigMap(metadata: ObjectMeta(name: "large", namespace: namespace), data: ["k": text])
        let created = try await plane.client.create(map)
        #expect(
            try await plane.client.list(ConfigMap.self, namespace: namespace).items.contains { $0.data == map.data }
        )
        let events = plane.client.watch(
            ConfigMap.self,
            namespace: namespace,
            options: ListOptions(fieldSelector: "metadata.name=large", resourceVersion: "0")
        )
        for try await event in events {
            guard case .added(let found) = event else { continue }
            #expect(found == created)
            break
        }
    }

    @Test("a watch on which nothing comes fails after its idle time, and the next one works")
    func silentWatch() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace()
        let client = plane.client.over(
            CurlTransport(plane.configuration.transport()),
            options: KubeClient.Options(watchIdleTimeout: .seconds(2))
        )
        let list = try await client.list(Lease.self, namespace: namespace)
        let options = ListOptions(resourceVersion: list.resourceVersion)
        let error = await #expect(throws: KubeError.self) {
            for try await _ in client.watch(Lease.self, namespace: namespace, options: options) {}
        }
        #expect(error?.isRetryable == true)
        guard case .transport(.timedOut(_, .seconds(2)), _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        _ = try await client.create(Lease(metadata: ObjectMeta(name: "l", namespace: namespace)))
        for try await event in client.watch(Lease.self, namespace: namespace, options: options) {
            if case .added(let lease) = event, lease.metadata.name == "l" { break }
        }
    }

    @Test("versions and pages that are gone are reported as gone")
    func gone() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace()
        for index in 0..<3 {
            _ = try await plane.client.create(Secret(metadata: ObjectMeta(name: "s\(index)", namespace: namespace)))
        }
        let page = try await plane.client.list(Secret.self, namespace: namespace, options: ListOptions(limit: 1))
        // Two, because a watch begins behind the version that it names.
        _ = try await plane.client.create(Secret(metadata: ObjectMeta(name: "s3", namespace: namespace)))
        let last = try await plane.client.create(Secret(metadata: ObjectMeta(name: "s4", namespace: namespace)))
        try await plane.compact(to: try #require(last.metadata.resourceVersion))

        let error = await #expect(throws: KubeError.self) {
            try await plane.client.list(
                Secret.self,
                namespace: namespace,
                options: ListOptions(limit: 1, continueToken: page.continueToken)
            )
        }
        #expect(error?.isGone == true)

        let stale = plane.client.watch(
            Secret.self,
            namespace: namespace,
            options: ListOptions(resourceVersion: page.resourceVersion)
        )
        var isGone = false
        for try await event in stale {
            if case .error(let status) = event { isGone = status.isGone }
        }
        #expect(isGone)
    }

    @Test("a watch that the server ends after its time ends without an error, and its bookmarks carry versions")
    func bookmarks() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace()
        let list = try await plane.client.list(ConfigMap.self, namespace: namespace)
        let events = plane.client.watch(
            ConfigMap.self,
            namespace: namespace,
            options: ListOptions(resourceVersion: list.resourceVersion, timeoutSeconds: 3)
        )
        var bookmarks = 0
        for try await event in events {
            guard case .bookmark(let version, _) = event else { continue }
            #expect(UInt64(version) != nil)
            bookmarks += 1
        }
        // The API promises no bookmarks: a server whose cache has not dispatched an event yet sends none.
        if bookmarks == 0 { print("skip: the server sent no bookmark, so none was checked") }
    }

    @Test("server-side apply owns its fields, and a conflict names the other manager")
    func applying() async throws {
        let plane = try await TestControlPlane.shared()
        let client = plane.client
        let namespace = try await plane.makeNamespace()
        var map = ConfigMap(
            metadata: ObjectMeta(name: "a", namespace: namespace, labels: ["app.kubernetes.io/name": "a"]),
            data: ["a": "1", "b": "1"]
        )
        _ = try await client.apply(map, fieldManager: "one")
        map.data = ["a": "1"]
        let second = try await client.apply(map, fieldManager: "one")
        #expect(second.data == ["a": "1"])

        map.data = ["a": "2"]
        let error = await #expect(throws: KubeError.self) {
            try await client.apply(map, fieldManager: "two", force: false)
        }
        #expect(error?.isConflict == true)
        #expect(error?.status?.details?.causes?.contains { $0.message?.contains("one") == true } == true)
        #expect(try await client.apply(map, fieldManager: "two", force: true).data == ["a": "2"])
    }

    @Test("the status of a Job is applied and merged without touching its spec")
    func status() async throws {
        let plane = try await TestControlPlane.shared()
        let client = plane.client
        let namespace = try await plane.makeNamespace()
        let container = Container(
            name: "main",
            image: "x",
            resources: ResourceRequirements(limits: ["memory": "1Gi"]),
            securityContext: SecurityContext(
                allowPrivilegeEscalation: false,
                runAsNonRoot: true,
                capabilities: Capabilities(drop: ["ALL"]),
                seccompProfile: SeccompProfile(type: "RuntimeDefault")
            )
        )
        var job = Job(
            metadata: ObjectMeta(name: "j", namespace: namespace),
            spec: JobSpec(
                template: PodTemplateSpec(spec: PodSpec(containers: [container], restartPolicy: "Never")),
                backoffLimit: 2
            )
        )
        let created = try await client.apply(job, fieldManager: "test")
        #expect(created.spec?.template.spec.containers.first?.securityContext?.capabilities?.drop == ["ALL"])

        job.spec = nil
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        job.status = JobStatus(
            conditions: [StatusCondition(type: "Failed", status: "True", reason: "Test", message: "m")],
            startTime: start
        )
        let applied = try await client.applyStatus(job, fieldManager: "test")
        #expect(applied.status?.startTime == start)
        #expect(applied.status?.conditions?.first?.reason == "Test")
        #expect(applied.spec?.backoffLimit == 2)

        let merged = try await client.mergeStatus(
            Job.self,
            namespace: namespace,
            name: "j",
            status: .object(["failed": .int(1), "startTime": .null])
        )
        #expect(merged.status?.failed == 1 && merged.status?.startTime == nil)
    }

    @Test("a lease is replaced only at the version that was read")
    func leases() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace()
        let now = MicroTime(Date(timeIntervalSince1970: 1_700_000_000.123456))
        var lease = try await plane.client.create(
            Lease(
                metadata: ObjectMeta(name: "l", namespace: namespace),
                spec: LeaseSpec(holderIdentity: "a", leaseDurationSeconds: 15, acquireTime: now, renewTime: now)
            )
        )
        #expect(lease.spec?.renewTime == now)
        let stale = lease
        lease.spec?.holderIdentity = "b"
        #expect(try await plane.client.replaceLease(lease).spec?.holderIdentity == "b")
        let error = await #expect(throws: KubeError.self) { try await plane.client.replaceLease(stale) }
        #expect(error?.isConflict == true)
    }

    @Test("a token opens the server, a wrong one does not, and no error shows it")
    func tokens() async throws {
        let plane = try await TestControlPlane.shared()
        var configuration = plane.tokenConfiguration
        let transport = CurlTransport(configuration.transport())
        let version = try await KubeClient(configuration: configuration, transport: transport).serverVersion()
        #expect(version.isAtLeast(minor: 20))
        configuration.token = .inline("canary-4711")
        let client = KubeClient(configuration: configuration, transport: transport)
        let error = await #expect(throws: KubeError.self) { try await client.apiGroups() }
        #expect(error?.isUnauthorized == true)
        #expect(!"\(String(describing: error)) \(configuration)".contains("canary"))
        await transport.shutdown()
    }

    @Test("the groups of the server are listed, and an event can be written")
    func discoveryAndEvents() async throws {
        let plane = try await TestControlPlane.shared()
        let groups = try await plane.client.apiGroups()
        #expect(groups.has(group: "batch", version: "v1"))
        #expect(groups.has(group: "events.k8s.io", version: "v1"))
        #expect(!groups.has(group: "almanac.dev", version: "v9"))
        let namespace = try await plane.makeNamespace()
        var event = Event(metadata: ObjectMeta(name: "e", namespace: namespace))
        event.eventTime = MicroTime(Date())
        event.reportingController = "almanac.dev/test"
        event.reportingInstance = "test-1"
        event.action = "Testing"
        event.reason = "Tested"
        event.type = "Normal"
        event.regarding = ObjectReference(apiVersion: "v1", kind: "ConfigMap", namespace: namespace, name: "x")
        #expect(try await plane.client.create(event).eventTime == event.eventTime)
    }
}
