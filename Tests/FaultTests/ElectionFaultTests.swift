// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FaultOperator
import KubeClient
import KubeCore
import KubeRuntime
import KubeTestSupport
import PrometheusMetrics
import Testing

@Suite("Faults of the election", .enabled(if: TestControlPlane.isAvailable), .timeLimit(.minutes(2)))
struct ElectionFaultTests {
    /// A tenth of the usual periods.
    private static let timing = LeaderStateMachine.Timing(
        leaseDuration: .milliseconds(1500),
        renewDeadline: .seconds(1),
        retryPeriod: .milliseconds(200)
    )

    /// A fifth of them, where a request about the lease has to run into its own limit of a second.
    private static let slowTiming = LeaderStateMachine.Timing(
        leaseDuration: .seconds(3),
        renewDeadline: .seconds(2),
        retryPeriod: .milliseconds(400)
    )

    private static let elected = FaultOperator.Options.with { $0.election = timing }

    /// No process has written anything after another one took the lease.
    private func expectOneWriter(_ bench: FaultBench) {
        var leader = ""
        for entry in bench.proxy.log where entry.isAcceptedWrite && entry.request.resource != "events" {
            let agent = entry.request.agent
            if entry.request.resource == "leases" {
                leader = String(agent.prefix { $0 != "/" })
            } else {
                #expect(agent == leader, "\(entry.request) while \(leader) led")
            }
        }
    }

    /// Runs two processes beside `body`; one that loses the lease is gone, as its program would be.
    private func withTwo(
        _ bench: FaultBench,
        _ timing: LeaderStateMachine.Timing = timing,
        _ body: (_ leader: FaultOperator, _ standby: FaultOperator, _ workload: inout Workload) async throws -> Void
    ) async throws {
        let options = FaultOperator.Options.with { $0.election = timing }
        let (one, two) = (bench.makeOperator("one", options: options), bench.makeOperator("two", options: options))
        var workload = bench.workload
        try await workload.begin()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await one.run() }
            try await bench.wait("the first leads") { one.elector?.isLeading == true }
            group.addTask { try? await two.run() }
            try await bench.converge(workload)
            try await bench.wait("the standby is warm") {
                two.children.hasSynced && two.health.report(.readiness).isHealthy
            }
            try await body(one, two, &workload)
            group.cancelAll()
        }
        expectOneWriter(bench)
    }

    @Test("a leader that is cut off stops before its lease ends, and the standby goes on in time")
    func partition() async throws {
        try await FaultBench.with { bench in
            try await withTwo(bench) { one, two, workload in
                bench.proxy.cutOff("one")
                let start = ContinuousClock.now
                try await workload.change()
                let stopped = try await bench.wait("the first has stopped") { one.elector?.isLeading == false }
                #expect(stopped < Self.timing.leaseDuration)
                #expect(two.elector?.isLeading == false)
                try await bench.wait("the second leads") { two.elector?.isLeading == true }
                #expect(ContinuousClock.now - start < .seconds(3))
                // The first is let through again, and must not write.
                bench.proxy.letThrough("one")
                try await bench.converge(workload)
                try await bench.expectQuiet()
                #expect(two.registry.render().contains("leader_election_master_status{name=\"operator\"} 1"))
            }
            #expect(bench.creations <= Workload.mostCreations)
        }
    }

    @Test("a standby that is cut off disturbs nobody and takes nothing when it comes back")
    func standbyPartition() async throws {
        try await FaultBench.with { bench in
            try await withTwo(bench) { one, two, workload in
                bench.proxy.cutOff("two")
                try await workload.change()
                try await bench.converge(workload)
                try await Task.sleep(for: .milliseconds(1600))
                bench.proxy.letThrough("two")
                try await Task.sleep(for: .milliseconds(500))
                #expect(one.elector?.isLeading == true)
                #expect(two.elector?.isLeading == false)
            }
        }
    }

    @Test("renewals that are slow, fail, conflict or lose their answer are tried again until the deadline")
    func slowRenewals() async throws {
        let rules: [FaultRule] = [
            .on([.replace], of: "leases", by: "one", .only([2]), .delayAnswer(.milliseconds(900))),
            .on([.replace], of: "leases", by: "one", .only([3, 4]), .answer(.broken)),
            .on([.replace], of: "leases", by: "one", .only([6]), .answer(.conflict)),
            .on([.replace], of: "leases", by: "one", .only([7]), .swallowAnswer),
        ]
        try await FaultBench.with(rules) { bench in
            try await withTwo(bench, Self.slowTiming) { one, two, workload in
                try await workload.change()
                try await bench.converge(workload)
                try await bench.wait("all faults have happened") { bench.proxy.hits >= 5 }
                try await Task.sleep(for: .milliseconds(500))
                #expect(one.elector?.isLeading == true)
                #expect(two.elector?.isLeading == false)
            }
        }
    }

    @Test("a lease is renewed although every other request of its process is stuck or refused")
    func saturation() async throws {
        let rules: [FaultRule] = [
            .on([.create, .patch, .delete, .get], of: "configmaps", by: "one", .all, .stall),
            .on([.list, .watch], of: "configmaps", by: "one", .from(5), .answer(.busy)),
        ]
        try await FaultBench.with(rules) { bench in
            let one = bench.makeOperator("one", options: Self.elected)
            var workload = bench.workload
            try await workload.begin(parents: 40)
            try await bench.running(one) {
                try await bench.wait("it leads") { one.elector?.isLeading == true }
                for _ in 0..<20 {
                    try await Task.sleep(for: .milliseconds(100))
                    #expect(one.elector?.isLeading == true)
                }
            }
            #expect(bench.count(.replace, of: "leases") >= 7)
        }
    }

    @Test("a store that takes no write makes the leader step down, and whoever comes next goes on")
    func full() async throws {
        try await FaultBench.with { bench in
            let lost = Flag()
            let one = bench.makeOperator("one", options: Self.elected, onLoss: { _ in lost.set() })
            var workload = bench.workload
            try await workload.begin()
            await #expect(throws: RuntimeError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await one.run() }
                    try await bench.converge(workload)
                    bench.proxy.follow([.on([.create, .patch, .replace, .delete], .all, .answer(.full))])
                    try await group.waitForAll()
                }
            }
            #expect(lost.isSet)
            #expect(one.elector?.overdue != nil)
            bench.proxy.follow([])
            try await workload.change()
            let next = bench.makeOperator("next", options: Self.elected)
            try await bench.running(next) { try await bench.converge(workload) }
            expectOneWriter(bench)
        }
    }

    @Test("a call to stop lets running work end, gives the lease back, and the standby leads at once")
    func orderlyEnd() async throws {
        try await FaultBench.with { bench in
            try await withTwo(bench) { one, two, workload in
                try await workload.change()
                one.host.stop()
                let time = try await bench.wait("the second leads") { two.elector?.isLeading == true }
                #expect(time < .seconds(2))
                try await bench.converge(workload)
            }
        }
    }

    @Test("work that does not end within the grace, not even when it is cancelled, keeps the lease")
    func stubbornWork() async throws {
        try await FaultBench.with { bench in
            let one = bench.makeOperator(
                "one",
                options: .with { options in
                    options.election = Self.timing
                    options.pause = .milliseconds(2200)
                    options.isStubborn = true
                }
            )
            let two = bench.makeOperator("two", options: Self.elected)
            var workload = bench.workload
            try await workload.apply("p", 1, "a")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await one.run() }
                try await bench.wait("the first leads") { one.elector?.isLeading == true }
                group.addTask { try? await two.run() }
                try await Task.sleep(for: .milliseconds(300))
                one.host.stop()
                try await Task.sleep(for: .milliseconds(1200))
                // The grace of half a second is over, and the work still runs.
                #expect(one.elector?.isLeading == true)
                #expect(two.elector?.isLeading == false)
                try await bench.wait("the second leads") { two.elector?.isLeading == true }
                try await bench.converge(workload)
                group.cancelAll()
            }
            expectOneWriter(bench)
        }
    }
}
