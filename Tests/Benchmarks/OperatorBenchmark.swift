// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeClient
import KubeCore
import KubeTestSupport
import Scheduling
import Synchronization

/// The figures of the operator: latency under a burst, memory, start, rest, failover.
struct OperatorBenchmark {
    let cluster: BenchmarkCluster
    let report: Report

    /// As many clients create objects as a person's `kubectl apply -f folder` or a GitOps controller would use at most.
    private static let clients = 16

    func run(pipelines: Int, cached: Int, large: Int, scheduled: Int, rest: Duration) async throws {
        print(
            "operator at a real API server (\(try await cluster.client.serverVersion().gitVersion)), etcd without fsync"
        )
        try await measureBurst(pipelines)
        try await measureRest(rest)
        try await measureFailover()
        if cached > 0 { try await measureCached(cached) }
        if scheduled > 0 { try await measureTick(scheduled) }
        if large > 0 { try await measureLarge(large) }
    }

    private func measureBurst(_ count: Int) async throws {
        let namespace = try await cluster.plane.makeNamespace("direct")
        let direct = try await createAll(count) { index in
            _ = try await cluster.client.create(Samples.job("job-\(index)", namespace: namespace))
        }
        report.note(
            "\(count) Jobs created directly, p99",
            direct.quantile(0.99).text,
            compared: "p50 \(direct.quantile(0.5).text)"
        )

        let process = try await cluster.startOperator()
        try await Task.sleep(for: .seconds(3))
        report.note(
            "resident memory with no objects",
            megabytes(try await process.residentMegabytes()),
            compared: "goal ≤ 30 MB"
        )
        let target = try await cluster.plane.makeNamespace("burst")
        let watcher = JobWatcher(client: cluster.client, namespace: target)
        let start = ContinuousClock.now
        let seen = try await watcher.firstJobs(count) {
            _ = try await createAll(count) { index in
                _ = try await cluster.client.create(Samples.pipeline("p-\(index)", namespace: target))
            }
        }
        let written = try await writes(process)
        let burned = try await process.metric("process_cpu_seconds_total")
        let delays = seen.map { $0 - start }
        let beyond = delays.quantile(0.99) - direct.quantile(0.99)
        report.note(
            "\(count) pipelines created at once, each has its Job: p99",
            delays.quantile(0.99).text,
            compared: "p50 \(delays.quantile(0.5).text)"
        )
        report.note("that p99 beyond creating the Jobs directly", beyond.text, compared: "goal ≤ 0.5 s")
        try await settle(process)
        report.note(
            "the operator's writes until the last Job was there",
            String(Int(written)),
            compared: "\(Int(try await writes(process))) until all was told"
        )
        let total = try await process.metric("process_cpu_seconds_total")
        report.note(
            "the operator's processor time until then",
            Duration.seconds(burned).text,
            compared: "\(Duration.seconds(total).text) until all was told"
        )
        report.note("resident memory after it", megabytes(try await process.residentMegabytes()))
        try await process.stop()
    }

    private func measureRest(_ rest: Duration) async throws {
        let process = try await cluster.startOperator()
        try await settle(process)
        let before = try await writes(process)
        try await Task.sleep(for: rest)
        let after = try await writes(process)
        report.note(
            "writes in \(rest.text) of rest, but for the lease",
            String(Int(after - before)),
            compared: "goal 0"
        )
        try await process.stop()
    }

    private func measureFailover() async throws {
        for isOrderly in [true, false] {
            let first = try await cluster.startOperator()
            try await until("the first leads") { try await first.metric("leader_election_master_status") == 1 }
            let second = try await cluster.startOperator()
            let start = ContinuousClock.now
            if isOrderly { try await first.stop() } else { first.kill() }
            try await until("the second leads") { try await second.metric("leader_election_master_status") == 1 }
            let time = ContinuousClock.now - start
            let what = isOrderly ? "leader told to stop" : "leader killed"
            report.note("\(what) → the next one leads", time.text, compared: isOrderly ? "goal ≤ 2.5 s" : "goal ≤ 20 s")
            try await second.stop()
        }
    }

    /// Pipelines that are due in the same minute, from the tick until each has the first Job of its scheduled run.
    private func measureTick(_ count: Int) async throws {
        let namespace = try await cluster.plane.makeNamespace("tick")
        let process = try await cluster.startOperator()
        _ = try await createAll(count) { index in
            var pipeline = Samples.pipeline("p-\(index)", namespace: namespace)
            // Runs never end here, for nothing runs their Jobs; so they overlap.
            pipeline.spec.schedule = ScheduleSpec(crons: ["* * * * *"])
            pipeline.spec.schedule?.concurrencyPolicy = .allow
            pipeline.spec.suspend = true
            _ = try await cluster.client.create(pipeline)
        }
        try await settle(process)
        try await patchAll(count, namespace, #"{"spec":{"suspend":false}}"#)
        // The specification's own runs come first and must be done with.
        try await settle(process)
        let now = Date().timeIntervalSince1970
        let tick = ContinuousClock.now + .milliseconds(Int64((60 - now.truncatingRemainder(dividingBy: 60)) * 1_000))
        let seen = try await JobWatcher(client: cluster.client, namespace: namespace).firstJobs(count) {}
        let delays = seen.map { $0 - tick }
        report.note(
            "\(count) schedules due in one minute, each has its Job: p99",
            delays.quantile(0.99).text,
            compared: "p50 \(delays.quantile(0.5).text), goal p99 ≤ 5 s"
        )
        report.note(
            "resident memory at that tick",
            megabytes(try await process.residentMegabytes()),
            compared: "goal ≤ 80 MB"
        )
        try await process.stop()
    }

    private func measureLarge(_ count: Int) async throws {
        let namespace = try await cluster.plane.makeNamespace("large")
        let process = try await cluster.startOperator()
        _ = try await createAll(count) { index in
            _ = try await cluster.client.create(Samples.pipeline("p-\(index)", namespace: namespace))
        }
        try await settle(process)
        report.note(
            "resident memory with \(count) pipelines more, each with run and Job",
            megabytes(try await process.residentMegabytes())
        )
        try await process.stop()
        let again = try await cluster.startOperator()
        report.note("process start → ready with them", (ContinuousClock.now - again.started).text)
        try await settle(again)
        report.note("resident memory after that start", megabytes(try await again.residentMegabytes()))
        try await measureNoOps(again, count, namespace)
        try await again.stop()
    }

    /// Changes what no decision reads, so that each object is looked at once for nothing.
    private func measureNoOps(_ process: OperatorProcess, _ count: Int, _ namespace: String) async throws {
        func reconciles() async throws -> Double { try await process.metric("controller_runtime_reconcile_total") }
        func processorTime() async throws -> Double { try await process.metric("process_cpu_seconds_total") }
        let (calls, time) = (try await reconciles(), try await processorTime())
        try await patchAll(count, namespace, #"{"metadata":{"annotations":{"example.com/seen":"yes"}}}"#)
        try await settle(process)
        let (made, burned) = (try await reconciles() - calls, try await processorTime() - time)
        report.note(
            "no-op reconciles a second of processor time, their watch events included",
            String(Int(made / max(burned, 1e-9))),
            compared: "\(Int(made)) in \(Duration.seconds(burned).text), goal ≥ 5,000"
        )
    }

    /// Objects that nothing is to be done about, to see what holding them takes.
    private func measureCached(_ count: Int) async throws {
        let process = try await cluster.startOperator()
        try await settle(process)
        let before = try await process.residentMegabytes()
        let namespace = try await cluster.plane.makeNamespace("cached")
        _ = try await createAll(count) { index in
            var pipeline = Samples.pipeline("p-\(index)", namespace: namespace)
            pipeline.spec.suspend = true
            _ = try await cluster.client.create(pipeline)
        }
        try await settle(process)
        try await process.stop()
        let again = try await cluster.startOperator()
        try await settle(again)
        report.note(
            "resident memory with \(count) pipelines that rest, each with its claim, after a start",
            megabytes(try await again.residentMegabytes()),
            compared: "\(megabytes(before)) without them, goal ≤ 60 MB for 5,000 objects"
        )
        try await again.stop()
    }

    /// Calls `make` for each index, from several clients; returns when each was done, counted from the start.
    private func createAll(_ count: Int, _ make: @escaping @Sendable (Int) async throws -> Void) async throws
        -> [Duration]
    {
        let start = ContinuousClock.now
        let next = Shared()
        return try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<Self.clients {
                group.addTask {
                    var times: [Duration] = []
                    while case let index = next.take(), index < count {
                        try await make(index)
                        times.append(ContinuousClock.now - start)
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Merges a patch into each of the pipelines `p-0`, `p-1` and so on.
    private func patchAll(_ count: Int, _ namespace: String, _ patch: String) async throws {
        _ = try await createAll(count) { index in
            let path = "/apis/almanac.dev/v1alpha1/namespaces/\(namespace)/forecastpipelines/p-\(index)"
            let body = Data(patch.utf8)
            _ = try await cluster.client.send(
                KubeRequest(.patch, path: path, contentType: "application/merge-patch+json", body: body)
            )
        }
    }

    private func writes(_ process: OperatorProcess) async throws -> Double {
        try await process.metric("rest_client_requests_total", where: #""PATCH""#)
            + process.metric("rest_client_requests_total", where: #""POST""#)
    }

    /// Waits until the operator has nothing to do any more.
    private func settle(_ process: OperatorProcess) async throws {
        var before = -1.0
        for _ in 0..<600 {
            let now = try await process.metric("controller_runtime_reconcile_total")
            if now == before { return }
            before = now
            try await Task.sleep(for: .seconds(2))
        }
        throw BenchmarkError.timeout("the operator is at rest")
    }

    private func until(_ what: String, _ holds: () async throws -> Bool) async throws {
        for _ in 0..<6_000 {
            if (try? await holds()) == true { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw BenchmarkError.timeout(what)
    }

    private func megabytes(_ value: Double) -> String { "\(Int(value.rounded())) MB" }
}
