// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FaultOperator
import Foundation
import KubeClient
import KubeCore
import KubeRuntime
import KubeTestSupport
import Logging
import Synchronization
import TestSupport
import Testing

/// A namespace, a proxy and processes of the operator for one test.
struct FaultBench: Sendable {
    let plane: TestControlPlane
    let proxy: FaultProxy
    let namespace: String
    /// Reaches the API server directly.
    let client: KubeClient

    /// Sets one up and takes it down after `body`; where the faults are not certain to happen, it says if they did not.
    static func with<Result: Sendable>(
        _ rules: [FaultRule] = [],
        seed: UInt64 = 1,
        isCertain: Bool = true,
        _ body: (FaultBench) async throws -> Result
    ) async throws -> Result {
        let plane = try await TestControlPlane.shared()
        let proxy = try FaultProxy(to: plane)
        defer { proxy.stop() }
        proxy.follow(rules, seed: seed)
        let namespace = try await plane.makeNamespace("faults")
        let bench = FaultBench(plane: plane, proxy: proxy, namespace: namespace, client: plane.client)
        let result = try await body(bench)
        // A test whose faults never happen proves nothing.
        if !rules.isEmpty && proxy.hits == 0 {
            if isCertain { Issue.record("no rule matched anything") } else { print("skip: there was nothing to drop") }
        }
        return result
    }

    var workload: Workload { Workload(client: client, namespace: namespace) }

    /// Real time and seeded chance; waits are a tenth of what they are in production, so that tests end soon.
    static func environment(seed: UInt64, haste: Double = 0.1) -> RuntimeEnvironment {
        let random = RandomSource(seed: seed)
        var environment = RuntimeEnvironment.live(
            logger: Logger(label: "faults") { label in
                let isQuiet = ProcessInfo.processInfo.environment["ALMANAC_FAULT_LOG"] == nil
                if isQuiet { return SwiftLogNoOpLogHandler() }
                return StreamLogHandler.standardError(label: label)
            }
        )
        environment.random = { random.next() * haste }
        return environment
    }

    func makeOperator(
        _ name: String = "one",
        seed: UInt64 = 1,
        haste: Double = 0.1,
        options: FaultOperator.Options = .init(),
        onLoss: @escaping @Sendable (RuntimeError) -> Void = { _ in }
    ) -> FaultOperator {
        var environment = Self.environment(seed: seed, haste: haste)
        environment.logger[metadataKey: "process"] = "\(name)"
        return FaultOperator(
            name,
            configuration: proxy.configuration,
            namespace: namespace,
            options: options,
            environment: environment,
            onLoss: onLoss
        )
    }

    /// Runs an operator beside `body`, then ends it as a crash would.
    @discardableResult
    func running<Result: Sendable>(
        _ process: FaultOperator,
        _ body: () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await process.run() }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Waits until something is so, and records an issue where it is not in time.
    @discardableResult
    func wait(
        _ what: String,
        within time: Duration = .seconds(20),
        _ isSo: () async throws -> Bool
    ) async throws -> Duration {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < time {
            if try await isSo() { return .now - start }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("not within \(time): \(what)")
        return time
    }

    /// Waits until what is there is what the workload asks for; where it is not in time, `state` is told as well.
    @discardableResult
    func converge(
        _ workload: Workload,
        within time: Duration = .seconds(20),
        state: () -> String = { "" }
    ) async throws -> Duration {
        let start = ContinuousClock.now
        var actual: [String] = []
        while ContinuousClock.now - start < time {
            actual = try await workload.actual()
            if actual == workload.expected { return .now - start }
            try await Task.sleep(for: .milliseconds(20))
        }
        let differences = actual.difference(from: workload.expected)
        Issue.record("not as asked for within \(time): \(differences.prefix(8))\n\(requestSummary)\n\(state())")
        return time
    }

    /// The writes to config maps that the server carried out.
    var acceptedWrites: [FaultProxy.Entry] {
        proxy.log.filter { $0.isAcceptedWrite && $0.request.resource == "configmaps" }
    }

    /// How many children were created.
    var creations: Int { acceptedWrites.count { $0.request.verb == .create } }

    /// How many requests of a kind came, whatever became of them.
    func count(_ verb: ProxiedRequest.Verb, of resource: String = "configmaps") -> Int {
        proxy.log.count { $0.request.verb == verb && $0.request.resource == resource }
    }

    /// What came by, counted, for messages.
    var requestSummary: String {
        let kinds = proxy.log.map { "\($0.request.agent) \($0.request.verb) \($0.request.resource) \($0.status ?? 0)" }
        let counts = Dictionary(grouping: kinds) { $0 }.map { "\($0.value.count) \($0.key)" }
        return counts.sorted().joined(separator: "\n")
    }

    /// Checks that nothing is written any more once all is as it should be.
    func expectQuiet(for time: Duration = .milliseconds(120)) async throws {
        // The proxy notes a write a moment after the server has carried it out.
        try await Task.sleep(for: .milliseconds(30))
        let before = acceptedWrites.count
        try await Task.sleep(for: time)
        let late = acceptedWrites.dropFirst(before).map(\.request.description)
        #expect(late.isEmpty, "writes although all was done")
    }

    /// The whole of a usual run: half of the work, the operator, the other half, and what must hold in the end.
    ///
    /// - Parameters:
    ///   - requests: The most requests that may come in all.
    ///   - meanwhile: Goes on between the halves.
    func runWorkload(
        _ process: FaultOperator,
        requests: Int = 250,
        meanwhile: (FaultBench) async throws -> Void = { _ in }
    ) async throws {
        var workload = workload
        try await workload.begin()
        try await running(process) {
            try await converge(workload)
            try await meanwhile(self)
            try await workload.change()
            try await converge(workload)
            try await expectQuiet()
        }
        #expect(creations <= Workload.mostCreations)
        #expect(proxy.log.count <= requests, "\(requestSummary)")
    }
}

extension FaultOperator.Options {
    /// The usual options with a change.
    static func with(_ change: (inout Self) -> Void) -> Self {
        var options = Self()
        change(&options)
        return options
    }
}

/// Seeded chance that several tasks draw from.
final class RandomSource: Sendable {
    private let random: Mutex<SeededRandom>

    init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

    /// A number in 0 ..< 1.
    func next() -> Double { random.withLock { Double.random(in: 0..<1, using: &$0) } }
}

/// Counts, and remembers that something has happened.
final class Flag: Sendable {
    private let state = Mutex((count: 0, isSet: false))

    var isSet: Bool { state.withLock { $0.isSet } }

    func set() { state.withLock { $0.isSet = true } }

    /// The count after one more.
    func countUp() -> Int {
        state.withLock { state in
            state.count += 1
            return state.count
        }
    }
}
