// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeCore
import KubeTestSupport
import Testing

@testable import KubeClient

/// Plugins are real programs here, shell scripts that a test writes.
struct CredentialPluginTests {
    let folder: TestFolder

    init() throws { folder = try TestFolder() }

    func plugin(
        _ script: String,
        version: CredentialPlugin.Version = .v1,
        mode: CredentialPlugin.InteractiveMode = .never
    ) throws -> CredentialPlugin {
        // By way of the shell: a program that was just written is "busy" as long as a child that another test starts at
        // that moment still holds the descriptor.
        CredentialPlugin(
            command: "sh",
            arguments: [try folder.write("plugin-\(UUID().uuidString)", script)],
            environment: [],
            version: version,
            interactiveMode: mode,
            installHint: "install it with apt",
            origin: ("/k/config", "users[u].exec")
        )
    }

    func answer(_ status: String, version: String = "v1") -> String {
        """
        cat <<'END'
        {"apiVersion": "client.authentication.k8s.io/\(version)", "kind": "ExecCredential", "status": \(status)}
        END

        """
    }

    /// Runs a plugin on a thread of its own, as a client does.
    func run(_ plugin: CredentialPlugin, timeLimit: Duration? = nil) async throws -> PluginCredentials {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try plugin.run(hasTerminal: false, timeLimit: timeLimit) })
            }
        }
    }

    func reason(_ plugin: CredentialPlugin, timeLimit: Duration? = nil) async -> String {
        let error = await #expect(throws: KubeError.self) { try await run(plugin, timeLimit: timeLimit) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("/k/config: users[u].exec: ") && !text.contains("canary"), "\(text)")
        return text
    }

    @Test("both versions are spoken, with arguments, variables and an answer without an expiry")
    func versions() async throws {
        for version in ["v1", "v1beta1"] {
            let script =
                #"printf '{"apiVersion":"client.authentication.k8s.io/%s","kind":"ExecCredential",' \#(version)"#
                + "\n" + #"printf '"status":{"token":"%s-%s-%s"}}' "$1" "$2" "$EXTRA""#
            var plugin = try plugin(
                script,
                version: try #require(CredentialPlugin.Version(rawValue: "client.authentication.k8s.io/\(version)"))
            )
            plugin.arguments += ["a", "b"]
            plugin.environment = [("EXTRA", "c")]
            let credentials = try await run(plugin)
            #expect(credentials == PluginCredentials(token: "a-b-c"))
        }
    }

    @Test("a token, a certificate with its key and an expiry are taken together")
    func certificate() async throws {
        let pem = "-----BEGIN X-----\\nabc\\n-----END X-----\\n"
        let plugin = try plugin(
            answer(
                """
                {"token": "t", "clientCertificateData": "\(pem)", "clientKeyData": "\(pem)",
                 "expirationTimestamp": "2026-11-21T00:00:00Z"}
                """
            )
        )
        let credentials = try await run(plugin)
        #expect(credentials.token == "t" && credentials.expiry == KubeTime.parse("2026-11-21T00:00:00Z"))
        #expect(credentials.identity?.key == Data("-----BEGIN X-----\nabc\n-----END X-----\n".utf8))
        #expect(!"\(String(describing: credentials.identity)) \(plugin)".contains("abc"))
    }

    @Test(
        "an answer that cannot be used is told without its content",
        arguments: [
            (#"{"token": "canary"}"#, "v1beta1", "another version"),
            ("{}", "v1", "neither a token nor a certificate"),
            ("null", "v1", "no status"),
            (#"{"clientCertificateData": "canary"}"#, "v1", "only one of certificate and key"),
            (#"{"clientCertificateData": "canary", "clientKeyData": "canary"}"#, "v1", "not PEM"),
            (#"{"token": ["canary"]}"#, "v1", "status.token is not String"),
            (#"{"token": "canary\\nX: y"}"#, "v1", "line break"),
            (#"{"token": "canary", "expirationTimestamp": "canary"}"#, "v1", "expirationTimestamp has no valid value"),
        ]
    )
    func badAnswers(status: String, version: String, message: String) async throws {
        let text = await reason(try plugin(answer(status, version: version)))
        #expect(text.contains(message), "\(text)")
    }

    @Test("a plugin that is missing, fails or is killed is named with its hint")
    func failures() async throws {
        var missing = try plugin("")
        missing.command = "almanac-no-such-plugin"
        #expect(await reason(missing).contains("there is no program 'almanac-no-such-plugin'\n\ninstall it with apt"))
        #expect(await reason(try plugin("echo canary; exit 3")).contains("exit code 3\n\ninstall it with apt"))
        #expect(await reason(try plugin("kill -9 $$")).contains("signal 9"))
        #expect(await reason(try plugin("echo canary")).contains("no ExecCredential"))
        #expect(await reason(try plugin("", mode: .always)).contains("needs a terminal"))
    }

    @Test("a megabyte of output is taken, endless output is not")
    func output() async throws {
        let padding = #"head -c 1048576 /dev/zero | tr '\0' ' '"# + "\n"
        #expect(try await run(plugin(padding + answer(#"{"token": "t"}"#))).token == "t")
        #expect(await reason(try plugin("cat /dev/zero")).contains("more than"))
    }

    @Test(
        "a plugin that hangs is ended with all its children, and one that leaves a child behind holds nobody up",
        .timeLimit(.minutes(2))
    )
    func hanging() async throws {
        let pids = folder.path + "/pids"
        let script = "sleep 300 & echo $! > \(pids); sleep 300"
        #expect(await reason(try plugin(script), timeLimit: .milliseconds(500)).contains("did not end within"))
        let child = try #require(pid_t(folder.read("pids").trimmingCharacters(in: .whitespacesAndNewlines)))
        var isGone = false
        for _ in 0..<200 where !isGone {
            // Killed and not yet waited for by init counts as gone.
            let state = FileManager.default.contents(atPath: "/proc/\(child)/stat") ?? Data()
            isGone = state.isEmpty || String(decoding: state, as: UTF8.self).contains(") Z ")
            if !isGone { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(isGone)
        let daemon = try plugin(answer(#"{"token": "t"}"#) + "sleep 300 & echo $! > \(pids)\n")
        #expect(try await run(daemon).token == "t")
        let left = try #require(pid_t(folder.read("pids").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(left, SIGKILL) == 0, "it runs on, and was not waited for")
    }

    @Test("a plugin gets open signals, whatever thread starts it")
    func inheritance() async throws {
        let status = #"grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\n\t ' > \#(folder.path)/signals"# + "\n"
        _ = try await run(plugin(status + answer(#"{"token": "t"}"#)))
        #expect(folder.read("signals").contains("SigBlk:0000000000000000"))
    }

    @Test(
        "the variable KUBERNETES_EXEC_INFO is what kubectl gives",
        .enabled(if: Kubectl.isAvailable),
        arguments: ["v1", "v1beta1"]
    )
    func info(version: String) async throws {
        try folder.write(
            "bin/plugin",
            "#!/bin/sh\nprintf %s \"$KUBERNETES_EXEC_INFO\" > \(folder.path)/info\n"
                + answer(#"{"token": "t"}"#, version: version),
            isProgram: true
        )
        let plane = try await TestControlPlane.shared()
        let file = try folder.write(
            "config",
            """
            current-context: x
            clusters:
            - name: c
              cluster:
                server: \(plane.configuration.server)
                certificate-authority: \(plane.folder)/ca.crt
                tls-server-name: kubernetes.test
                extensions:
                - name: client.authentication.k8s.io/exec
                  extension: {audience: "07", count: 7, flag: on, list: [1.5, null, 0x10, ~], text: 'yes'}
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/\(version)
                  interactiveMode: IfAvailable
                  command: ./bin/plugin
                  provideClusterInfo: true
            contexts: [{name: x, context: {cluster: c, user: u}}]
            """
        )
        _ = try await Kubectl.run(["--kubeconfig", file, "get", "--raw", "/version"], mayFail: true)
        let expected = try JSONDecoder().decode(JSONValue.self, from: Data(folder.read("info").utf8))
        try folder.write("info", "{}")
        let plugin = try #require(try KubeConfiguration.load(kubeconfig: file, environment: [:]).plugin)
        _ = try await run(plugin)
        let ours = try JSONDecoder().decode(JSONValue.self, from: Data(folder.read("info").utf8))
        #expect(ours == expected)
    }
}
