// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

/// Lets threads that may block wait for async calls: a task serves the calls as its children, so that they end with it.
///
/// Never called on a thread of Swift's pool, where the call might wait for the very thread that it blocks.
final class BlockingCalls: Sendable {
    private struct Job: Sendable {
        let run: @Sendable () async -> Void
        let refuse: @Sendable () -> Void
    }

    private enum State {
        case open(pending: [Job], server: CheckedContinuation<Job?, Never>?)
        case closed
    }

    private let state = Mutex(State.open(pending: [], server: nil))

    /// Does the work of callers until the task is cancelled; callers that come later are refused.
    func serve() async {
        await withDiscardingTaskGroup { group in
            while let job = await next() { group.addTask { await job.run() } }
            group.cancelAll()
        }
    }

    /// Waits for `work`, blocking the thread.
    ///
    /// Throws what `work` throws, and `cancelled` where nobody serves any more.
    func wait<Value: Sendable>(
        for work: @escaping @Sendable () async throws(ConnectorError) -> Value
    ) throws(ConnectorError) -> Value {
        let outcome = Outcome<Value>()
        let job = Job {
            do throws(ConnectorError) {
                outcome.end(.success(try await work()))
            } catch {
                outcome.end(.failure(error))
            }
        } refuse: {
            outcome.end(.failure(.cancelled))
        }
        submit(job)
        return try outcome.wait().get()
    }

    /// What came of a job, for the thread that waits.
    private final class Outcome<Value: Sendable>: Sendable {
        private let done = DispatchSemaphore(value: 0)
        private let result = Mutex<Result<Value, ConnectorError>>(.failure(.cancelled))

        func end(_ ending: Result<Value, ConnectorError>) {
            result.withLock { $0 = ending }
            done.signal()
        }

        func wait() -> Result<Value, ConnectorError> {
            done.wait()
            return result.withLock { $0 }
        }
    }

    private func submit(_ job: Job) {
        let (isAccepted, server) = state.withLock { state -> (Bool, CheckedContinuation<Job?, Never>?) in
            guard case .open(let pending, let server) = state else { return (false, nil) }
            state = .open(pending: server == nil ? pending + [job] : pending, server: nil)
            return (true, server)
        }
        server?.resume(returning: job)
        if !isAccepted { job.refuse() }
    }

    /// The next job; nil once the task is cancelled and nobody waits any more.
    private func next() async -> Job? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Job?, Never>) in
                let first: Job?? = state.withLock { state in
                    guard case .open(var pending, _) = state else { return .some(nil) }
                    guard !pending.isEmpty else {
                        state = .open(pending: [], server: continuation)
                        return nil
                    }
                    let first = pending.removeFirst()
                    state = .open(pending: pending, server: nil)
                    return first
                }
                if let first { continuation.resume(returning: first) }
            }
        } onCancel: {
            close()
        }
    }

    /// Refuses whoever waits and whoever comes.
    func close() {
        let (pending, server) = state.withLock { state -> ([Job], CheckedContinuation<Job?, Never>?) in
            guard case .open(let pending, let server) = state else { return ([], nil) }
            state = .closed
            return (pending, server)
        }
        server?.resume(returning: nil)
        for job in pending { job.refuse() }
    }
}
