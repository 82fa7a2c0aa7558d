// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FaultOperator
import KubeClient
import KubeCore
import KubeRuntime
import KubeTestSupport
import Testing

@Suite("Faults of lists and watches", .enabled(if: TestControlPlane.isAvailable), .timeLimit(.minutes(2)))
struct ListWatchFaultTests {
    /// Runs the usual work under rules that hold all the time.
    private func run(
        _ rules: [FaultRule],
        requests: Int = 250,
        options: FaultOperator.Options = .init(),
        check: (FaultBench) -> Void = { _ in }
    ) async throws {
        try await FaultBench.with(rules) { bench in
            try await bench.runWorkload(bench.makeOperator(options: options), requests: requests)
            check(bench)
        }
    }

    @Test("an API server that is away and comes back costs no list, few requests and little time")
    func away() async throws {
        try await FaultBench.with { bench in
            // The delays of production: 0.8 s doubled, with full jitter.
            let process = bench.makeOperator(haste: 1)
            var workload = bench.workload
            try await workload.begin()
            try await bench.running(process) {
                try await bench.converge(workload)
                bench.proxy.cutOff("one")
                bench.proxy.clearLog()
                try await workload.change()
                try await Task.sleep(for: .milliseconds(1500))
                #expect(bench.count(.watch) <= 2 * 6)
                bench.proxy.letThrough("one")
                try await bench.converge(workload, within: .seconds(10))
                try await bench.expectQuiet()
            }
            #expect(bench.count(.list) == 0)
        }
    }

    @Test("connections that break again and again lose nothing and cost no list")
    func breaks() async throws {
        try await FaultBench.with { bench in
            try await bench.runWorkload(bench.makeOperator(), requests: 400) { bench in
                for _ in 0..<10 {
                    bench.proxy.breakConnections()
                    try await Task.sleep(for: .milliseconds(30))
                }
            }
            #expect(bench.count(.list) == 2)
        }
    }

    @Test("a storm of 410 at every watch is met with backoff, and with the newest state each time")
    func goneStorm() async throws {
        try await FaultBench.with([.on([.watch], .all, .answer(.gone))]) { bench in
            let process = bench.makeOperator()
            var workload = bench.workload
            try await workload.begin()
            try await bench.running(process) {
                try await bench.converge(workload)
                try await workload.change()
                try await Task.sleep(for: .milliseconds(1500))
                // With waits a tenth of the real ones: 15 s of a storm.
                #expect(bench.count(.list) <= 40)
                #expect(bench.count(.list) >= 4)
                bench.proxy.follow([])
                try await bench.converge(workload)
            }
            let lists = bench.proxy.log.filter { $0.request.verb == .list }
            #expect(lists.dropFirst(2).allSatisfy { $0.request.query["resourceVersion"] == "" })
        }
    }

    @Test("a server that is behind is asked for the newest state at once, in a list and in a watch")
    func behind() async throws {
        try await run([.on([.list], of: "configmaps", .only([1]), .answer(.behind))]) { bench in
            let versions = bench.proxy.log.filter { $0.request.verb == .list }.map {
                $0.request.query["resourceVersion"]
            }
            #expect(versions.count == 3)
            #expect(versions.contains(""))
        }
        try await run([.on([.watch], of: "configmaps", .only([1]), .answer(.behind))]) { bench in
            #expect(bench.count(.list) == 3)
        }
    }

    @Test("a watch that falls silent is given up after its idle time, and goes on without a list")
    func silence() async throws {
        try await FaultBench.with([.onEvents(.only([2, 9]), .silence)]) { bench in
            let process = bench.makeOperator(options: .with { $0.watchIdleTimeout = .milliseconds(700) })
            try await bench.runWorkload(process, requests: 400)
            #expect(bench.count(.list) == 2)
        }
    }

    @Test("requests that are never answered are given up after their time and tried again")
    func stalls() async throws {
        let rules: [FaultRule] = [
            .on([.list], .only([1]), .stall), .on([.create], of: "configmaps", .only([2, 5]), .stall),
            .on([.watch], .only([2]), .stall),
        ]
        try await run(rules, options: .with { $0.requestTimeout = .milliseconds(500) })
    }

    @Test("events that come byte by byte, several at once or with strangers between them are read as they are")
    func odd() async throws {
        try await run([.onEvents(.share(0.2), .trickle), .onEvents(.share(0.3), .glue)])
        try await run([.onEvents(.share(0.5), .unknown)])
    }

    @Test("a line that is no event ends the watch, and the next one goes on behind the last good event")
    func garbage() async throws {
        try await run([.onEvents(.only([3, 8, 20]), .garbage)]) { bench in
            // Two of them at one place, which chance may bring about, lead to a list.
            #expect(bench.count(.list) <= 3)
        }
    }

    @Test("garbage at the same place again and again leads to a list")
    func endlessGarbage() async throws {
        try await FaultBench.with([.onEvents(.all, .garbage)]) { bench in
            let process = bench.makeOperator()
            var workload = bench.workload
            try await workload.begin()
            try await bench.running(process) {
                try await bench.converge(workload)
                try await workload.change()
                try await bench.converge(workload)
            }
            #expect(bench.proxy.log.count <= 400)
        }
    }

    @Test("a connection that breaks within an event, at any byte, goes on with that very event")
    func cuts() async throws {
        let count = 40
        let rules = (0..<count).map {
            FaultRule.onEvents(.only([2 * $0 + 1]), .cutAt(Double($0) / 40), types: ["MODIFIED"])
        }
        try await FaultBench.with(rules) { bench in
            let watcher = Watcher<ConfigMap>(bench)
            var map = ConfigMap(metadata: ObjectMeta(name: "a", namespace: bench.namespace), data: ["line": "\u{2028}"])
            _ = try await bench.client.create(map)
            try await watcher.running {
                try await bench.wait("it is there") { watcher.store.count(where: "a") == 1 }
                for step in 0..<count {
                    map.data = ["step": "\(step)", "line": "\u{2028}\u{85}"]
                    let written = try await bench.client.apply(map, fieldManager: "test")
                    try await bench.wait("step \(step)") { watcher.store[written.key] == written }
                }
            }
            #expect(bench.count(.list) == 1)
            #expect(bench.count(.watch) == count + 1)
        }
    }

    @Test(
        "an error in the stream is met by its code, and what it broke is made good",
        arguments: [
            FaultAnswer.gone, .broken, .forbidden, .busy,
        ]
    )
    func errors(answer: FaultAnswer) async throws {
        try await run([.onEvents(.only([2, 6, 15]), .error(answer))]) { bench in
            // Only a version that is gone, and refusals, need a list.
            #expect(answer != .busy || bench.count(.list) == 2)
        }
    }

    @Test("another answer with status 200 is taken neither for an empty list nor for a watch")
    func otherAnswer() async throws {
        let other = FaultAnswer(200, "OK", "served by some proxy")
        let rules: [FaultRule] = [
            .on([.watch], .only([2]), .answer(other)), .on([.watch], .only([3]), .answer(.gone)),
            .on([.list], .only([2, 3]), .answer(other)),
        ]
        try await FaultBench.with(rules) { bench in
            for name in ["a", "b"] {
                let map = ConfigMap(metadata: ObjectMeta(name: name, namespace: bench.namespace))
                _ = try await bench.client.create(map)
            }
            let watcher = Watcher<ConfigMap>(bench)
            let gone = Flag()
            try await watcher.running {
                try await bench.wait("all are there") { watcher.store.count >= 2 && bench.count(.watch) == 1 }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await watcher.store.forEachBatch { changes, _ in
                            for case .deleted in changes { gone.set() }
                        }
                    }
                    bench.proxy.breakConnections()
                    try await bench.wait("it watches again") { bench.count(.list) >= 4 && bench.count(.watch) >= 4 }
                    group.cancelAll()
                }
            }
            #expect(!gone.isSet)
            #expect(bench.proxy.hits == 4)
        }
    }

    @Test("a server or proxy that drops all bookmarks changes nothing")
    func noBookmarks() async throws {
        // The server sends one a minute, so there may be none.
        let rules = [FaultRule.onEvents(.all, .drop, types: ["BOOKMARK"])]
        try await FaultBench.with(rules, isCertain: false) { try await $0.runWorkload($0.makeOperator()) }
    }

    @Test("events that come twice, late or once more from before take nothing back")
    func replays() async throws {
        try await run([.onEvents(.share(0.5), .duplicate)])
        try await run([.onEvents(.share(0.3), .swap), .onEvents(.share(0.3), .replay(8))])
    }

    @Test("events that are lost without a trace are made good by the next list")
    func lost() async throws {
        try await FaultBench.with([.onEvents(.share(0.3), .drop)], seed: 5) { bench in
            let process = bench.makeOperator(
                options: .with { options in
                    options.recheckPeriod = .milliseconds(300)
                    options.ownWritePatience = .milliseconds(500)
                }
            )
            var workload = bench.workload
            try await workload.begin()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // The server ends every watch after a while; here after a moment.
                    while !Task.isCancelled {
                        try await Task.sleep(for: .milliseconds(200))
                        bench.proxy.breakConnections(of: "one")
                    }
                }
                try await bench.running(process) {
                    try await bench.converge(workload)
                    try await workload.change()
                    try await bench.converge(workload)
                }
                group.cancelAll()
            }
            #expect(bench.creations <= Workload.mostCreations)
        }
    }

    @Test(
        "permissions that are taken away and given back, and a kind that goes and returns, need no restart",
        arguments: [
            FaultAnswer.forbidden, .missing,
        ]
    )
    func refused(answer: FaultAnswer) async throws {
        try await FaultBench.with([.on([.list, .watch], of: "configmaps", .all, .answer(answer))]) { bench in
            let process = bench.makeOperator()
            var workload = bench.workload
            try await workload.begin()
            try await bench.running(process) {
                try await Task.sleep(for: .milliseconds(400))
                #expect(!process.parents.hasSynced)
                #expect(!process.health.report(.readiness).isHealthy)
                #expect(process.health.report(.liveness).isHealthy)
                bench.proxy.follow([])
                try await bench.converge(workload)
                #expect(process.health.report(.readiness).isHealthy)
                bench.proxy.follow([.on([.list, .watch], of: "configmaps", .all, .answer(answer))])
                bench.proxy.breakConnections()
                try await workload.change()
                try await Task.sleep(for: .milliseconds(400))
                bench.proxy.follow([])
                try await bench.converge(workload)
            }
            #expect(bench.count(.list) <= 40)
            #expect(bench.creations <= Workload.mostCreations)
        }
    }
}
