// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import KubeRuntime

@Suite("HealthChecks")
struct HealthChecksTests {
    @Test("nothing is said about checks that pass unless it is asked for")
    func passes() {
        let health = HealthChecks()
        health.add("b", to: .liveness) { nil }
        health.add("a", to: .liveness) { nil }
        #expect(health.report(.liveness) == .init(isHealthy: true, text: "ok"))
        #expect(health.report(.liveness, verbose: true).text == "[+]a ok\n[+]b ok\nhealthz check passed\n")
        #expect(health.report(.readiness).isHealthy)
    }

    @Test("one failure fails the whole and is named, unless it is excluded")
    func fails() {
        let health = HealthChecks()
        health.add("watch", to: .readiness) { "silent" }
        #expect(
            health.report(.readiness)
                == .init(isHealthy: false, text: "[-]watch failed: silent\nreadyz check failed\n")
        )
        #expect(health.report(.readiness, excluding: ["watch"]).isHealthy)
    }
}
