// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeCore
import TestSupport
import Testing

@testable import KubeClient

/// Generated kubeconfig files, merged by us and by kubectl.
@Suite(.enabled(if: Kubectl.isAvailable))
struct KubeConfigMergeTests {
    /// A file with random parts, relative paths and gaps; names are few, so that files overlap.
    func file(_ random: inout SeededRandom, folder: TestFolder, place: String) throws -> String {
        let names = ["a", "b", "c"]
        func flip() -> Bool { Bool.random(using: &random) }
        func value() -> Int { Int.random(in: 0...99, using: &random) }
        var clusters: [String] = []
        var users: [String] = []
        var contexts: [String] = []
        for name in names where flip() {
            var fields = ["server: https://host-\(value()):6443"]
            if flip() { fields.append("tls-server-name: name-\(value())") }
            if flip() { fields.append("proxy-url: http://proxy-\(value()):80") }
            if flip() { fields.append("disable-compression: \(flip())") }
            switch Int.random(in: 0...3, using: &random) {
            case 0: fields.append("insecure-skip-tls-verify: true")
            case 1:
                try folder.write("\(place)/pki/\(name).crt", "ca \(value())")
                fields.append("certificate-authority: pki/\(name).crt")
            case 2: fields.append("certificate-authority-data: \(Data("ca \(value())".utf8).base64EncodedString())")
            default: break
            }
            clusters.append("- {name: \(name), cluster: {\(fields.joined(separator: ", "))}}")
        }
        for name in names where flip() {
            var fields: [String] = []
            switch Int.random(in: 0...3, using: &random) {
            case 0: fields.append("token: token-\(value())")
            case 1: fields += ["username: user-\(value())", "password: \"\(value())\""]
            case 2:
                try folder.write("\(place)/\(name).crt", "crt \(value())")
                fields += ["client-certificate: ./\(name).crt", "client-key-data: a2V5"]
            default:
                fields.append(
                    "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: tool-\(value()), args: [x, z], "
                        + "env: [{name: A, value: b}]}"
                )
            }
            if flip() {
                fields += ["act-as: person-\(value())", "act-as-uid: \"u\(value())\"", "act-as-groups: [g, h]"]
                fields.append("act-as-user-extra: {k: [v, w]}")
            }
            users.append("- {name: \(name), user: {\(fields.joined(separator: ", "))}}")
        }
        for name in names where flip() {
            var fields = ["cluster: \(names.randomElement(using: &random) ?? "a")", "user: \(flip() ? "a" : "b")"]
            if flip() { fields.append("namespace: ns-\(value())") }
            contexts.append("- {name: \(name), context: {\(fields.joined(separator: ", "))}}")
        }
        let text = [
            flip() ? "current-context: \(names.randomElement(using: &random) ?? "a")" : "current-context: \"\"",
            "clusters: [", "]", "users: [", "]", "contexts: [", "]",
        ]
        let filled = [
            text[0], clusters.isEmpty ? "clusters: []" : "clusters:\n" + clusters.joined(separator: "\n"),
            users.isEmpty ? "users: null" : "users:\n" + users.joined(separator: "\n"),
            contexts.isEmpty ? "contexts: []" : "contexts:\n" + contexts.joined(separator: "\n"),
        ]
        return try folder.write("\(place)/config", filled.joined(separator: "\n") + "\n")
    }

    @Test("what several files mean together is what kubectl takes them to mean", arguments: 0..<30)
    func merging(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let folder = try TestFolder()
        var files: [String] = []
        for index in 0..<Int.random(in: 1...4, using: &random) {
            files.append(try file(&random, folder: folder, place: "\(index)"))
        }
        files.insert(folder.path + "/missing", at: Int.random(in: 0...files.count, using: &random))
        let list = files.joined(separator: ":")
        let view = ["config", "view", "--flatten", "--raw", "-o", "json"]
        let merged = try parse(await Kubectl.run(view + ["--merge"], kubeconfig: list))
        let loader = KubeConfigurationLoader(environment: ["KUBECONFIG": list])
        for name in ["a", "b", "c"] {
            let wanted = entry(merged, "contexts", "context", name)
            let cluster = wanted.flatMap { entry(merged, "clusters", "cluster", $0["cluster"]?.string ?? "") }
            let userName = wanted?["user"]?.string ?? ""
            let user = entry(merged, "users", "user", userName)
            guard let wanted, let cluster, user != nil || userName.isEmpty else {
                #expect(throws: KubeError.self) { try loader.load(kubeconfig: nil, context: name) }
                continue
            }
            compare(try loader.load(kubeconfig: nil, context: name), wanted, cluster, user ?? .object([:]))
        }
        let current = merged["current-context"]?.string ?? ""
        let ours = try? loader.load(kubeconfig: nil, context: nil)
        #expect(ours?.server == (try? loader.load(kubeconfig: nil, context: current))?.server)
    }

    private func compare(_ ours: KubeConfiguration, _ context: JSONValue, _ cluster: JSONValue, _ user: JSONValue) {
        #expect(ours.namespace == context["namespace"]?.string ?? "default")
        #expect(ours.server == cluster["server"]?.string)
        #expect(ours.tls.serverName == cluster["tls-server-name"]?.string)
        #expect(ours.tls.verify == (cluster["insecure-skip-tls-verify"] != .bool(true)))
        #expect(ours.proxy == cluster["proxy-url"]?.string)
        #expect(ours.compresses == (cluster["disable-compression"] != .bool(true)))
        #expect(content(ours.tls.ca) == cluster["certificate-authority-data"]?.string)
        #expect(content(ours.tls.clientCertificate) == user["client-certificate-data"]?.string)
        #expect(content(ours.tls.clientKey) == user["client-key-data"]?.string)
        #expect(ours.token == user["token"]?.string.map { .inline($0) })
        #expect(ours.login?.user == user["username"]?.string && ours.login?.password == user["password"]?.string)
        // kubectl reads act-as and shows none of it; PermissionTests asks a server about that.
        #expect(ours.plugin?.command == user["exec"]?["command"]?.string)
        #expect(ours.plugin?.interactiveMode.rawValue == user["exec"]?["interactiveMode"]?.string)
        #expect(ours.plugin?.arguments == user["exec"].map { _ in ["x", "z"] })
    }

    private func content(_ pem: CurlTransport.PEM?) -> String? {
        switch pem {
        case nil: nil
        case .data(let data): data.base64EncodedString()
        case .file(let path): FileManager.default.contents(atPath: path)?.base64EncodedString()
        }
    }

    private func parse(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    private func entry(_ config: JSONValue, _ list: String, _ part: String, _ name: String) -> JSONValue? {
        guard case .array(let entries) = config[list] else { return nil }
        return entries.first { $0["name"]?.string == name }?[part]
    }
}
