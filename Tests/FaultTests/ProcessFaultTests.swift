// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeClient
import KubeCore
import KubeTestSupport
import Testing

/// The built program of the test operator.
private enum FaultOperatorProgram {
    /// Where it is, beside the tests; nil where it was not built.
    static let path: String? = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let path = URL(filePath: tests).deletingLastPathComponent().appending(path: "fault-operator").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()
}

/// Operator processes that are killed and stopped.
@Suite(
    "Faults of processes",
    .enabled(if: TestControlPlane.isAvailable),
    .enabled(if: FaultOperatorProgram.path != nil, "fault-operator is not built beside the tests"),
    .timeLimit(.minutes(2))
)
struct ProcessFaultTests {
    private func start(_ name: String, _ bench: FaultBench) throws -> ChildProcess {
        try ChildProcess(FaultOperatorProgram.path ?? "", words(name, bench))
    }

    private func words(_ name: String, _ bench: FaultBench) -> [String] {
        [name, bench.proxy.configuration.server, bench.plane.folder + "/ca.crt", bench.namespace]
    }

    /// Who led when a write was carried out, by the leases that came by before.
    private func expectOneWriter(_ bench: FaultBench) {
        var leader = ""
        for entry in bench.proxy.log where entry.isAcceptedWrite && entry.request.resource != "events" {
            if entry.request.resource == "leases" {
                leader = String(entry.request.agent.prefix { $0 != "/" })
            } else {
                #expect(entry.request.agent == leader, "\(entry.request) while \(leader) led")
            }
        }
    }

    private func holder(_ bench: FaultBench) async throws -> String? {
        try? await bench.client.get(Lease.self, namespace: bench.namespace, name: "operator").spec?.holderIdentity
    }

    @Test("a leader that is killed in the midst of its work is followed by the standby, which completes it")
    func killed() async throws {
        try await FaultBench.with { bench in
            let first = try start("one", bench)
            try await bench.wait("the first leads") { try await holder(bench) == "one" }
            let second = try start("two", bench)
            var workload = bench.workload
            try await workload.begin(parents: 12)
            try await bench.wait("the first is in the midst of it") { bench.creations >= 5 }
            first.kill()
            #expect(bench.creations < 36)
            try await bench.converge(workload)
            try await bench.expectQuiet()
            #expect(bench.creations == 36)
            #expect(Set(bench.acceptedWrites.map(\.request.agent)) == ["one", "two"])
            expectOneWriter(bench)
            second.kill()
        }
    }

    @Test("a leader that was stopped for longer than its lease writes nothing when it goes on, and exits")
    func stopped() async throws {
        try await FaultBench.with { bench in
            let first = try start("one", bench)
            try await bench.wait("the first leads") { try await holder(bench) == "one" }
            let second = try start("two", bench)
            var workload = bench.workload
            try await workload.begin(parents: 12)
            try await bench.wait("the first is in the midst of it") { bench.creations >= 5 }
            first.send(signal: SIGSTOP)
            try await bench.wait("the second leads") { try await holder(bench) == "two" }
            try await bench.converge(workload)
            // Everything is wrong again when the first goes on, and only the second may do something about it.
            for number in 0..<12 { try await workload.apply("p\(number)", 3, "b") }
            first.send(signal: SIGCONT)
            try await bench.wait("the first has exited") { !first.isRunning }
            try await bench.converge(workload)
            try await bench.expectQuiet()
            expectOneWriter(bench)
            #expect(bench.creations == 36)
            second.kill()
        }
    }

    @Test("sixty-four descriptors, low priority and no folder to write to are enough")
    func scarce() async throws {
        try await FaultBench.with { bench in
            let program = [FaultOperatorProgram.path ?? ""] + words("one", bench)
            let limits = #"ulimit -n 64; export TMPDIR=/nonexistent HOME=/nonexistent; exec nice -n 15 "$@""#
            let process = try ChildProcess("/bin/sh", ["-c", limits, "sh"] + program)
            var workload = bench.workload
            try await workload.begin(parents: 12)
            try await bench.converge(workload)
            try await bench.expectQuiet()
            #expect(bench.creations == 36)
            process.kill()
        }
    }
}
