// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FaultOperator
import KubeTestSupport
import Testing

@Suite("Without faults", .enabled(if: TestControlPlane.isAvailable), .timeLimit(.minutes(1)))
struct FaultFreeTests {
    @Test("a run without faults reaches the state that all others are compared with, with no request too much")
    func faultFree() async throws {
        try await FaultBench.with { bench in
            try await bench.runWorkload(bench.makeOperator())
            #expect(bench.count(.list) == 2)
            #expect(bench.count(.watch) == 2)
            // 21 creations, 7 deletions, 12 changes; p5 may or may not be seen before it is made anew.
            #expect(bench.acceptedWrites.count <= 45)
        }
    }
}
