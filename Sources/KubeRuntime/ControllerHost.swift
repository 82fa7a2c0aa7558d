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
    private let grace: Duration
    private let onLoss: @Sendable (RuntimeError) -> Void
    private let stopCall = WakeUp()

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
    ///   - grace: How long running reconciliations may take after `stop`; then they are cancelled. The lease is given
    ///     back once they have ended, so those that never do keep it until it expires.
    ///   - onLoss: Called at once when the lease is lost; it should end the process.
    package init(
        caches: [any CacheFeed],
        controllers: [Controller],
        elector: LeaderElector?,
        events: EventRecorder?,
        environment: RuntimeEnvironment,
        grace: Duration = .seconds(20),
        onLoss: @escaping @Sendable (RuntimeError) -> Void
    ) {
        self.caches = caches
        self.controllers = controllers
        self.elector = elector
        self.events = events
        self.environment = environment
        self.grace = grace
        self.onLoss = onLoss
    }

    /// Asks for an orderly end, as SIGTERM does; `run` returns when it is reached.
    package func stop() {
        elector?.stop()
        for controller in controllers { controller.stop() }
        stopCall.call()
    }

    /// Adds the checks of caches and lease.
    ///
    /// A cache is stuck, and the process better started anew, where nothing has come out of it for longer than two
    /// bookmarks, a dead connection's timeout and the longest backoff take together. An API server that refuses, or that
    /// cannot be reached, is no reason to lose a warm cache; `reflector_seconds_since_contact` tells of it. A process is
    /// ready, also on standby, once its caches have been filled.
    package func addChecks(to health: HealthChecks, maximumSilence: Duration = .seconds(240)) {
        for cache in caches {
            health.add("watch-\(cache.resource)", to: .liveness) {
                let idleness = cache.idleness
                return idleness > maximumSilence ? "neither an event nor a failure for \(idleness)" : nil
            }
            health.add("cache-\(cache.resource)", to: .readiness) {
                cache.hasSynced ? nil : "no list of them yet; \(cache.silence) without one"
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

    /// One controller that fails ends the others, and so does the end of the grace.
    private func runControllers() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for controller in controllers {
                group.addTask {
                    try await controller.run()
                    return true
                }
            }
            group.addTask {
                await self.stopCall.wait()
                guard !Task.isCancelled else { return false }
                try await self.environment.sleep(self.environment.now() + self.grace)
                throw RuntimeError.unfinishedWork(after: self.grace)
            }
            var running = controllers.count
            while running > 0, let isController = try await group.next() { running -= isController ? 1 : 0 }
            group.cancelAll()
        }
    }
}
