// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Wakes the one task that waits here; a call before the wait ends the next wait at once, so none is lost.
final class WakeUp: Sendable {
    private enum State {
        case idle
        case called
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    func call() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .waiting(let waiter) = state else {
                state = .called
                return nil
            }
            state = .idle
            return waiter
        }
        waiter?.resume()
    }

    /// Returns after a call, or when the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> Bool in
                    if case .called = state {
                        state = .idle
                        return true
                    }
                    // The cancellation handler may have run before there was anyone to wake.
                    if Task.isCancelled { return true }
                    state = .waiting(continuation)
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard case .waiting(let waiter) = state else { return nil }
                state = .idle
                return waiter
            }
            waiter?.resume()
        }
    }

    /// Returns after a call, at a deadline, or when the task is cancelled.
    func wait(until deadline: ContinuousClock.Instant?, _ environment: RuntimeEnvironment) async {
        guard let deadline else { return await wait() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await environment.sleep(deadline) }
            await group.next()
            group.cancelAll()
        }
    }
}
