// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch

/// Runs blocking calls and long computations on a thread of their own, so that they never hold one of the few
/// threads on which all tasks run.
struct BlockingThread: Sendable {
    private let queue: DispatchQueue

    /// Names the thread's queue, for debuggers and profilers.
    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Runs `work` after all work given earlier, and waits for it without blocking.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(ConnectorError) -> Value
    ) async throws(ConnectorError) -> Value {
        let outcome: Result<Value, ConnectorError> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(ConnectorError) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try outcome.get()
    }
}
