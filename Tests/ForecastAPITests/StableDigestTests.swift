// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Testing

@Suite("Stable digests")
struct StableDigestTests {
    /// The vectors that the authors of FNV publish for FNV-1a with 64 bits.
    @Test(
        "the digest is FNV-1a with 64 bits",
        arguments: [
            ("", "cbf29ce484222325"),
            ("a", "af63dc4c8601ec8c"),
            ("b", "af63df4c8601f1a5"),
            ("foo", "dcb27518fed9d577"),
            ("foobar", "85944171f73967e8"),
        ]
    )
    func vectors(text: String, digest: String) {
        #expect(StableDigest.hex(text) == digest)
    }

    @Test("fewer digits are the last ones", arguments: 1...16)
    func digits(count: Int) {
        #expect(StableDigest.hex("foobar", digits: count) == "85944171f73967e8".suffix(count))
    }

    @Test("equal values have equal digests, whatever order their keys came in")
    func values() throws {
        let one = try StableDigest.hex(of: ["a": 1, "b": 2])
        #expect(one == StableDigest.hex(#"{"a":1,"b":2}"#))
        #expect(try StableDigest.hex(of: ["b": 2, "a": 1]) == one)
        #expect(try StableDigest.hex(of: ["a": 2, "b": 1]) != one)
    }
}
