// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import KubeCore
import Logging
import PrometheusMetrics
import Synchronization

/// Calls a closure for every key that may need work: one key never twice at a time, failed ones again and again.
package final class Controller: Sendable {
    /// Brings the world closer to what the object of that key asks for.
    ///
    /// It must look at the present state only, never at what changed. It may throw `TerminalError`.
    package typealias Reconcile = @Sendable (Reconciliation) async throws -> ReconcileResult

    /// How a controller works.
    package struct Options: Sendable {
        /// How many keys are reconciled at a time.
        package var workers: Int
        /// How long to wait for the first full caches before giving up.
        package var cacheSyncTimeout: Duration
        /// How long a key waits for its own writes to come back through the cache, how often those that never came are
        /// looked for, and how soon a key comes up again after a call that had to do without.
        package var ownWritePatience: Duration
        /// How long one reconciliation may take; then it is cancelled and counts as failed.
        package var reconcileTimeout: Duration
        /// The longest wait between the tries of a failing key, which nothing but a change of its objects shortens.
        package var longestRetryDelay: Duration

        /// How long a key may put off what can wait while others have live work.
        package var longestGivingWay: Duration

        /// Makes options; the delays are client-go's.
        package init(
            workers: Int = 4,
            cacheSyncTimeout: Duration = .seconds(120),
            ownWritePatience: Duration = .seconds(10),
            reconcileTimeout: Duration = .seconds(300),
            longestRetryDelay: Duration = .seconds(1000),
            longestGivingWay: Duration = .seconds(5)
        ) {
            self.workers = workers
            self.cacheSyncTimeout = cacheSyncTimeout
            self.ownWritePatience = ownWritePatience
            self.reconcileTimeout = reconcileTimeout
            self.longestRetryDelay = longestRetryDelay
            self.longestGivingWay = longestGivingWay
        }
    }

    /// The controller's name, for logs and metrics.
    package let name: String
    private let options: Options
    private let sources: [EventSource]
    private let reconcile: Reconcile
    private let environment: RuntimeEnvironment
    private let metrics: ControllerMetrics
    private let queue: WorkQueue<ObjectKey>
    private let expected: Mutex<ExpectedVersions>
    private let load: WorkLoad
    private let deadlines: CallDeadlines
    /// Since when keys have given way, as long as they have not had their turn.
    private let givenWay = Mutex<[ObjectKey: ContinuousClock.Instant]>([:])
    private let isStopping = Atomic(false)
    private let stopCall = WakeUp()

    /// Makes a controller that does nothing before `run`.
    ///
    /// Controllers with one `load` give way to each other's live work.
    package init(
        name: String,
        sources: [EventSource],
        options: Options = Options(),
        load: WorkLoad = WorkLoad(),
        environment: RuntimeEnvironment,
        metrics: RuntimeMetrics,
        reconcile: @escaping Reconcile
    ) {
        self.name = name
        self.sources = sources
        self.options = options
        self.load = load
        deadlines = CallDeadlines(limit: options.reconcileTimeout, environment: environment)
        self.reconcile = reconcile
        var environment = environment
        environment.logger[metadataKey: "controller"] = "\(name)"
        self.environment = environment
        self.metrics = metrics.controller(name)
        queue = WorkQueue(
            environment: environment,
            metrics: metrics.workQueue(name),
            load: load,
            limits: .init(cap: options.longestRetryDelay)
        )
        expected = Mutex(ExpectedVersions(patience: options.ownWritePatience))
    }

    /// Brings up a key, for triggers that are not objects.
    package func enqueue(_ key: ObjectKey) { queue.add(key) }

    /// Takes no further key; `run` returns once the workers are done with theirs.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        queue.shutDown()
        stopCall.call()
    }

    /// Reconciles until `stop`, or until the task is cancelled, which cancels the running reconciliations as well.
    ///
    /// Throws `RuntimeError.cacheNotSynced` where the caches stay empty for too long.
    package func run() async throws {
        try await waitForCaches()
        metrics.maxConcurrent.set(Double(options.workers))
        await withTaskGroup(of: Void.self) { background in
            background.addTask { await self.queue.run() }
            background.addTask { await self.bringUpUnseen() }
            background.addTask { await self.deadlines.run() }
            for source in sources {
                background.addTask { await source.run { self.queue.add($0, priority: $1) } }
            }
            await withTaskGroup(of: Void.self) { workers in
                for _ in 0..<max(1, options.workers) {
                    workers.addTask { await self.work() }
                }
            }
            background.cancelAll()
        }
    }

    private func waitForCaches() async throws {
        let deadline = environment.now() + options.cacheSyncTimeout
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.environment.sleep(deadline) }
            group.addTask { await self.stopCall.wait() }
            group.addTask {
                for source in self.sources { await source.waitUntilSynced() }
            }
            await group.next()
            group.cancelAll()
        }
        let missing = sources.filter { !$0.hasSynced() }.map { "\($0.resource)" }
        guard !missing.isEmpty, !isStopped, !Task.isCancelled else { return }
        throw RuntimeError.cacheNotSynced(controller: name, kinds: missing, after: options.cacheSyncTimeout)
    }

    private var isStopped: Bool { isStopping.load(ordering: .acquiring) }

    private func work() async {
        while let key = await queue.next() {
            if !isStopped && !Task.isCancelled { await process(key) }
            queue.done(key)
        }
    }

    private func process(_ key: ObjectKey) async {
        let verdict = verdict(for: key)
        if case .waiting(let deadline) = verdict {
            return queue.add(key, after: deadline - environment.now())
        }
        var logger = environment.logger
        logger[metadataKey: "namespace"] = key.namespace.map { "\($0)" }
        logger[metadataKey: "name"] = "\(key.name)"
        logger[metadataKey: "reconcileID"] = "\(String(UInt64.random(in: 1...UInt64.max), radix: 16))"
        metrics.activeWorkers.add(1)
        let start = environment.now()
        let result: Result<ReconcileResult, any Error>
        do {
            result = .success(try await withinTime(reconciliation(of: key, verdict, logger)))
        } catch {
            result = .failure(error)
        }
        metrics.reconcileTime.observe(environment.now() - start)
        metrics.activeWorkers.add(-1)
        conclude(key, result, wasOverdue: verdict == .overdue, logger)
    }

    /// A call that takes too long is cancelled, and the worker goes on once it has ended.
    private func withinTime(_ reconciliation: Reconciliation) async throws -> ReconcileResult {
        let call = deadlines.begin()
        defer { deadlines.end(call) }
        return try await withThrowingTaskGroup(of: ReconcileResult?.self) { group in
            group.addTask { try await self.reconcile(reconciliation) }
            group.addTask {
                await call.overdue.wait()
                try Task.checkCancellation()
                return nil
            }
            defer { group.cancelAll() }
            if let result = try await group.next() ?? nil { return result }
            metrics.timeouts.increment()
            throw RuntimeError.reconcileTimedOut(controller: name, after: options.reconcileTimeout)
        }
    }

    private func reconciliation(
        of key: ObjectKey,
        _ verdict: ExpectedVersions.Verdict,
        _ logger: Logger
    ) -> Reconciliation {
        Reconciliation(
            key: key,
            logger: logger,
            cacheIsBehind: verdict == .overdue,
            shouldGiveWay: shouldGiveWay(key)
        ) { resource, object, outcome in
            let now = self.environment.now()
            self.expected.withLock { $0.wrote(resource, object, outcome, for: key, now: now) }
        }
    }

    private func shouldGiveWay(_ key: ObjectKey) -> Bool {
        guard load.liveKeys > 0 else { return false }
        guard let since = givenWay.withLock({ $0[key] }) else { return true }
        return environment.now() - since < options.longestGivingWay
    }

    private func conclude(
        _ key: ObjectKey,
        _ result: Result<ReconcileResult, any Error>,
        wasOverdue: Bool,
        _ logger: Logger
    ) {
        if case .success(.giveWay) = result {
            let now = environment.now()
            givenWay.withLock { $0[key] = $0[key] ?? now }
        } else {
            givenWay.withLock { $0[key] = nil }
        }
        switch result {
        case .success(.done):
            metrics.success.increment()
            queue.forget(key)
            // What the server showed and the call took away may never get into a cache, so no change would tell of it.
            if wasOverdue { queue.add(key, after: options.ownWritePatience) }
        case .success(.requeueAfter(let delay)):
            metrics.requeueAfter.increment()
            queue.forget(key)
            queue.add(key, after: wasOverdue ? min(delay, options.ownWritePatience) : delay)
        case .success(.giveWay):
            metrics.requeue.increment()
            queue.forget(key)
            queue.add(key, priority: .background)
        case .failure where Task.isCancelled:
            // The failure is most likely the cancellation; whoever runs next begins with every key anyway.
            return
        case .failure(let error as TerminalError):
            metrics.error.increment()
            metrics.errors.increment()
            metrics.terminalErrors.increment()
            queue.forget(key)
            logger.error("reconciling failed for good", metadata: ["error": "\(error)"])
        case .failure(let error):
            metrics.error.increment()
            metrics.errors.increment()
            queue.addFailed(key)
            logger.error("reconciling failed and is tried again", metadata: ["error": "\(error)"])
        }
    }

    /// Objects that never get into a cache bring nobody up, so writes that were not seen are looked at by the clock.
    private func bringUpUnseen() async {
        while true {
            do {
                try await environment.sleep(environment.now() + options.ownWritePatience)
            } catch {
                return
            }
            let now = environment.now()
            for key in expected.withLock({ $0.unseen(now: now, sightings: sightings) }) { queue.add(key) }
        }
    }

    private func verdict(for key: ObjectKey) -> ExpectedVersions.Verdict {
        let now = environment.now()
        return expected.withLock { $0.verdict(for: key, now: now, sightings: sightings) }
    }

    private func sightings(
        _ resource: ResourceType,
        _ object: ObjectKey,
        _ outcome: ExpectedVersions.Outcome
    ) -> [ExpectedVersions.Sighting] {
        sources.filter { $0.resource == resource }.map { $0.sighting(object, outcome) }
    }
}
