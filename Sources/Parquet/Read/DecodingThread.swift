// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch

/// Runs blocking reads and long decoding away from the few threads on which all tasks run.
enum DecodingThread {
    private static let queue = DispatchQueue(label: "almanac.parquet", attributes: .concurrent)

    /// Runs `work` on a thread of its own and waits for it without blocking.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(ParquetError) -> Value
    ) async throws(ParquetError) -> Value {
        let outcome: Result<Value, ParquetError> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(ParquetError) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try outcome.get()
    }
}
