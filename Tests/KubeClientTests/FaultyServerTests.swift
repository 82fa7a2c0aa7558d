// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeCore
import KubeTestSupport
import Synchronization
import Testing

@testable import KubeClient

/// Writes whose answers are lost behind a real API server, refusals, and tokens that come and go.
@Suite(.enabled(if: PythonServer.isAvailable))
struct FaultyServerTests {
    final class Attempts: Sendable {
        let all = Mutex<[RequestAttempt]>([])
    }

    func options(_ attempts: Attempts = Attempts()) -> KubeClient.Options {
        KubeClient.Options(
            observe: { attempt in attempts.all.withLock { $0.append(attempt) } },
            sleep: { _ in }
        )
    }

    @Test("a write that the server took although its answer was lost counts as done, and is not sent twice")
    func lostAnswers() async throws {
        let plane = try await TestControlPlane.shared()
        let gateway = try await FaultyGateway(plane)
        let client = gateway.client(options())
        let namespace = try await plane.makeNamespace()
        let owner = OwnerReference(apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "u", controller: true)
        let map = ConfigMap(
            metadata: ObjectMeta(name: "a", namespace: namespace, labels: ["a/b": "c"], ownerReferences: [owner]),
            data: ["k": "v"]
        )
        try await gateway.set(FaultyGateway.Faults(lose: 1))
        let created = try await client.create(map)
        #expect(created.metadata.uid != nil && created.data == ["k": "v"])
        #expect(try await gateway.seen().map(\.method) == ["POST", "GET"])

        let now = MicroTime(Date(timeIntervalSince1970: 1_700_000_000.5))
        var lease = try await plane.client.create(
            Lease(
                metadata: ObjectMeta(name: "l", namespace: namespace),
                spec: LeaseSpec(holderIdentity: "a", leaseDurationSeconds: 15, acquireTime: now, renewTime: now)
            )
        )
        lease.spec?.holderIdentity = "b"
        try await gateway.set(FaultyGateway.Faults(lose: 1))
        #expect(try await client.replaceLease(lease).spec?.holderIdentity == "b")
        #expect(try await gateway.seen().map(\.method) == ["PUT", "GET"])

        try await gateway.set(FaultyGateway.Faults(lose: 1))
        try await client.delete(ConfigMap.self, namespace: namespace, name: "a", uid: created.metadata.uid)
        #expect(try await gateway.seen().map(\.method) == ["DELETE", "GET"])
        let gone = await #expect(throws: KubeError.self) {
            try await plane.client.get(ConfigMap.self, namespace: namespace, name: "a")
        }
        #expect(gone?.isNotFound == true)
    }

    @Test("a write that was lost on its way is passed on as an error, never made up")
    func lostRequests() async throws {
        let plane = try await TestControlPlane.shared()
        let gateway = try await FaultyGateway(plane)
        let client = gateway.client(options())
        let namespace = try await plane.makeNamespace()
        let map = ConfigMap(metadata: ObjectMeta(name: "a", namespace: namespace), data: ["k": "v"])
        try await gateway.set(FaultyGateway.Faults(drop: 1))
        let error = await #expect(throws: KubeError.self) { try await client.create(map) }
        #expect(error?.isRetryable == true)
        #expect(try await gateway.seen().map(\.method) == ["POST", "GET"])

        // Somebody else's object of that name is no success either.
        var other = map
        other.data = ["k": "other"]
        _ = try await plane.client.create(other)
        try await gateway.set(FaultyGateway.Faults(drop: 1))
        await #expect(throws: KubeError.self) { try await client.create(map) }
        try await gateway.set(FaultyGateway.Faults(drop: 1))
        let kept = await #expect(throws: KubeError.self) {
            try await client.delete(ConfigMap.self, namespace: namespace, name: "a")
        }
        #expect(kept?.isRetryable == true)
    }

    @Test("an apply whose answer was lost is sent again, and the server holds one object")
    func lostApply() async throws {
        let plane = try await TestControlPlane.shared()
        let gateway = try await FaultyGateway(plane)
        let namespace = try await plane.makeNamespace()
        let map = ConfigMap(metadata: ObjectMeta(name: "a", namespace: namespace), data: ["k": "v"])
        try await gateway.set(FaultyGateway.Faults(lose: 2))
        let applied = try await gateway.client(options()).apply(map, fieldManager: "m")
        #expect(applied.metadata.resourceVersion != nil)
        #expect(try await gateway.seen().map(\.method) == ["PATCH", "PATCH", "PATCH"])
        let stored = try await plane.client.get(ConfigMap.self, namespace: namespace, name: "a")
        #expect(stored == applied)
    }

    @Test("a creation that is refused with Retry-After and then finds its own object is a success")
    func repeatedCreate() async throws {
        let plane = try await TestControlPlane.shared()
        let gateway = try await FaultyGateway(plane)
        let namespace = try await plane.makeNamespace()
        let map = ConfigMap(metadata: ObjectMeta(name: "a", namespace: namespace), data: ["k": "v"])
        // What a server answers that was not sure whether its store had taken the object.
        try await gateway.set(FaultyGateway.Faults(refuse: 1, status: 500, retryAfter: 1))
        _ = try await plane.client.create(map)
        #expect(try await gateway.client(options()).create(map).data == ["k": "v"])
        #expect(try await gateway.seen().map(\.method) == ["POST", "POST", "GET"])
    }

    @Test(
        "429 and 503 with Retry-After are waited out at most ten times, and every try is counted",
        arguments: [429, 503]
    )
    func refusals(status: Int) async throws {
        let plane = try await TestControlPlane.shared()
        let gateway = try await FaultyGateway(plane)
        let attempts = Attempts()
        let client = gateway.client(options(attempts))
        try await gateway.set(FaultyGateway.Faults(refuse: 3, status: status, retryAfter: 2))
        _ = try await client.serverVersion()
        let tries = attempts.all.withLock { $0 }
        #expect(tries.map(\.code) == [status, status, status, 200] && tries.map(\.retries) == [0, 1, 2, 3])
        #expect(
            (tries.last?.responseBytes ?? 0) > 50 && tries.allSatisfy { $0.method == "GET" && $0.requestBytes == 0 }
        )
        try await gateway.set(FaultyGateway.Faults(refuse: 100, status: status, retryAfter: 2))
        let error = await #expect(throws: KubeError.self) { try await client.serverVersion() }
        #expect(error?.status?.code == status && attempts.all.withLock { $0.count } == 4 + 11)
    }

    @Test("without Retry-After a refused write is not sent again")
    func refusedWithoutTime() async throws {
        let plane = try await TestControlPlane.shared()
        let gateway = try await FaultyGateway(plane)
        let namespace = try await plane.makeNamespace()
        let map = ConfigMap(metadata: ObjectMeta(name: "a", namespace: namespace))
        try await gateway.set(FaultyGateway.Faults(refuse: 1, status: 429))
        let error = await #expect(throws: KubeError.self) { try await gateway.client(options()).create(map) }
        #expect(error?.status?.code == 429)
        #expect(try await gateway.seen().map(\.method) == ["POST"])
    }

    @Test("a token that is another one every ten seconds for an hour costs no request")
    func rotatingToken() async throws {
        let plane = try await TestControlPlane.shared()
        let gateway = try await FaultyGateway(plane)
        let folder = try TestFolder()
        let file = try folder.write("token", "token-0")
        try await gateway.set(FaultyGateway.Faults(tokenFile: file))
        let seconds = Mutex(0)
        let start = ContinuousClock.now
        var surroundings = CredentialSource.Surroundings()
        surroundings.now = { start + .seconds(seconds.withLock { $0 }) }
        var configuration = gateway.configuration
        configuration.token = .file(file)
        let client = KubeClient(
            configuration: configuration,
            transport: CurlTransport(),
            options: options(),
            credentials: CredentialSource(configuration, surroundings: surroundings)
        )
        for rotation in 1...360 {
            _ = try await client.serverVersion()
            try folder.write("token", "token-\(rotation)\n")
            seconds.withLock { $0 += 10 }
        }
        // A file that is away for a while keeps the token.
        try FileManager.default.removeItem(atPath: file)
        seconds.withLock { $0 += 120 }
        try await gateway.set(FaultyGateway.Faults())
        _ = try await client.serverVersion()
        #expect(try await gateway.seen().last?.headers["authorization"] == "Bearer token-359")
    }

    @Test("a hundred requests with an expired token run the plugin once more, and all of them succeed")
    func expiredPluginToken() async throws {
        let plane = try await TestControlPlane.shared()
        let gateway = try await FaultyGateway(plane)
        let folder = try TestFolder()
        let file = try folder.write("token", "old")
        try await gateway.set(FaultyGateway.Faults(tokenFile: file))
        let script = """
            echo run >> \(folder.path)/runs
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
            printf '"status":{"token":"%s"}}' "$(cat \(file))"
            """
        var configuration = gateway.configuration
        configuration.plugin = CredentialPlugin(
            command: "sh",
            arguments: [try folder.write("plugin", script)],
            environment: [],
            version: .v1,
            interactiveMode: .never,
            origin: ("test", "exec")
        )
        let client = KubeClient(configuration: configuration, transport: CurlTransport(), options: options())
        _ = try await client.serverVersion()
        try folder.write("token", "new")
        let versions = try await withThrowingTaskGroup(of: ServerVersion.self) { group in
            for _ in 0..<100 {
                group.addTask { try await client.over(client.transport, options: options()).serverVersion() }
            }
            return try await group.reduce(into: 0) { count, _ in count += 1 }
        }
        #expect(versions == 100)
        #expect(folder.read("runs") == "run\nrun\n")
    }

    @Test("a watch that is refused for its token starts with a new one")
    func watchWithOldToken() async throws {
        let plane = try await TestControlPlane.shared()
        let gateway = try await FaultyGateway(plane)
        let folder = try TestFolder()
        let file = try folder.write("token", "old")
        try await gateway.set(FaultyGateway.Faults(tokenFile: file))
        var configuration = gateway.configuration
        configuration.token = .file(file)
        let client = KubeClient(configuration: configuration, transport: CurlTransport(), options: options())
        _ = try await client.serverVersion()
        try folder.write("token", "new")
        for try await _ in client.watch(ConfigMap.self, options: ListOptions(timeoutSeconds: 1)) {}
        let seen = try await gateway.seen().map { $0.headers["authorization"] }
        #expect(seen == ["Bearer old", "Bearer old", "Bearer new"])
    }

    @Test("a client over connections of its own answers while every connection of another one is taken")
    func separateConnections() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace()
        var settings = plane.configuration.transport(allowsHTTP2: false)
        settings.maximumConnectionsPerHost = 2
        let requests = KubeClient(configuration: plane.configuration, transport: CurlTransport(settings))
        let leases = requests.over(CurlTransport(settings), options: options())
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Watches that never end hold both connections, and requests wait behind them.
            for _ in 0..<2 {
                group.addTask { for try await _ in requests.watch(Lease.self, namespace: namespace) {} }
            }
            for _ in 0..<100 { group.addTask { _ = try await requests.serverVersion() } }
            try await Task.sleep(for: .milliseconds(200))
            let lease = try await leases.create(Lease(metadata: ObjectMeta(name: "l", namespace: namespace)))
            for _ in 0..<10 {
                _ = try await leases.replaceLease(leases.get(Lease.self, namespace: namespace, name: "l"))
            }
            #expect(lease.metadata.uid != nil)
            group.cancelAll()
            while let result = await group.nextResult() {
                guard case .failure(let error) = result else { continue }
                #expect(error is CancellationError)
            }
        }
    }
}
