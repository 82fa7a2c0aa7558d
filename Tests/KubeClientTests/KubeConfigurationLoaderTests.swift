// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import TestSupport
import Testing

@testable import KubeClient

struct KubeConfigurationLoaderTests {
    let simple = """
        apiVersion: v1
        kind: Config
        current-context: one
        clusters:
        - name: c
          cluster: {server: "https://one:6443/", certificate-authority: pki/ca.crt, tls-server-name: kubernetes}
        users:
        - name: u
          user: {client-certificate-data: Y2VydA==, client-certificate: x.crt, client-key: /abs/x.key}
        contexts:
        - name: one
          context: {cluster: c, user: u, namespace: team}
        """

    func loader(_ files: [String: String], _ environment: [String: String] = [:]) -> KubeConfigurationLoader {
        let named = ["pki/ca.crt": "ca", "x.crt": "crt", "/abs/x.key": "key", "token": "t"]
        let all = named.merging(files) { $1 }
        return KubeConfigurationLoader(environment: environment) { path in
            // Whatever the folder: these tests are about other things than missing certificates.
            let known = all[path] ?? named.first { path.hasSuffix("/\($0.key)") && !path.hasPrefix("/var/") }?.value
            return known.map { Data($0.utf8) }
        }
    }

    func load(_ text: String) throws -> KubeConfiguration {
        try loader(["/k/config": text]).load(kubeconfig: "/k/config", context: nil)
    }

    @Test("a kubeconfig is read, data wins over files, and paths count from its folder")
    func simpleFile() throws {
        let configuration = try load(simple)
        #expect(configuration.server == "https://one:6443" && configuration.namespace == "team")
        #expect(configuration.tls.ca == .file("/k/pki/ca.crt") && configuration.tls.serverName == "kubernetes")
        #expect(configuration.tls.clientCertificate == .data(Data("cert".utf8)))
        #expect(configuration.tls.clientKey == .file("/abs/x.key"))
        #expect(configuration.tls.verify && configuration.token == nil)
    }

    @Test("verification is off only where the file says so")
    func insecure() throws {
        let insecure = simple.replacing("certificate-authority: pki/ca.crt", with: "insecure-skip-tls-verify: true")
        #expect(try load(insecure).tls.verify == false)
        #expect(try load(insecure.replacing(": true", with: ": false")).tls.verify)
        #expect(try load(insecure.replacing("insecure-skip-tls-verify: true, ", with: "")).tls.verify)
    }

    @Test("an explicit file comes before KUBECONFIG, that before the cluster, that before the home folder")
    func precedence() throws {
        func file(_ host: String) -> String { simple.replacing("//one", with: "//\(host)") }
        let account = "/var/run/secrets/kubernetes.io/serviceaccount/"
        var files = [
            "/explicit": file("explicit"), "/env": file("env"), "/home/.kube/config": file("home"),
            account + "token": "t", account + "ca.crt": "c", account + "namespace": "pod-ns\n",
        ]
        var environment = [
            "KUBECONFIG": "/env", "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443",
            "HOME": "/home",
        ]
        #expect(try loader(files, environment).load(kubeconfig: "/explicit", context: nil).server.contains("explicit"))
        #expect(try loader(files, environment).load(kubeconfig: nil, context: nil).server.contains("env"))
        environment["KUBECONFIG"] = nil
        let pod = try loader(files, environment).load(kubeconfig: nil, context: nil)
        #expect(pod.server == "https://[fd00::1]:443" && pod.namespace == "pod-ns")
        #expect(pod.token == .file(account + "token") && pod.tls.ca == .file(account + "ca.crt"))
        files[account + "token"] = nil
        #expect(try loader(files, environment).load(kubeconfig: nil, context: nil).server.contains("home"))
    }

    @Test("several files are merged, and the first to name something wins")
    func merging() throws {
        let second = """
            current-context: two
            clusters: [{name: c, cluster: {server: "https://second"}}, {name: d, cluster: {server: "https://d"}}]
            contexts: [{name: two, context: {cluster: d, user: u}}]
            users: []
            """
        let loader = loader(["/a/1": simple, "/b/2": second], ["KUBECONFIG": "/missing:/a/1:/b/2"])
        #expect(try loader.load(kubeconfig: nil, context: nil).server == "https://one:6443")
        let two = try loader.load(kubeconfig: nil, context: "two")
        #expect(two.server == "https://d" && two.tls.clientKey == .file("/abs/x.key"))
    }

    @Test(
        "what is wrong is named with its file and field",
        arguments: [
            ("current-context: one", "current-context: other", "contexts: there is no context 'other'"),
            ("cluster: c,", "cluster: x,", "contexts[one].cluster"),
            ("user: u,", "user: x,", "contexts[one].user"),
            ("https://one", "one", "clusters[c].server"),
            ("Y2VydA==", "'***'", "client-certificate-data (context 'one'): it is not base64"),
            ("client-key: /abs/x.key", "token: canary", "client-certificate and client-key go together"),
            (
                "client-key: /abs/x.key", "client-key: lost.key",
                "users[u].client-key (context 'one'): the file /k/lost.key"
            ),
            ("client-certificate: x.crt, client-key: /abs/x.key", "auth-provider: {name: canary}", "auth-provider"),
            ("client-key: /abs/x.key", "client-key: x.crt, tokenFile: lost", "users[u].tokenFile"),
            ("client-key: /abs/x.key", "client-key: x.crt, username: a, token: canary", "only one of them can be used"),
            ("client-key: /abs/x.key", "client-key: x.crt, act-as-groups: [canary]", "users[u].act-as "),
            ("tls-server-name: k", "insecure-skip-tls-verify: true, tls-server-name: k", "insecure-skip-tls-verify"),
            ("tls-server-name: k", "proxy-url: 'ftp://canary@x', tls-server-name: k", "clusters[c].proxy-url"),
            ("users:", "users: [{name: u}, {name: u}]", "it is not YAML"),
            ("- name: u", "- {name: u}\n- name: u", "users: the name 'u' is there twice"),
            ("namespace: team", "namespace: [canary]", "contexts[0].context.namespace is not"),
            ("current-context: one", "current-context: {", "it is not YAML"),
        ]
    )
    func errors(part: String, replacement: String, message: String) throws {
        let error = #expect(throws: KubeError.self) { try load(simple.replacing(part, with: replacement)) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("/k/config: ") && text.contains(message) && !text.contains("canary"))
    }

    @Test("a path that leads nowhere is an error")
    func missing() {
        #expect(throws: KubeError.self) { try loader([:]).load(kubeconfig: "/nowhere", context: nil) }
        #expect(throws: KubeError.self) { try loader([:], ["KUBECONFIG": "/x:/y"]).load(kubeconfig: nil, context: nil) }
        #expect(throws: KubeError.self) { try loader([:], [:]).load(kubeconfig: nil, context: nil) }
        #expect(throws: KubeError.self) { try loader([:], [:]).inCluster() }
        // There and unreadable is an error even where another file could be read.
        var broken = loader(["/a": simple], ["KUBECONFIG": "/a:/broken"])
        let read = broken.read
        broken.read = { path in
            if path == "/broken" { throw CocoaError(.fileReadNoPermission) }
            return try read(path)
        }
        let error = #expect(throws: KubeError.self) { try broken.load(kubeconfig: nil, context: nil) }
        #expect(error?.description == "/broken: kubeconfig: the file cannot be read")
    }

    @Test("mutated files are read or refused and never trap")
    func fuzz() {
        var random = SeededRandom(seed: 8)
        let valid = Array(simple.utf8)
        for _ in 0..<1_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(Array("{}[]:-&*!\n\t \"'".utf8).randomElement(using: &random) ?? 0, at: index)
                }
            }
            _ = try? load(String(decoding: bytes, as: UTF8.self))
        }
    }
}
