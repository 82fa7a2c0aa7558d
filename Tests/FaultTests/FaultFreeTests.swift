// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FaultOperator
import KubeRuntime
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

    private struct Remains {
        weak var host: AnyObject?
        weak var elector: AnyObject?
        weak var store: AnyObject?
    }

    @Test("a process that has ended leaves nothing of itself in memory")
    func noRemains() async throws {
        try await FaultBench.with { bench in
            func run() async throws -> Remains {
                let process = bench.makeOperator(options: .with { $0.election = .init() })
                var workload = bench.workload
                try await workload.begin()
                try await bench.running(process) { try await bench.converge(workload) }
                return Remains(host: process.host, elector: process.elector, store: process.parents)
            }
            let remains = try await run()
            try await bench.wait("all is gone") {
                remains.host == nil && remains.elector == nil && remains.store == nil
            }
        }
    }
}
