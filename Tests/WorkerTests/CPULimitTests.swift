// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Worker

@Suite("The CPU limit")
struct CPULimitTests {
    @Test(
        "of cgroup versions 1 and 2 becomes whole threads, within the processors that there are",
        arguments: [
            (CPULimit(maximum: "max 100000\n"), 8),
            (CPULimit(maximum: "150000 100000\n"), 2),
            (CPULimit(maximum: "200000 100000\n"), 2),
            (CPULimit(maximum: "10000 100000\n"), 1),
            (CPULimit(maximum: "9000000 100000\n"), 8),
            (CPULimit(quota: "-1\n", period: "100000\n"), 8),
            (CPULimit(quota: "250000\n", period: "100000\n"), 3),
            (CPULimit(), 8),
            (CPULimit(maximum: "nonsense"), 8),
            (CPULimit(maximum: "inf inf"), 8),
            (CPULimit(maximum: "9223372036854775807 1"), 8),
            (CPULimit(maximum: "100000 0"), 8),
        ]
    )
    func threads(_ limit: CPULimit, _ expected: Int) {
        #expect(limit.threads(processors: 8) == expected)
    }

    @Test("is at least one thread, whatever is said of processors")
    func least() {
        #expect(CPULimit().threads(processors: 0) == 1)
    }
}
