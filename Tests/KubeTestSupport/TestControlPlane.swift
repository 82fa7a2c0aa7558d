// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
package import KubeClient
import KubeCore

/// A real Kubernetes API server with its etcd, on loopback, for the tests of this process.
///
/// Nothing else of a cluster runs: no pod starts, nothing is garbage collected, no namespace ever finishes going. The
/// servers die with this process in any case: a shell that watches over them notices when its standard input ends.
package final class TestControlPlane: Sendable {
    /// Reaches the server as a cluster administrator, by client certificate.
    package let configuration: KubeConfiguration
    /// Reaches the server as a cluster administrator, by token.
    package let tokenConfiguration: KubeConfiguration
    /// The folder with keys, certificates and the servers' logs; removed with the servers.
    package let folder: String

    /// The API server's port on loopback.
    package let port: UInt16

    private let etcd: String
    private let supervisor: ServerSupervisor
    private let transport: CurlTransport

    /// Why there can be no control plane on this machine; nil if there can.
    package static let unavailable: String? = {
        let reason = TestBinaries.missing
        if let reason { print("skipped: tests with a Kubernetes API server: \(reason)") }
        return reason
    }()

    /// For `.enabled(if:)`.
    package static var isAvailable: Bool { unavailable == nil }

    /// The one control plane of this process, started by whoever asks first; suites use namespaces of their own.
    package static func shared() async throws -> TestControlPlane { try await single.value }

    // The only unstructured task here: it belongs to the process, not to the test that happens to come first.
    private static let single = Task { try await start() }

    /// Starts a control plane. `flags` are added to the API server's.
    package static func start(flags: [String] = []) async throws -> TestControlPlane {
        guard let binaries = TestBinaries.found else {
            throw TestControlPlaneError.unavailable(TestBinaries.missing ?? "")
        }
        let folder = NSTemporaryDirectory() + "almanac-control-plane-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try TestCertificates.make(in: folder, openssl: binaries.openssl)
        let token = UUID().uuidString
        try Data("\(token),admin,admin,\"system:masters\"\n".utf8).write(to: URL(filePath: folder + "/tokens.csv"))
        let ports = try FreePorts.take(3)
        let supervisor = try ServerSupervisor(
            commands: [
                etcdCommand(binaries.etcd, folder, ports),
                apiServerCommand(
                    binaries.apiServer,
                    folder,
                    etcd: "http://127.0.0.1:\(ports[0])",
                    port: ports[2]
                ) + flags,
            ],
            folder: folder
        )
        let server = "https://127.0.0.1:\(ports[2])"
        let tls = CurlTransport.TLS(
            ca: .file(folder + "/ca.crt"),
            clientCertificate: .file(folder + "/admin.crt"),
            clientKey: .file(folder + "/admin.key")
        )
        let plane = TestControlPlane(
            configuration: KubeConfiguration(server: server, tls: tls),
            tokenConfiguration: KubeConfiguration(
                server: server,
                tls: CurlTransport.TLS(ca: .file(folder + "/ca.crt")),
                token: .inline(token)
            ),
            folder: folder,
            port: ports[2],
            etcd: "http://127.0.0.1:\(ports[0])",
            supervisor: supervisor
        )
        try await plane.waitUntilReady()
        return plane
    }

    private init(
        configuration: KubeConfiguration,
        tokenConfiguration: KubeConfiguration,
        folder: String,
        port: UInt16,
        etcd: String,
        supervisor: ServerSupervisor
    ) {
        self.configuration = configuration
        self.tokenConfiguration = tokenConfiguration
        self.folder = folder
        self.port = port
        self.etcd = etcd
        self.supervisor = supervisor
        transport = CurlTransport(configuration.transport())
    }

    /// Ends the servers at once and removes their folder.
    package func stop() { supervisor.stop() }

    /// Starts another API server of this cluster; nobody but the caller uses it.
    package func startAnotherServer() async throws -> TestServer {
        guard let binaries = TestBinaries.found else {
            throw TestControlPlaneError.unavailable(TestBinaries.missing ?? "")
        }
        let ports = try FreePorts.take(1)
        let log = folder + "/another-\(ports[0]).log"
        let words = Self.apiServerCommand(binaries.apiServer, folder, etcd: etcd, port: ports[0])
        // The program itself in the child, so that a kill hits it; it ends with the shell's pipe at the latest.
        let process = try ChildProcess("/bin/sh", ["-c", "exec \"$@\" </dev/null >\"$0\" 2>&1", log] + words)
        let server = TestServer(port: ports[0], process: process)
        var configuration = configuration
        configuration.server = "https://127.0.0.1:\(server.port)"
        let client = KubeClient(configuration: configuration, transport: transport)
        let deadline = ContinuousClock.now + .seconds(60)
        while (try? await client.send(KubeRequest(path: "/readyz"))) == nil {
            guard ContinuousClock.now < deadline, process.isRunning else {
                let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
                throw TestControlPlaneError.notReady(String(text.suffix(2_000)))
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return server
    }

    /// A client of the administrator, with a transport that all these clients share.
    package var client: KubeClient { KubeClient(configuration: configuration, transport: transport) }

    /// Makes a namespace that no other test has, and returns its name.
    package func makeNamespace(_ prefix: String = "test") async throws -> String {
        let name = "\(prefix)-\(UInt32.random(in: 0...UInt32.max))"
        let body = Data(#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"\#(name)"}}"#.utf8)
        _ = try await client.send(
            KubeRequest(.post, path: "/api/v1/namespaces", contentType: "application/json", body: body)
        )
        return name
    }

    /// Makes every version before this one vanish from etcd: continue tokens expire, and so do watches of Secrets.
    package func compact(to resourceVersion: String) async throws {
        let response = try await transport.send(
            HTTPRequest(
                method: "POST",
                url: etcd + "/v3/kv/compaction",
                body: Data(#"{"revision": "\#(resourceVersion)", "physical": true}"#.utf8)
            )
        )
        guard response.status == 200 else {
            throw TestControlPlaneError.preparation("etcd: " + String(decoding: response.body, as: UTF8.self))
        }
    }

    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while true {
            do {
                _ = try await client.send(KubeRequest(path: "/readyz"))
                _ = try await client.send(KubeRequest(path: "/api/v1/namespaces/default"))
                return
            } catch {
                guard ContinuousClock.now < deadline, supervisor.isRunning else {
                    let log = supervisor.logTails()
                    stop()
                    throw TestControlPlaneError.notReady("\(error)\n\(log)")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private static func etcdCommand(_ binary: String, _ folder: String, _ ports: [UInt16]) -> [String] {
        let peer = "http://127.0.0.1:\(ports[1])"
        let client = "http://127.0.0.1:\(ports[0])"
        return [
            binary, "--data-dir", folder + "/etcd", "--unsafe-no-fsync", "--listen-client-urls", client,
            "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", "default=\(peer)",
        ]
    }

    private static func apiServerCommand(
        _ binary: String,
        _ folder: String,
        etcd: String,
        port: UInt16
    ) -> [String] {
        [
            binary, "--etcd-servers=\(etcd)", "--secure-port=\(port)",
            "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=\(folder)/service-account.pub",
            "--service-account-signing-key-file=\(folder)/service-account.key",
            "--client-ca-file=\(folder)/ca.crt", "--tls-cert-file=\(folder)/server.crt",
            "--tls-private-key-file=\(folder)/server.key", "--token-auth-file=\(folder)/tokens.csv",
            "--authorization-mode=RBAC", "--allow-privileged=true", "--disable-admission-plugins=ServiceAccount",
            // Secrets are watched in etcd itself, so that tests can make a version vanish (`compact`).
            "--watch-cache-sizes=secrets#0",
        ]
    }
}

/// An API server that a test may kill; it goes with its last mention.
package final class TestServer: Sendable {
    /// Its port on loopback.
    package let port: UInt16
    private let process: ChildProcess

    init(port: UInt16, process: ChildProcess) {
        self.port = port
        self.process = process
    }

    /// Ends it at once.
    package func kill() { process.kill() }
}

/// Why a control plane did not start.
package enum TestControlPlaneError: Error, CustomStringConvertible {
    /// Something is missing on this machine.
    case unavailable(String)
    /// The servers did not become ready; the ends of their logs.
    case notReady(String)
    /// A program that prepares something failed.
    case preparation(String)

    package var description: String {
        switch self {
        case .unavailable(let reason): "no control plane on this machine: \(reason)"
        case .notReady(let log): "the control plane did not become ready: \(log)"
        case .preparation(let reason): "the control plane cannot be prepared: \(reason)"
        }
    }
}
