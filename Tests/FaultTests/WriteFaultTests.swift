// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FaultOperator
import Foundation
import KubeClient
import KubeCore
import KubeRuntime
import KubeTestSupport
import PrometheusMetrics
import Testing

@Suite("Faults of writes", .enabled(if: TestControlPlane.isAvailable), .timeLimit(.minutes(2)))
struct WriteFaultTests {
    private static let writes: Set<ProxiedRequest.Verb> = [.create, .patch, .replace, .delete]

    private func run(
        _ rules: [FaultRule],
        requests: Int = 400,
        options: FaultOperator.Options = .init(),
        check: (FaultBench) -> Void = { _ in }
    ) async throws {
        try await FaultBench.with(rules) { bench in
            try await bench.runWorkload(bench.makeOperator(options: options), requests: requests)
            check(bench)
        }
    }

    @Test("conflicts at every other change, and at every status, end after a bounded number of tries")
    func conflicts() async throws {
        try await run([
            .on([.patch], of: "configmaps", .share(0.5), .answer(.conflict)),
            .on([.delete], of: "configmaps", .share(0.25), .answer(.conflict)),
        ])
        try await run([.on([.patch], of: "configmaps", .first(20), .answer(.conflict))])
    }

    @Test("a busy server is left alone for as long as it says, or for longer each time")
    func busy() async throws {
        let later = FaultAnswer(429, "TooManyRequests", "too many requests", retryAfter: 1)
        try await run([.on(Self.writes, of: "configmaps", .share(0.4), .answer(.busy))])
        try await run([.on([.create], of: "configmaps", .only([1, 5, 9]), .answer(later))]) { bench in
            let creates = bench.proxy.log.filter { $0.request.verb == .create }
            let refused = creates.filter { $0.fault != nil }
            #expect(refused.count == 3)
            // Four workers at the most went on while one waited out its second.
            #expect(creates.count <= Workload.mostCreations + 3)
        }
    }

    @Test(
        "writes that the server carried out and whose answers were lost are not done twice",
        arguments: [
            ProxiedRequest.Verb.create, .patch, .delete,
        ]
    )
    func lostAnswers(verb: ProxiedRequest.Verb) async throws {
        try await run([.on([verb], of: "configmaps", .share(0.5), .swallowAnswer)])
    }

    @Test("writes that never reach the server, and answers that are cut or late, are made good")
    func brokenWrites() async throws {
        try await run([.on(Self.writes, of: "configmaps", .share(0.4), .disconnect)])
        try await run([.on(Self.writes, of: "configmaps", .share(0.4), .cutAnswer(after: 40))])
        try await run([.on(Self.writes, of: "configmaps", .share(0.2), .delayAnswer(.milliseconds(100)))])
    }

    @Test("a cache that lags behind own writes leads to no second child, although only the cache knows of the first")
    func lateEvents() async throws {
        try await run(
            [.onEvents(.share(0.3), .delay(.milliseconds(150)))],
            options: .with { $0.namesByChance = true }
        )
    }

    @Test("where the cache lags for longer than anybody waits, the server is asked before a child is created")
    func veryLateEvents() async throws {
        try await FaultBench.with([.onEvents(.from(1), .delay(.seconds(1)), types: ["ADDED"])]) { bench in
            let process = bench.makeOperator(
                options: .with { options in
                    options.namesByChance = true
                    options.ownWritePatience = .milliseconds(100)
                }
            )
            var workload = bench.workload
            try await workload.apply("p", 2, "a")
            try await bench.running(process) {
                try await bench.wait("the children are there") { bench.creations == 2 }
                // A change brings the parent up while its children are still on their way to the cache.
                try await workload.apply("p", 3, "a")
                try await bench.converge(workload)
                try await bench.expectQuiet(for: .milliseconds(500))
            }
            #expect(bench.creations == 3)
        }
    }

    @Test("a store that is full lets the operator read, and it goes on when there is room again")
    func full() async throws {
        try await FaultBench.with([.on(Self.writes, .all, .answer(.full))]) { bench in
            let process = bench.makeOperator()
            var workload = bench.workload
            try await workload.begin()
            try await bench.running(process) {
                try await Task.sleep(for: .seconds(1))
                // 5 ms doubled with each failure: eight tries of each of the four parents.
                #expect(bench.count(.create) <= 40)
                bench.proxy.follow([])
                try await bench.converge(workload)
                try await workload.change()
                try await bench.converge(workload)
            }
            #expect(bench.creations <= Workload.mostCreations)
        }
    }

    @Test(
        "event writes that fail with 403 or 500 or never end hold nothing up",
        arguments: [
            FaultRule.RequestFault.answer(.forbidden), .answer(.broken), .stall,
        ]
    )
    func events(fault: FaultRule.RequestFault) async throws {
        try await run([.on([.patch, .create], of: "events", .all, fault)])
    }

    @Test("large objects, odd line breaks and thousands of labels pass, also byte by byte")
    func large() async throws {
        try await FaultBench.with([.onEvents(.only([1]), .cutAt(0.7)), .onEvents(.from(3), .glue)]) { bench in
            let watcher = Watcher<ConfigMap>(bench)
            try await watcher.running {
                try await bench.wait("the first list") { watcher.store.hasSynced }
                for number in 0..<4 {
                    var map = ConfigMap(metadata: ObjectMeta(name: "large-\(number)", namespace: bench.namespace))
                    map.data = ["text": String(repeating: "\u{2028}\u{85}\\/\"é", count: 60_000)]
                    map.metadata.labels = Dictionary(uniqueKeysWithValues: (0..<5_000).map { ("label-\($0)", "\($0)") })
                    let written = try await bench.client.create(map)
                    // What is glued to the next event comes with that one.
                    _ = try await bench.client.create(
                        ConfigMap(metadata: ObjectMeta(name: "small-\(number)", namespace: bench.namespace))
                    )
                    try await bench.wait("object \(number)") { watcher.store[written.key] == written }
                }
            }
        }
    }

    @Test("a child's name that somebody else has taken is neither used nor deleted, and holds no other parent up")
    func notOurs() async throws {
        try await FaultBench.with { bench in
            let foreign = ConfigMap(metadata: ObjectMeta(name: "q-0", namespace: bench.namespace), data: ["mine": "1"])
            let before = try await bench.client.create(foreign)
            let process = bench.makeOperator()
            var others = bench.workload
            var blocked = bench.workload
            try await blocked.apply("q", 1, "a")
            try await others.begin()
            try await bench.running(process) {
                try await bench.wait("all others are done") {
                    let actual = try await others.actual()
                    return others.expected.allSatisfy { actual.contains($0) }
                }
                try await bench.wait("it gave up") {
                    process.registry.render().contains("terminal_reconcile_errors_total{controller=\"parents\"} 1\n")
                }
                try await bench.expectQuiet()
            }
            let after = try await bench.client.get(ConfigMap.self, namespace: bench.namespace, name: "q-0")
            #expect(after == before)
        }
    }

    @Test("a namespace that is going refuses children, and they are not asked for again and again")
    func terminating() async throws {
        try await FaultBench.with { bench in
            let process = bench.makeOperator()
            var workload = bench.workload
            try await workload.begin(parents: 2)
            try await bench.running(process) {
                try await bench.converge(workload)
                _ = try await bench.client.send(
                    KubeRequest(.delete, path: "/api/v1/namespaces/\(bench.namespace)")
                )
                bench.proxy.clearLog()
                // A namespace that is going takes changes, but nothing new.
                try await workload.apply("p0", 6, "a")
                try await Task.sleep(for: .seconds(1))
                #expect(bench.count(.create) <= 12)
                #expect(bench.creations == 0)
            }
        }
    }
}
