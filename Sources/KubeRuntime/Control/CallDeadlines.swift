// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Finds calls that take too long, with one clock for all of them.
///
/// A sleep of its own for each call would do the same, but a cancelled `Task.sleep` keeps its timer and its task until
/// the time that it slept for: hundreds of bytes for minutes, a thousand times a second.
final class CallDeadlines: Sendable {
    private struct State {
        var last: UInt64 = 0
        var running: [UInt64: (deadline: ContinuousClock.Instant, overdue: WakeUp)] = [:]
    }

    /// A call that has begun.
    struct Call: Sendable {
        fileprivate let number: UInt64
        /// Is called when the call's time is over.
        let overdue: WakeUp
    }

    private let limit: Duration
    private let environment: RuntimeEnvironment
    private let state = Mutex(State())

    /// Makes a watch over calls that may take `limit`; they are found at most a twentieth of it, or ten seconds, late.
    init(limit: Duration, environment: RuntimeEnvironment) {
        self.limit = limit
        self.environment = environment
    }

    func begin() -> Call {
        let (deadline, overdue) = (environment.now() + limit, WakeUp())
        return state.withLock { state in
            state.last += 1
            state.running[state.last] = (deadline, overdue)
            return Call(number: state.last, overdue: overdue)
        }
    }

    func end(_ call: Call) { state.withLock { $0.running[call.number] = nil } }

    /// Looks for overdue calls until the task is cancelled.
    func run() async {
        while (try? await environment.sleep(environment.now() + min(limit / 20, .seconds(10)))) != nil {
            let now = environment.now()
            let overdue = state.withLock { $0.running.values.filter { $0.deadline <= now }.map(\.overdue) }
            for each in overdue { each.call() }
        }
    }
}
