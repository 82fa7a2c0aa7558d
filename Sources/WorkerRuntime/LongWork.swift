// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import HTTPTransport
import Synchronization

/// Runs long computations and blocking calls on threads of their own, so that they never hold one of the few threads
/// on which all tasks run.
package enum LongWork {
    /// Computes something, without effects. Cancelling the task ends the wait at once, with `CancellationError`; the
    /// computation goes on and its result is dropped.
    ///
    /// - Parameter waits: Whether the computation waits for a store now and then. It then has a thread outside of the
    ///   pool, which a store in a bucket may need for its answer.
    package static func compute<Value: Sendable>(
        waits: Bool = false,
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let waiter = Waiter<Value>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiter.wait(continuation)
                let body: @Sendable () -> Void = { waiter.resume(with: Result(catching: work)) }
                if waits {
                    DetachedThread.start(named: "almanac-work", body)
                } else {
                    DispatchQueue.global().async(execute: body)
                }
            }
        } onCancel: {
            waiter.resume(with: .failure(CancellationError()))
        }
    }

    /// Does something with effects, for instance writes files, on a thread outside of the pool. It is always waited for.
    package static func finish<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            DetachedThread.start(named: "almanac-store") { continuation.resume(with: Result(catching: work)) }
        }
    }

    /// Resumes whoever waits once, with what comes first.
    private final class Waiter<Value: Sendable>: Sendable {
        private enum State {
            case idle
            case waiting(CheckedContinuation<Value, any Error>)
            case done(Result<Value, any Error>)
        }

        private let state = Mutex(State.idle)

        func wait(_ continuation: CheckedContinuation<Value, any Error>) {
            let early: Result<Value, any Error>? = state.withLock { state in
                if case .done(let result) = state { return result }
                state = .waiting(continuation)
                return nil
            }
            if let early { continuation.resume(with: early) }
        }

        func resume(with result: Result<Value, any Error>) {
            let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
                defer { if case .done = state {} else { state = .done(result) } }
                if case .waiting(let continuation) = state { return continuation }
                return nil
            }
            waiting?.resume(with: result)
        }
    }
}
