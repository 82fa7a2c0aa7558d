// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import KubeCore
import Logging
import PrometheusMetrics
import Synchronization

/// Runs work while this process leads.
package final class LeaderElector: Sendable {
    private let client: LeaseClient
    private let identity: String
    private let environment: RuntimeEnvironment
    private let status: Gauge
    private let slowPath: Counter
    private let machine: Mutex<LeaderStateMachine>
    private let isStopping = Atomic(false)
    private let stopCall = WakeUp()

    /// Makes a candidate; `identity` must be another one in each process, see `makeIdentity`.
    package init(
        client: LeaseClient,
        identity: String,
        timing: LeaderStateMachine.Timing = .init(),
        environment: RuntimeEnvironment,
        metrics: RuntimeMetrics
    ) {
        self.client = client
        self.identity = identity
        var environment = environment
        environment.logger[metadataKey: "lease"] = "\(client.key)"
        environment.logger[metadataKey: "identity"] = "\(identity)"
        self.environment = environment
        status = metrics.leaderElection.status(lease: client.key.name)
        slowPath = metrics.leaderElection.slowPath(lease: client.key.name)
        machine = Mutex(LeaderStateMachine(lease: client.key, identity: identity, timing: timing))
    }

    /// An identity that no other process has: the host's name, which is the pod's, and a random part.
    package static func makeIdentity() -> String {
        "\(ProcessInfo.processInfo.hostName)_\(UUID().uuidString.lowercased())"
    }

    /// Whether this process may start a write now.
    ///
    /// It turns false by itself at the renewal deadline.
    package var isLeading: Bool {
        let now = environment.now()
        return machine.withLock { $0.isLeading(at: now) }
    }

    /// When this process stops to lead unless it renews before; nil where it does not lead now.
    package var leadsUntil: ContinuousClock.Instant? {
        let now = environment.now()
        return machine.withLock { machine in machine.deadline.flatMap { now < $0 ? $0 : nil } }
    }

    /// How long ago the right to lead ran out; nil where this process may still lead, or never did.
    ///
    /// A process that still runs long after that hangs, and should be killed by its liveness check.
    package var overdue: Duration? {
        let now = environment.now()
        return machine.withLock { $0.overdue(at: now) }
    }

    /// Stops to compete.
    ///
    /// A leader goes on renewing until its work returns.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        stopCall.call()
    }

    /// Waits to lead, runs `work`, and gives the lease back after `work` has returned or thrown.
    ///
    /// Where the lease is lost, `onLoss` is called at once, `work` is cancelled and `RuntimeError.leadershipLost` thrown
    /// when it has ended. Work that ignores cancellation would delay that for ever, so `onLoss` should end the process.
    /// Returns without work after `stop`, or when the task is cancelled. A cancelled task cannot give the lease back:
    /// an orderly end is to `stop` and to let `work` return.
    package func run(
        onLoss: @escaping @Sendable (RuntimeError) -> Void,
        whileLeading work: @escaping @Sendable () async throws -> Void
    ) async throws {
        guard let renewal = await acquire() else { return }
        status.set(1)
        defer { status.set(0) }
        environment.logger.notice("leading")
        let result = await lead(from: renewal, onLoss, work)
        switch result {
        case .failure(let error as RuntimeError):
            if case .leadershipLost = error { throw error }
        default: break
        }
        await release()
        try result.get()
    }

    /// Competes until this process leads; returns the next action, or nil where it stopped before.
    private func acquire() async -> LeaderStateMachine.Action? {
        var action = machine.withLock { $0.start() }
        while !isStopping.load(ordering: .acquiring) && !Task.isCancelled {
            if isLeading { return action }
            action = await perform(action)
        }
        // A lease that was won in the last moment is given back.
        if isLeading { await release() }
        return nil
    }

    private func lead(
        from renewal: LeaderStateMachine.Action,
        _ onLoss: @escaping @Sendable (RuntimeError) -> Void,
        _ work: @escaping @Sendable () async throws -> Void
    ) async -> Result<Void, any Error> {
        await withTaskGroup(of: Result<Void, any Error>?.self) { group in
            group.addTask {
                do { return .success(try await work()) } catch { return .failure(error) }
            }
            group.addTask {
                guard let reason = await self.renew(from: renewal) else { return nil }
                let error = RuntimeError.leadershipLost(lease: self.client.key, reason: reason)
                self.environment.logger.critical("\(error)")
                onLoss(error)
                return .failure(error)
            }
            var outcome: Result<Void, any Error> = .success(())
            // The first answer decides; renewals that end because the task is cancelled are none.
            while let answer = await group.next() {
                guard let answer else { continue }
                outcome = answer
                break
            }
            group.cancelAll()
            return outcome
        }
    }

    /// Renews until the lease is lost, and returns why; nil when the task is cancelled.
    private func renew(from first: LeaderStateMachine.Action) async -> String? {
        var action = first
        while !Task.isCancelled {
            if case .lost(let reason) = action { return reason }
            action = await perform(action)
        }
        return nil
    }

    private func release() async {
        let date = environment.date()
        var action = machine.withLock { $0.release(date: date) }
        while action != .released && !Task.isCancelled { action = await perform(action) }
        environment.logger.notice("gave the lease back")
    }

    private func perform(_ action: LeaderStateMachine.Action) async -> LeaderStateMachine.Action {
        let sentAt = environment.now()
        switch action {
        case .read:
            if isLeading { slowPath.increment() }
            return await request(sentAt) { .read(try await self.client.read()) }
        case .create(let lease):
            return await request(sentAt) { .wrote(try await self.client.create(lease)) }
        case .replace(let lease):
            return await request(sentAt) { .wrote(try await self.client.replace(lease)) }
        case .wait(let deadline):
            if machine.withLock({ $0.deadline }) == nil {
                await stopCall.wait(until: deadline, environment)
            } else {
                try? await environment.sleep(deadline)
            }
            let (now, date) = (environment.now(), environment.date())
            return machine.withLock { $0.waited(now: now, date: date) }
        case .lost, .released: return action
        }
    }

    private enum Answer: Sendable {
        case read(Lease?)
        case wrote(Lease?)
    }

    private func request(
        _ sentAt: ContinuousClock.Instant,
        _ send: @escaping @Sendable () async throws -> Answer
    ) async -> LeaderStateMachine.Action {
        let answer: Result<Answer, any Error>
        do { answer = .success(try await withinDeadline(send)) } catch { answer = .failure(error) }
        let (now, date, random) = (environment.now(), environment.date(), environment.random())
        return machine.withLock { machine in
            switch answer {
            case .success(.read(let lease)): machine.read(lease, now: now, date: date, random: random)
            case .success(.wrote(let lease?)): machine.wrote(lease, sentAt: sentAt, now: now)
            case .success(.wrote(nil)): machine.failed(.conflict, now: now, random: random)
            case .failure(let error): machine.failed(.other("\(error)"), now: now, random: random)
            }
        }
    }

    /// A leader waits for no answer beyond the moment at which it has to stop.
    private func withinDeadline(_ send: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        guard let deadline = machine.withLock({ $0.deadline }) else { return try await send() }
        return try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await send() }
            group.addTask {
                try await self.environment.sleep(deadline)
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() ?? nil else {
                throw RuntimeError.leadershipLost(lease: client.key, reason: "no answer until the renewal deadline")
            }
            return answer
        }
    }
}
