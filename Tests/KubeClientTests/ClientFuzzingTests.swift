// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeClient
import TestSupport
import Testing

/// Everything that reads what others wrote, fed with changed and extreme inputs.
struct ClientFuzzingTests {
    let events = [
        #"{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"1"},"spec":{"backoffLimit":2}}}"#,
        #"{"type":"BOOKMARK","object":{"kind":"Job","metadata":{"resourceVersion":"2"}}}"#,
        #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"#,
        "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"b\u{2028}\u{85}\"}}}", "",
    ]
    let kubeconfig = """
        current-context: one
        clusters:
        - name: c
          cluster:
            server: https://one:6443
            certificate-authority-data: Y2E=
            proxy-url: socks5://p:1
            extensions: [{name: client.authentication.k8s.io/exec, extension: {a: [1, 2.5, true, "x"]}}]
        users:
        - name: u
          user:
            exec: {apiVersion: client.authentication.k8s.io/v1, command: ./x, interactiveMode: Never, args: [a],
              env: [{name: A, value: b}], provideClusterInfo: true, installHint: h}
            act-as: p
            act-as-groups: [g]
            act-as-user-extra: {k: [v]}
        - &v {name: v, user: {client-certificate-data: Y2E=, client-key: x.key, tokenFile: t, token: s}}
        contexts: [{name: one, context: {cluster: c, user: u}}, {name: two, context: {cluster: c, user: v}}]
        """
    let answer = #"""
        {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false},
         "status":{"token":"t","clientCertificateData":"-----BEGIN X-----","clientKeyData":"-----BEGIN Y-----",
                   "expirationTimestamp":"2026-11-21T00:00:00Z"}}
        """#

    /// The seed with up to six changes.
    func mutated(_ seed: String, _ tokens: [String], _ random: inout SeededRandom) -> Data {
        var bytes = Array(seed.utf8)
        for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            case 2: bytes.removeSubrange(index...)
            case 3: bytes.insert(contentsOf: bytes[..<index].suffix(40), at: index)
            default: bytes.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: index)
            }
        }
        return Data(bytes)
    }

    @Test("a watch of any bytes, in any pieces, gives the same frames and never traps")
    func watch() async {
        var random = SeededRandom(seed: 361)
        let body = events.joined(separator: "\n") + "\n"
        for _ in 0..<1_000 {
            // Other tests want the pool, too.
            await Task.yield()
            let piece = UInt8.random(in: 0...255, using: &random)
            let bytes = mutated(body, ["\n", "\r\n", "{", "null", "1e999", "\\u0000"], &random)
            #expect(ClientFuzzing.fuzzWatch([piece] + bytes))
        }
        #expect(ClientFuzzing.fuzzWatch(Data([255]) + Data(repeating: UInt8(ascii: "["), count: 300_000) + [0x0A]))
    }

    @Test("a kubeconfig of any bytes is read or refused and never traps")
    func kubeconfigBytes() async {
        var random = SeededRandom(seed: 362)
        let tokens = [
            "{", "}", "[", "]", ": ", "- ", "\n", "&a ", "*a ", "*v", "!!binary ", "|\n", "\t", "'", "\"", "<<: ",
        ]
        for _ in 0..<1_000 {
            await Task.yield()
            let bytes = mutated(kubeconfig, tokens, &random)
            #expect(ClientFuzzing.fuzzKubeconfig(bytes), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test("a kubeconfig that is deep, large or multiplies itself is refused in time")
    func kubeconfigExtremes() {
        let start = ContinuousClock.now
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let texts = [
            String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 100_000),
            String(repeating: "- ", count: 100_000), bomb, String(repeating: " ", count: 5 << 20), "a: *a", "&a [*a]",
            "contexts: [{name: &n one}, {name: *n}]", "\u{feff}", "\u{0}", "--- \n---\n", "%YAML 9.9\n---\n",
        ]
        for text in texts { #expect(ClientFuzzing.fuzzKubeconfig(Data(text.utf8)), "\(text.prefix(60))") }
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test("what a plugin writes is taken or refused and never traps")
    func pluginAnswer() async {
        var random = SeededRandom(seed: 363)
        let tokens = ["{", "}", "null", "\\n", "\\u000d", "\\ud800", "1e999", "\"", "v1beta1", "-----BEGIN "]
        for _ in 0..<1_000 {
            await Task.yield()
            let bytes = mutated(answer, tokens, &random)
            #expect(ClientFuzzing.fuzzPluginAnswer(bytes), "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(ClientFuzzing.fuzzPluginAnswer(Data(repeating: UInt8(ascii: "["), count: 1 << 20)))
    }
}
