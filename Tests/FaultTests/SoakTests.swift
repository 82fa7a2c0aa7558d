// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FaultOperator
import Foundation
import KubeClient
import KubeCore
import KubeRuntime
import KubeTestSupport
import PrometheusMetrics
import TestSupport
import Testing

/// All faults together, by chance from a seed, for as long as ALMANAC_SOAK_SECONDS says (3 without it).
@Suite("Soak", .enabled(if: TestControlPlane.isAvailable), .timeLimit(.minutes(6_000)))
struct SoakTests {
    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    private static let seconds = setting("ALMANAC_SOAK_SECONDS") ?? 3
    private static let seed = UInt64(setting("ALMANAC_SOAK_SEED") ?? 1)
    private static let names = ["alpha", "beta"]

    private static let options = FaultOperator.Options.with { options in
        options.election = LeaderStateMachine.Timing(
            leaseDuration: .milliseconds(1500),
            renewDeadline: .seconds(1),
            retryPeriod: .milliseconds(200)
        )
        options.watchIdleTimeout = .seconds(2)
        options.requestTimeout = .seconds(1)
        options.ownWritePatience = .seconds(1)
        options.recheckPeriod = .milliseconds(500)
        // A parent that has failed for a whole storm must come up again soon after it.
        options.longestRetryDelay = .seconds(2)
    }

    /// One process after another of one name, each until it is killed, loses the lease or ends.
    private func supervise(
        _ name: String,
        _ bench: FaultBench,
        _ running: Shared<[String: FaultOperator]>,
        _ kills: Shared<Set<String>>,
        _ isOver: Flag
    ) async {
        var number = 0
        while !isOver.isSet && !Task.isCancelled {
            number += 1
            let process = bench.makeOperator("\(name)-\(number)", seed: UInt64(number), options: Self.options)
            running.withLock { $0[name] = process }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await process.run() }
                group.addTask {
                    while !Task.isCancelled, !isOver.isSet, kills.withLock({ $0.remove(name) }) == nil {
                        try? await Task.sleep(for: .milliseconds(20))
                    }
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func randomRules(_ random: inout SeededRandom) -> [FaultRule] {
        let writes: Set<ProxiedRequest.Verb> = [.create, .patch, .delete, .replace]
        let answers: [FaultAnswer] = [.gone, .conflict, .busy, .broken, .full, .forbidden, .behind]
        let catalogue: [(inout SeededRandom) -> FaultRule] = [
            { .on(writes, .share(0.2), .answer(answers.randomElement(using: &$0) ?? .broken)) },
            { .on([.list, .watch], .share(0.3), .answer(answers.randomElement(using: &$0) ?? .gone)) },
            { _ in .on(writes, .share(0.2), .swallowAnswer) }, { _ in .on(writes, .share(0.2), .disconnect) },
            { _ in .on(writes, of: "configmaps", .share(0.1), .stall) },
            { .on([.list, .get], .share(0.2), .cutAnswer(after: Int.random(in: 0..<2000, using: &$0))) },
            { .on([.replace], of: "leases", .share(0.2), .delay(.milliseconds(Int.random(in: 0..<900, using: &$0)))) },
            { .onEvents(.share(0.1), .cutAt(Double.random(in: 0..<1, using: &$0))) },
            { _ in .onEvents(.share(0.1), .drop) }, { _ in .onEvents(.share(0.3), .duplicate) },
            { _ in .onEvents(.share(0.2), .swap) },
            { .onEvents(.share(0.1), .replay(Int.random(in: 1..<20, using: &$0))) },
            { _ in .onEvents(.share(0.05), .silence) }, { _ in .onEvents(.share(0.05), .garbage) },
            { .onEvents(.share(0.05), .error(answers.randomElement(using: &$0) ?? .gone)) },
            { .onEvents(.share(0.2), .delay(.milliseconds(Int.random(in: 0..<500, using: &$0)))) },
            { _ in .onEvents(.share(0.2), .glue) }, { _ in .onEvents(.share(0.1), .trickle) },
            { _ in .onEvents(.share(0.1), .end) },
        ]
        return (0..<3).compactMap { _ in catalogue.randomElement(using: &random)?(&random) }
    }

    /// Makes trouble and work for a while.
    private func storm(
        _ bench: FaultBench,
        _ workload: inout Workload,
        _ kills: Shared<Set<String>>,
        _ random: inout SeededRandom,
        for time: Duration
    ) async throws {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end {
            let name = Self.names.randomElement(using: &random) ?? ""
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<6: bench.proxy.follow(randomRules(&random), seed: random.next())
            case 6, 7: bench.proxy.breakConnections(of: name)
            case 8: bench.proxy.cutOff(name)
            case 9..<13: bench.proxy.letThrough(name)
            case 13: kills.withLock { _ = $0.insert(name) }
            default: break
            }
            let parent = "p\(Int.random(in: 0..<6, using: &random))"
            if workload.parents[parent] != nil, Int.random(in: 0..<5, using: &random) == 0 {
                try await workload.delete(parent)
            } else {
                let value = ["a", "b", "c"].randomElement(using: &random) ?? ""
                try await workload.apply(parent, Int.random(in: 0..<5, using: &random), value)
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 50..<250, using: &random)))
        }
    }

    @Test("under all faults at once, by chance, the end is always right and no two ever write, and nothing grows")
    func soak() async throws {
        var random = SeededRandom(seed: Self.seed)
        var figures = ProcessFigures()
        try await FaultBench.with { bench in
            let kills = Shared<Set<String>>([])
            let running = Shared<[String: FaultOperator]>([:])
            let isOver = Flag()
            var workload = bench.workload
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in Self.names { group.addTask { await supervise(name, bench, running, kills, isOver) } }
                let start = ContinuousClock.now
                var rounds = 0
                while ContinuousClock.now - start < .seconds(Self.seconds) {
                    rounds += 1
                    let share = min(.seconds(10), .seconds(Self.seconds) / 2)
                    try await storm(bench, &workload, kills, &random, for: share)
                    bench.proxy.follow([])
                    for name in Self.names { bench.proxy.letThrough(name) }
                    bench.proxy.breakConnections()
                    // Events that were lost are made good by the next list, and one is due by then.
                    try await Task.sleep(for: .milliseconds(700))
                    bench.proxy.breakConnections()
                    try await bench.converge(workload, within: .seconds(25)) {
                        running.withLock { $0.values.map(\.summary) }.joined(separator: "\n")
                    }
                    // A cache that is still behind, because its reflector waits, lets what is there be written once more.
                    try await bench.wait("the caches hold what is there") {
                        let held = try await bench.client.list(ConfigMap.self, namespace: bench.namespace).items
                        let versions = Set(held.filter { $0.metadata.labels?["role"] != nil }.map(\.version))
                        return running.withLock { $0.values.allSatisfy { $0.versions == versions } }
                    }
                    try await bench.expectQuiet()
                    expectOneWriter(bench.proxy.log)
                    #expect(bench.proxy.log.count < 20_000, "\(bench.requestSummary.prefix(3000))")
                    bench.proxy.clearLog()
                    figures.take(at: ContinuousClock.now - start)
                }
                print("soak: seed \(Self.seed), \(rounds) rounds, \(bench.proxy.hits) faults; \(figures)")
                isOver.set()
                group.cancelAll()
            }
        }
        // Only a long run can tell growth from warming up, which goes on for half an hour.
        if Self.seconds >= 3_600 { #expect(figures.heldSlope < 10, "MiB an hour") }
    }

    private func expectOneWriter(_ log: [FaultProxy.Entry]) {
        var leader: String?
        for entry in log where entry.isAcceptedWrite && entry.request.resource != "events" {
            let agent = String(entry.request.agent.prefix { $0 != "/" })
            if entry.request.resource == "leases" {
                leader = agent
            } else {
                #expect(agent == leader ?? agent, "\(entry.request) while \(leader ?? "") led")
            }
        }
    }
}

extension ConfigMap {
    /// Names one state of it.
    fileprivate var version: String { "\(metadata.name) \(metadata.resourceVersion ?? "")" }
}

extension FaultOperator {
    /// The states that its caches hold.
    fileprivate var versions: Set<String> { Set((parents.all + children.all).map(\.version)) }

    /// What it has in its caches and does now, for messages.
    fileprivate var summary: String {
        let held = (parents.all + children.all).map { map in
            let status = map.metadata.annotations.map { "\($0)" } ?? ""
            return "  \(map.metadata.name) at \(map.metadata.resourceVersion ?? "") \(map.data ?? [:]) \(status)"
        }
        let figures = registry.render().split(separator: "\n").filter { line in
            !line.hasPrefix("#") && !line.contains("_bucket") && !line.contains("rest_client") && !line.hasSuffix(" 0")
        }
        let versions = "parents \(parents.resourceVersion ?? "none"), children \(children.resourceVersion ?? "none")"
        let lines = ["\(name), leading \(elector?.isLeading ?? true), \(versions)"] + held.sorted()
        return (lines + figures.map { "  \($0)" }).joined(separator: "\n")
    }
}
