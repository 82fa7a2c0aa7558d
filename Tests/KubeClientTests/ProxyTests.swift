// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeCore
import KubeTestSupport
import Testing

@testable import KubeClient

@Suite(.enabled(if: PythonServer.isAvailable))
struct ProxyTests {
    /// A kubeconfig of the administrator whose server has to be reached through a proxy.
    func configuration(_ proxy: String, _ plane: TestControlPlane, cluster: String = "") throws -> KubeConfiguration {
        let folder = try TestFolder()
        let port = plane.configuration.server.split(separator: ":").last ?? ""
        let file = try folder.write(
            "config",
            """
            current-context: x
            clusters:
            - name: c
              cluster:
                server: https://kubernetes.proxied:\(port)
                certificate-authority: \(plane.folder)/ca.crt
                tls-server-name: kubernetes.test
                proxy-url: \(proxy)
                \(cluster)
            users:
            - name: u
              user: {client-certificate: \(plane.folder)/admin.crt, client-key: \(plane.folder)/admin.key}
            contexts: [{name: x, context: {cluster: c, user: u}}]
            """
        )
        return try .load(kubeconfig: file, environment: [:])
    }

    @Test(
        "a proxy of the kubeconfig is used and looks the server's name up, and tls-server-name is what is checked",
        arguments: ["http", "https", "socks5"]
    )
    func proxies(kind: String) async throws {
        let plane = try await TestControlPlane.shared()
        let proxy = try await LoopbackProxy(kind, certificates: plane.folder)
        defer { proxy.end() }
        let configuration = try configuration("\(kind)://127.0.0.1:\(proxy.port)", plane)
        let client = KubeClient(configuration: configuration, transport: CurlTransport(configuration.transport()))
        #expect(try await client.serverVersion().isAtLeast(minor: 20))
        #expect(proxy.targets.count == 1 && proxy.targets.first?.hasPrefix("kubernetes.proxied:") == true)
    }

    @Test("a proxy that asks for a password gets it, and no message shows it")
    func login() async throws {
        let plane = try await TestControlPlane.shared()
        let proxy = try await LoopbackProxy("http", login: "user:canary-1")
        defer { proxy.end() }
        for (password, isRight) in [("canary-1", true), ("canary-2", false)] {
            let configuration = try configuration("http://user:\(password)@127.0.0.1:\(proxy.port)", plane)
            #expect(!"\(configuration)".contains("canary"))
            let client = KubeClient(
                configuration: configuration,
                transport: CurlTransport(configuration.transport()),
                options: KubeClient.Options(sleep: { _ in })
            )
            if isRight {
                _ = try await client.serverVersion()
                continue
            }
            let error = await #expect(throws: KubeError.self) { try await client.serverVersion() }
            guard case .transport(.cannotConnect, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(error?.description.contains("407") == true && error?.description.contains("canary") == false)
        }
    }

    @Test("a server's certificate has to bear the name that tls-server-name gives")
    func wrongName() async throws {
        let plane = try await TestControlPlane.shared()
        let proxy = try await LoopbackProxy("http")
        defer { proxy.end() }
        var configuration = try configuration("http://127.0.0.1:\(proxy.port)", plane)
        configuration.tls.serverName = nil
        let client = KubeClient(configuration: configuration, transport: CurlTransport(configuration.transport()))
        let error = await #expect(throws: KubeError.self) { try await client.serverVersion() }
        guard case .transport(.tls, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
