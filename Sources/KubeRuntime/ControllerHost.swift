// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Runs caches, leader election, controllers and events together, and ends them in the right order.
///
/// Caches are kept warm on standby as well, so a new leader begins at once. `stop` ends first the controllers, once
/// their workers are done, then gives the lease back, then writes the last events, then ends the caches.
package final class ControllerHost: Sendable {
    private let caches: [any CacheFeed]
    private let controllers: [Controller]
    private let elector: LeaderElector?
    private let events: EventRecorder?
    private let environment: RuntimeEnvironment
    private let onLoss: @Sendable (RuntimeError) -> Void

    /// How long the last events may take.
    private static let eventGrace = Duration.seconds(5)

    /// Makes a host.
    ///
    /// - Parameters:
    ///   - caches: The reflectors of all resources that the controllers read.
    ///   - controllers: The controllers.
    ///   - elector: Decides when the controllers may run; nil where this is the only process.
    ///   - events: The recorder that the controllers use.
    ///   - environment: Clocks and the log.
    ///   - onLoss: Called at once when the lease is lost; it should end the process.
    package init(
        caches: [any CacheFeed],
        controllers: [Controller],
        elector: LeaderElector?,
        events: EventRecorder?,
        environment: RuntimeEnvironment,
        onLoss: @escaping @Sendable (RuntimeError) -> Void
    ) {
        self.caches = caches
        self.controllers = controllers
        self.elector = elector
        self.events = events
        self.environment = environment
        self.onLoss = onLoss
    }

    /// Asks for an orderly end, as SIGTERM does; `run` returns when it is reached.
    package func stop() {
        elector?.stop()
        for controller in controllers { controller.stop() }
    }

    /// Adds the checks of caches and lease.
    ///
    /// A cache is stuck where the API server has been silent for longer than two of its bookmarks, a dead connection's
    /// timeout and the longest backoff take together.
    package func addChecks(to health: HealthChecks, maximumSilence: Duration = .seconds(240)) {
        for cache in caches {
            health.add("watch-\(cache.resource)", to: .liveness) {
                let silence = cache.silence
                return silence > maximumSilence ? "no word from the API server for \(silence)" : nil
            }
        }
        guard let elector else { return }
        health.add("leaderElection", to: .liveness) {
            // Beyond the renewal deadline come the rest of the lease, 5 s, and the tolerance of 20 s.
            guard let overdue = elector.overdue, overdue > .seconds(25) else { return nil }
            return "leading without a renewed lease for \(overdue)"
        }
    }

    /// Runs everything until `stop`, or until the task is cancelled, which gives no lease back.
    ///
    /// Throws `RuntimeError` where the lease is lost or a cache stays empty; the process must exit then.
    package func run() async throws {
        let eventsEnded = WakeUp()
        let result = await withTaskGroup(of: Void.self) { group in
            for cache in caches { group.addTask { await cache.run() } }
            if let events {
                group.addTask {
                    await events.run()
                    eventsEnded.call()
                }
            }
            let result: Result<Void, any Error>
            do { result = .success(try await lead()) } catch { result = .failure(error) }
            if let events {
                events.stop()
                await eventsEnded.wait(until: environment.now() + Self.eventGrace, environment)
            }
            group.cancelAll()
            return result
        }
        try result.get()
    }

    private func lead() async throws {
        guard let elector else { return try await runControllers() }
        try await elector.run(onLoss: onLoss) { try await self.runControllers() }
    }

    /// One controller that fails ends the others.
    private func runControllers() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for controller in controllers { group.addTask { try await controller.run() } }
            try await group.waitForAll()
        }
    }
}
