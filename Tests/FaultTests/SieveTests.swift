// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FaultOperator
import KubeClient
import KubeCore
import KubeRuntime
import KubeTestSupport
import Testing

/// The three patterns of Sieve (X. Sun et al., OSDI 2022), each enumerated over a whole run.
@Suite("Sieve", .enabled(if: TestControlPlane.isAvailable), .timeLimit(.minutes(3)))
struct SieveTests {
    /// A smaller piece of work with every kind of write: create, change, status, delete, made anew.
    private func begin(_ workload: inout Workload) async throws {
        try await workload.apply("p0", 2, "a")
        try await workload.apply("p1", 2, "a")
    }

    private func change(_ workload: inout Workload) async throws {
        try await workload.apply("p0", 1, "b")
        try await workload.delete("p1")
        try await workload.apply("p1", 1, "c")
    }

    private static let mostCreations = 4 + 1

    @Test("a process that dies after any one of its writes leaves what its successor completes, without a duplicate")
    func intermediateState() async throws {
        var crashes = 0
        for write in 1... {
            guard try await crash(after: write) else { break }
            crashes += 1
        }
        print("Sieve, intermediate state: \(crashes) points")
        #expect(crashes >= 10)
    }

    /// Crashes the first process after so many writes; false where it made fewer.
    private func crash(after count: Int) async throws -> Bool {
        try await FaultBench.with { bench in
            let died = Flag()
            bench.proxy.onWrite { entry in
                guard entry.request.resource == "configmaps", entry.request.agent == "one", died.countUp() == count
                else { return }
                // Nothing more of it gets through, not even this answer.
                bench.proxy.cutOff("one")
                died.set()
            }
            var workload = bench.workload
            try await begin(&workload)
            let first = bench.makeOperator("one")
            try await bench.running(first) {
                try await bench.wait("the first half, or the crash") {
                    let isDone = try await workload.actual() == workload.expected
                    return isDone || died.isSet
                }
                try await change(&workload)
                try await bench.wait("the second half, or the crash") {
                    let isDone = try await workload.actual() == workload.expected
                    return isDone || died.isSet
                }
            }
            guard died.isSet else { return false }
            let second = bench.makeOperator("two")
            try await bench.running(second) {
                try await bench.converge(workload)
                try await bench.expectQuiet(for: .milliseconds(100))
            }
            #expect(bench.creations <= Self.mostCreations, "after write \(count)\n\(bench.requestSummary)")
            return true
        }
    }

    @Test("any one event that never comes is made good by what comes after it")
    func unobservedState() async throws {
        var events = 0
        for event in 1... {
            guard try await lose(event) else { break }
            events += 1
        }
        print("Sieve, unobserved state: \(events) events")
        #expect(events >= 10)
    }

    /// Loses one event; false where there were fewer.
    private func lose(_ number: Int) async throws -> Bool {
        try await FaultBench.with { bench in
            bench.proxy.follow([.onEvents(.only([number]), .drop, types: ["ADDED", "MODIFIED", "DELETED"])])
            let process = bench.makeOperator(
                options: .with { options in
                    options.recheckPeriod = .milliseconds(1)
                    options.ownWritePatience = .milliseconds(200)
                }
            )
            var workload = bench.workload
            try await begin(&workload)
            try await bench.running(process) {
                try await bench.converge(workload)
                try await change(&workload)
                try await Task.sleep(for: .milliseconds(100))
                // The regular end of a watch, after which the state is looked at as a whole.
                bench.proxy.breakConnections(of: "one")
                try await bench.converge(workload)
            }
            #expect(bench.creations <= Self.mostCreations + 2, "without event \(number)\n\(bench.requestSummary)")
            return bench.proxy.hits > 0
        }
    }

    @Test(
        "a process that starts with the view of an API server from any time before writes nothing until it catches up"
    )
    func staleState() async throws {
        for frozen in 1...4 {
            try await withOldView(from: frozen, lateKinds: ["parent", "child"]) { bench, workload in
                let actual = try await workload.actual()
                #expect(actual == workload.expected)
                #expect(bench.acceptedWrites.isEmpty, "\(bench.requestSummary)")
            }
        }
    }

    @Test("a process that sees children as they are and parents as they were deletes none that is wanted")
    func mixedState() async throws {
        for frozen in [2, 4] {
            try await withOldView(from: frozen, lateKinds: ["parent"]) { bench, workload in
                let actual = try await workload.actual()
                let wanted = workload.expected.filter { $0.contains("/") }.map { $0.prefix { $0 != ":" } }
                #expect(wanted.allSatisfy { child in actual.contains { $0.hasPrefix(child + ":") } })
            }
        }
    }

    /// Does the work in steps, remembers the view before one of them, and starts a process that gets that view from the
    /// lists, while the watches of some kinds are late.
    private func withOldView(
        from frozen: Int,
        lateKinds: [String],
        _ check: (FaultBench, Workload) async throws -> Void
    ) async throws {
        try await FaultBench.with { bench in
            var workload = bench.workload
            let steps: [@Sendable (inout Workload) async throws -> Void] = [
                { try await $0.apply("p0", 2, "a") }, { try await $0.apply("p1", 2, "a") },
                { try await $0.apply("p0", 1, "b") }, { try await $0.delete("p1") },
                { try await $0.apply("p1", 1, "c") },
            ]
            try await bench.running(bench.makeOperator("first")) {
                for (number, step) in steps.enumerated() {
                    if number == frozen { try await remember(bench) }
                    try await step(&workload)
                    try await bench.converge(workload)
                }
            }
            bench.proxy.clearLog()
            let late = lateKinds.map { kind in
                FaultRule.onEvents(.only([1]), .delay(.milliseconds(300)), by: "second", to: "role%3D\(kind)")
            }
            bench.proxy.follow([.on([.list], of: "configmaps", by: "second", .first(2), .answerAsFirst)] + late)
            let second = bench.makeOperator("second")
            try await bench.running(second) {
                try await bench.wait("it has the old view") { second.children.hasSynced && second.parents.hasSynced }
                try await Task.sleep(for: .milliseconds(150))
                try await check(bench, workload)
                try await bench.wait("it has caught up") {
                    [second.parents, second.children].allSatisfy { store in
                        store.all.contains { $0.data?["value"] == "c" }
                    }
                }
                // One cache may catch up before the other one, which leads to work that has to be undone.
                try await Task.sleep(for: .milliseconds(100))
                try await bench.converge(workload)
            }
            #expect(bench.proxy.hits >= 2 + lateKinds.count)
        }
    }

    /// Lets the proxy remember what a process that starts now sees.
    private func remember(_ bench: FaultBench) async throws {
        bench.proxy.rememberAnswers()
        let process = bench.makeOperator("remembering")
        try await bench.running(process) {
            try await bench.wait("it has listed") { process.parents.hasSynced && process.children.hasSynced }
        }
    }
}
