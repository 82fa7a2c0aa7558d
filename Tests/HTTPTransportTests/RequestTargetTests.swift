// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import HTTPTransport

struct RequestTargetTests {
    @Test("a URL is taken apart and loses its secrets in messages")
    func parts() throws {
        let target = try #require(RequestTarget("HTTPS://me:canary@[::1]:6443/a/b?token=canary#x"))
        #expect(target.scheme == "https" && target.host == "[::1]" && target.port == "6443")
        #expect(target.redacted == "https://[::1]:6443/a/b")
        #expect(target.url(host: "name") == "https://me:canary@name:6443/a/b?token=canary#x")
        #expect(RequestTarget("http://h")?.effectivePort == "80")
    }

    @Test(
        "what is no absolute HTTP URL is refused",
        arguments: [
            "", "h", "ftp://h/", "http://", "http:///x", "http://h:x/", "http://h:70000", "http://a b/", "http://[::1/",
        ]
    )
    func refused(url: String) {
        #expect(RequestTarget(url) == nil)
    }

    @Test("an unusable URL is reported without its password")
    func reported() {
        #expect(throws: HTTPTransportError.invalidURL("…@h:x/")) {
            try RequestTarget(validating: HTTPRequest(url: "http://me:canary@h:x/?canary"))
        }
    }

    @Test("a header field cannot smuggle in another one")
    func smuggling() {
        for header in [
            HTTPHeader("A", "b\r\nC: d"), HTTPHeader("A\n", "b"), HTTPHeader("", "b"), HTTPHeader("A:", "b"),
        ] {
            #expect(throws: HTTPTransportError.self) {
                try RequestTarget(validating: HTTPRequest(url: "http://h/", headers: [header]))
            }
        }
        #expect(throws: HTTPTransportError.self) {
            try RequestTarget(validating: HTTPRequest(method: "GET /\r\n", url: "http://h/"))
        }
    }

    @Test("random texts never trap and never show what stands before an at sign")
    func fuzz() {
        var random = SeededRandom(seed: 1)
        let alphabet = Array("ahtps:/@[]?#.0129\r\n %é\u{0}")
        for _ in 0..<20_000 {
            let tail = String(
                (0..<Int.random(in: 0..<24, using: &random)).compactMap { _ in alphabet.randomElement(using: &random) }
            )
            let target = RequestTarget("http://" + tail)
            if let target { #expect(!target.redacted.contains("@") || target.rest.contains("@")) }
        }
    }
}
