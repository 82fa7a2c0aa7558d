// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import PrometheusMetrics
import Synchronization

/// A `WorkQueueStateMachine` that tasks can wait at.
///
/// `run` must be running for keys that were added for later to come up.
package final class WorkQueue<Key: Hashable & Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Key?, Never>

    private struct State {
        var machine: WorkQueueStateMachine<Key>
        /// Tasks in `next`, in the order in which they came.
        var waiters: [(id: UInt64, continuation: Waiter)] = []
        var lastWaiter: UInt64 = 0
    }

    private let state: Mutex<State>
    private let environment: RuntimeEnvironment
    private let metrics: WorkQueueMetrics
    private let load: WorkLoad
    private let timer = WakeUp()

    /// No delayed key is later than this beyond its time, whatever the timers do.
    static var longestSleep: Duration { .seconds(10) }

    /// Makes an empty queue that reports to `load` what waits in it.
    package init(
        environment: RuntimeEnvironment,
        metrics: WorkQueueMetrics,
        load: WorkLoad = WorkLoad(),
        limits: WorkQueueStateMachine<Key>.RetryLimits = .init()
    ) {
        self.load = load
        state = Mutex(State(machine: WorkQueueStateMachine(limits: limits)))
        self.environment = environment
        self.metrics = metrics
        metrics.onCollect { [weak self] in self?.measureUnfinishedWork() }
    }

    /// Adds a key; one that already waits only moves up to a higher priority.
    package func add(_ key: Key, priority: WorkPriority = .live) {
        change { machine, now in machine.add(key, priority: priority, now: now) }
    }

    /// Adds a key after a wait; of two waits the one that ends earlier counts.
    package func add(_ key: Key, after delay: Duration) {
        change { machine, now in
            machine.add(key, at: now + delay, now: now)
            metrics.retries.increment()
        }
        timer.call()
    }

    /// Adds a key that failed, after a wait that doubles with each failure in a row.
    package func addFailed(_ key: Key) {
        change { machine, now in
            _ = machine.addFailed(key, now: now)
            metrics.retries.increment()
        }
        timer.call()
    }

    /// Forgets the failures of a key.
    package func forget(_ key: Key) { state.withLock { $0.machine.forget(key) } }

    /// Waits for the next key; nil after `shutDown` once all is drained, or when the task is cancelled.
    ///
    /// Whoever got a key must call `done`. No other task gets the key before that.
    package func next() async -> Key? {
        if Task.isCancelled { return nil }
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // The cancellation handler may have run before there was anyone to wake.
                let isWaiting = state.withLock { state in
                    if Task.isCancelled { return false }
                    state.waiters.append((id, continuation))
                    return true
                }
                guard isWaiting else { return continuation.resume(returning: nil) }
                change { _, _ in }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiters.remove(at: index).continuation
            }
            waiter?.resume(returning: nil)
        }
    }

    /// Ends the work on a key.
    package func done(_ key: Key) {
        change { machine, now in metrics.workDuration.observe(machine.done(key, now: now)) }
    }

    /// Takes nothing new; `next` hands out what is ready, then returns nil.
    package func shutDown() { change { machine, _ in machine.shutDown() } }

    /// Brings up keys at their time until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            // Timers may oversleep where the machine was suspended, so nobody sleeps for long while a key waits.
            let heartbeat = environment.now() + Self.longestSleep
            let deadline = change { _, _ in }.map { min($0, heartbeat) }
            await timer.wait(until: deadline, environment)
        }
    }

    /// Changes the machine, then gives ready keys to the tasks that wait.
    ///
    /// Returns when the next delayed key is due. A key is handed over within the lock: a task that is cancelled afterwards still gets it, so none is lost.
    @discardableResult
    private func change(
        _ body: (inout WorkQueueStateMachine<Key>, ContinuousClock.Instant) -> Void
    ) -> ContinuousClock.Instant? {
        var handovers: [(Waiter, Key?)] = []
        var deadline: ContinuousClock.Instant?
        state.withLock { state in
            let now = environment.now()
            let (added, live) = (state.machine.added, state.machine.depth(of: .live))
            body(&state.machine, now)
            handOut: while let waiter = state.waiters.first {
                switch state.machine.next(now: now) {
                case .work(let key, let waited):
                    metrics.queueDuration.observe(waited)
                    handovers.append((waiter.continuation, key))
                case .finished: handovers.append((waiter.continuation, nil))
                case .wait: break handOut
                }
                state.waiters.removeFirst()
            }
            deadline = state.machine.bringUpDelayed(now: now)
            metrics.adds.increment(by: Double(state.machine.added - added))
            load.change(by: state.machine.depth(of: .live) - live)
            for (priority, gauge) in metrics.depth { gauge.set(Double(state.machine.depth(of: priority))) }
        }
        for (waiter, key) in handovers { waiter.resume(returning: key) }
        return deadline
    }

    private func measureUnfinishedWork() {
        let now = environment.now()
        let ages = state.withLock { $0.machine.processingSince.map { (now - $0).inSeconds } }
        metrics.unfinishedWork.set(ages.reduce(0, +))
        metrics.longestRunning.set(ages.max() ?? 0)
    }
}
