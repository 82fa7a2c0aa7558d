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

/// What only real servers can show: they are killed, they compact, they page.
@Suite("Faults of servers", .enabled(if: TestControlPlane.isAvailable), .timeLimit(.minutes(2)))
struct ServerFaultTests {
    @Test("API servers that take turns, and one that is killed and replaced, cost no list, no error and no wrong write")
    func servers() async throws {
        try await FaultBench.with { bench in
            let other = try await bench.plane.startAnotherServer()
            let process = bench.makeOperator()
            var workload = bench.workload
            try await workload.begin()
            try await bench.running(process) {
                for port in [other.port, bench.plane.port, other.port] {
                    bench.proxy.move(to: port)
                    try await bench.converge(workload)
                }
                // Nothing was on its way, so nothing had to be done again.
                #expect(process.registry.render().contains("reconcile_errors_total{controller=\"parents\"} 0\n"))
                other.kill()
                try await workload.change()
                try await Task.sleep(for: .seconds(1))
                bench.proxy.move(to: bench.plane.port)
                let time = try await bench.converge(workload, within: .seconds(10))
                #expect(time < .seconds(5))
                try await bench.expectQuiet()
            }
            #expect(bench.count(.list) == 2)
            #expect(bench.creations <= Workload.mostCreations)
        }
    }

    @Test("a watch whose version etcd has compacted leads to one list, and what was deleted meanwhile is told")
    func compacted() async throws {
        try await FaultBench.with { bench in
            func secret(_ name: String) -> Secret {
                Secret(metadata: ObjectMeta(name: name, namespace: bench.namespace))
            }
            for name in ["a", "b"] { _ = try await bench.client.create(secret(name)) }
            let watcher = Watcher<Secret>(bench)
            let unknown = Shared<[String]>([])
            try await watcher.running {
                try await bench.wait("both are there") { watcher.store.count == 2 }
                bench.proxy.cutOff("watcher")
                try await bench.client.delete(Secret.self, namespace: bench.namespace, name: "a")
                try await bench.client.delete(Secret.self, namespace: bench.namespace, name: "b")
                _ = try await bench.client.create(secret("b"))
                let last = try await bench.client.create(secret("c"))
                try await bench.plane.compact(to: last.metadata.resourceVersion ?? "")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await watcher.store.forEachBatch { changes, _ in
                            for case .deleted(let state, true) in changes {
                                unknown.withLock { $0.append(state.object.metadata.name) }
                            }
                        }
                    }
                    bench.proxy.letThrough("watcher")
                    try await bench.wait("the new state is there") {
                        Set(watcher.store.all.map(\.metadata.name)) == ["b", "c"]
                            && unknown.withLock { Set($0) } == ["a", "b"]
                    }
                    group.cancelAll()
                }
            }
            #expect(bench.count(.list, of: "secrets") == 2)
        }
    }

    @Test("a real server's pages give every object, and two pages in a row that are gone lead to a full list each time")
    func pages() async throws {
        try await FaultBench.with([.on([.list], to: "continue=", .first(2), .answer(.gone))]) { bench in
            let (count, namespace) = (501, bench.namespace)
            let client = bench.client
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<16 {
                    group.addTask {
                        for number in stride(from: worker, to: count, by: 16) {
                            let metadata = ObjectMeta(name: "n\(number)", namespace: namespace)
                            _ = try await client.create(Secret(metadata: metadata))
                        }
                    }
                }
                try await group.waitForAll()
            }
            for round in 1...3 {
                bench.proxy.clearLog()
                let watcher = Watcher<Secret>(bench)
                try await watcher.running {
                    try await bench.wait("all are there") { watcher.store.count == count }
                }
                let lists = bench.proxy.log.filter { $0.request.verb == .list }.map(\.request.query)
                #expect(lists.map { $0["limit"] } == (round < 3 ? ["500", "500", nil] : ["500", "500"]))
                #expect(lists.dropFirst().first?["resourceVersion"] == nil)
            }
        }
    }

    /// A kind that a test defines itself.
    private struct Widget: KubeObject {
        static let resource = ResourceType(
            group: "faults.almanac.dev",
            version: "v1",
            kind: "Widget",
            plural: "widgets",
            namespaced: true
        )

        var apiVersion: String?
        var kind: String?
        var metadata: ObjectMeta
    }

    private static let definition = Data(
        #"""
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
         "metadata": {"name": "widgets.faults.almanac.dev"},
         "spec": {"group": "faults.almanac.dev", "scope": "Namespaced",
                  "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
                  "versions": [{"name": "v1", "served": true, "storage": true,
                                "schema": {"openAPIV3Schema": {"type": "object"}}}]}}
        """#.utf8
    )

    @Test("a kind that is defined after the start, deleted and defined again is followed without a restart")
    func customKind() async throws {
        try await FaultBench.with { bench in
            let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            let watcher = Watcher<Widget>(bench)
            try await watcher.running {
                try await bench.wait("the kind is missed") { watcher.reflector.lastFailure != nil }
                #expect(!watcher.store.hasSynced)
                for round in 1...2 {
                    _ = try await bench.client.send(
                        KubeRequest(.post, path: path, contentType: "application/json", body: Self.definition)
                    )
                    try await bench.wait("the kind is listed") { watcher.reflector.lastFailure == nil }
                    let widget = Widget(metadata: ObjectMeta(name: "w\(round)", namespace: bench.namespace))
                    try await bench.wait("an object is created") {
                        (try? await bench.client.create(widget)) != nil
                    }
                    try await bench.wait("the object is seen") {
                        watcher.store.all.map(\.metadata.name) == ["w\(round)"]
                    }
                    _ = try await bench.client.send(
                        KubeRequest(.delete, path: "\(path)/widgets.faults.almanac.dev")
                    )
                    try await bench.wait("the kind is gone") { watcher.reflector.lastFailure != nil }
                }
            }
        }
    }
}
