// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeCore
import KubeTestSupport
import Testing

@testable import KubeClient

/// Certificates that change while a client runs, at a real API server that names whom it sees.
@Suite(.enabled(if: TestControlPlane.isAvailable))
struct CertificateRotationTests {
    /// Makes a certificate for a user and returns the paths of it and its key.
    func certificate(_ user: String, _ plane: TestControlPlane, in folder: TestFolder) async throws {
        let script = """
            set -e
            openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout '\(user).key' \
                -out '\(user).csr' -subj '/CN=\(user)'
            openssl x509 -req -in '\(user).csr' -CA '\(plane.folder)/ca.crt' -CAkey '\(plane.folder)/ca.key' \
                -set_serial \(UInt32.random(in: 1...UInt32.max)) -days 2 -out '\(user).crt'
            """
        let isMade: Bool = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let process = try ChildProcess("/bin/sh", ["-c", script], in: folder.path)
                        process.endInput()
                        _ = process.readToEnd()
                        return process.waitForSuccess()
                    }
                )
            }
        }
        try #require(isMade)
    }

    /// Whom the server takes the client for: it says so when it refuses.
    func user(_ client: KubeClient) async throws -> String {
        let error = await #expect(throws: KubeError.self) { try await client.list(Secret.self, namespace: "default") }
        let message = error?.status?.message ?? "\(String(describing: error))"
        return message.split(separator: "\"").dropFirst().first.map(String.init) ?? message
    }

    /// Lets the users of these tests watch config maps, and nothing else.
    func allowWatching(_ plane: TestControlPlane) async throws {
        let name = "watchers-\(UInt32.random(in: 0...UInt32.max))"
        let role = """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"\(name)"},
             "rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["watch"]}]}
            """
        let binding = """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"\(name)"},
             "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"\(name)"},
             "subjects":[{"kind":"User","name":"first"},{"kind":"User","name":"second"}]}
            """
        for (plural, body) in [("clusterroles", role), ("clusterrolebindings", binding)] {
            let path = "/apis/rbac.authorization.k8s.io/v1/\(plural)"
            let request = KubeRequest(.post, path: path, contentType: "application/json", body: Data(body.utf8))
            _ = try await plane.client.send(request)
        }
    }

    /// Opens a watch as soon as the server lets that happen, runs the body, and returns how the watch has ended.
    func end(ofWatch client: KubeClient, whenDone body: () async throws -> Void) async throws -> KubeError? {
        for _ in 0..<200 {
            do {
                var events = client.watch(ConfigMap.self).makeAsyncIterator()
                _ = try await events.next()
                try await body()
                while try await events.next() != nil {}
                return nil
            } catch let error as KubeError where error.isForbidden {
                // The server's authorizer learns of roles a little later.
                try await Task.sleep(for: .milliseconds(50))
            } catch let error as KubeError {
                return error
            }
        }
        return nil
    }

    @Test("a client certificate that is replaced on disk is used without a restart, and watches start anew with it")
    func clientCertificate() async throws {
        let plane = try await TestControlPlane.shared()
        let folder = try TestFolder()
        for user in ["first", "second"] { try await certificate(user, plane, in: folder) }
        func use(_ user: String) throws {
            for kind in ["crt", "key"] { try folder.write("used.\(kind)", folder.read("\(user).\(kind)")) }
        }
        try use("first")
        var configuration = plane.configuration
        configuration.tls.clientCertificate = .file(folder.path + "/used.crt")
        configuration.tls.clientKey = .file(folder.path + "/used.key")
        var settings = configuration.transport()
        settings.certificateCheckInterval = .milliseconds(100)
        let client = KubeClient(configuration: configuration, transport: CurlTransport(settings))
        try await allowWatching(plane)
        // A watch of all namespaces begins with what is there: the cluster's own config maps.
        _ = try await plane.client.apply(
            ConfigMap(metadata: ObjectMeta(name: "rotation", namespace: "default")),
            fieldManager: "test"
        )
        #expect(try await user(client) == "first")
        let ending = try await end(ofWatch: client) { try use("second") }
        guard case .transport(.connectionLost(_, let reason), _) = ending else {
            Issue.record("\(String(describing: ending))")
            return
        }
        #expect(reason == "certificates have been renewed")
        #expect(try await user(client) == "second")
    }

    @Test("a certificate authority that is replaced on disk is trusted without a restart, and the old one no longer")
    func authority() async throws {
        let plane = try await TestControlPlane.shared()
        let folder = try TestFolder()
        try await certificate("other", plane, in: folder)
        let right = try #require(FileManager.default.contents(atPath: plane.folder + "/ca.crt"))
        // Any certificate that did not sign the server's.
        let wrong = folder.read("other.crt")
        try folder.write("ca.crt", wrong)
        var configuration = plane.tokenConfiguration
        configuration.tls.ca = .file(folder.path + "/ca.crt")
        var settings = configuration.transport()
        settings.certificateCheckInterval = .milliseconds(100)
        let client = KubeClient(
            configuration: configuration,
            transport: CurlTransport(settings),
            options: KubeClient.Options(sleep: { _ in })
        )
        func isTrusted() async -> Bool { (try? await client.serverVersion()) != nil }
        #expect(await !isTrusted())
        try folder.write("ca.crt", String(decoding: right, as: UTF8.self))
        for expected in [true, false] {
            var found = !expected
            for _ in 0..<100 where found != expected {
                try await Task.sleep(for: .milliseconds(50))
                found = await isTrusted()
            }
            #expect(found == expected)
            try folder.write("ca.crt", wrong)
        }
    }

    @Test("a plugin's new certificate is used at once, and streams that were opened with the old one end")
    func pluginCertificate() async throws {
        let plane = try await TestControlPlane.shared()
        let folder = try TestFolder()
        for user in ["first", "second"] { try await certificate(user, plane, in: folder) }
        func answer(_ user: String) throws -> String {
            let status: JSONValue = .object([
                "clientCertificateData": .string(folder.read("\(user).crt")),
                "clientKeyData": .string(folder.read("\(user).key")),
            ])
            let credential: JSONValue = .object([
                "apiVersion": .string("client.authentication.k8s.io/v1"), "kind": .string("ExecCredential"),
                "status": status,
            ])
            return String(decoding: try KubeJSON.encoder().encode(credential), as: UTF8.self)
        }
        try folder.write("answer", try answer("first"))
        var configuration = plane.tokenConfiguration
        configuration.token = nil
        configuration.plugin = CredentialPlugin(
            command: "cat",
            arguments: [folder.path + "/answer"],
            environment: [],
            version: .v1,
            interactiveMode: .never,
            origin: ("test", "exec")
        )
        let transport = CurlTransport(configuration.transport())
        let client = KubeClient(configuration: configuration, transport: transport)
        #expect(try await user(client) == "first")
        try await allowWatching(plane)
        _ = try await plane.client.apply(
            ConfigMap(metadata: ObjectMeta(name: "rotation", namespace: "default")),
            fieldManager: "test"
        )
        let ending = try await end(ofWatch: client) {
            try folder.write("answer", try answer("second"))
            client.credentials.invalidate(rejected: try await client.credentials.current())
            #expect(try await user(client) == "second")
        }
        #expect(ending?.isRetryable == true)
    }
}
