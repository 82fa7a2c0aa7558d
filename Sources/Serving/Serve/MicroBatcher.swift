// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Synchronization

/// Gathers the histories of several requests and lets the model forecast them at once.
///
/// The first request of a batch leads it: it waits for others until the batch is full or its time is over, computes for
/// all, and hands each its part. Where the whole cannot be computed, each request computes its own, so that an error is the
/// answer of the one whose history is at fault.
final class MicroBatcher: Sendable {
    typealias Compute = (HistoryBatch) async throws -> [Double]

    private enum Turn: Sendable {
        /// Wait for others, then compute for all.
        case lead(Batch.Number, isFull: AsyncStream<Void>)
        /// Somebody else has computed it.
        case done([Double])
        /// The batch could not be computed.
        case alone
    }

    private struct Batch: Sendable {
        typealias Number = UInt64

        struct Member: Sendable {
            var history: HistoryBatch
            var waiter: CheckedContinuation<Turn, Never>
        }

        /// How many histories it holds, the leader's among them.
        var count: Int
        var members: [Member] = []
        let isFull: AsyncStream<Void>.Continuation
    }

    private struct State: Sendable {
        var issued: Batch.Number = 0
        /// The batch that still takes requests.
        var open: Batch.Number?
        var batches: [Batch.Number: Batch] = [:]
    }

    private let most: Int
    private let patience: Duration
    private let onBatch: @Sendable (Int) -> Void
    private let state = Mutex(State())

    /// A batcher.
    ///
    /// - Parameter onBatch: Called with the number of histories of each batch.
    init(_ spec: ServingBatchingSpec, onBatch: @escaping @Sendable (Int) -> Void = { _ in }) {
        most = spec.maxBatchSize
        let milliseconds = spec.maxLatencyMilliseconds ?? ServingBatchingSpec.defaultMaxLatencyMilliseconds
        patience = .microseconds(Int64(milliseconds * 1_000))
        self.onBatch = onBatch
    }

    /// Forecasts a history, with those of others where some come in time.
    ///
    /// - Parameter compute: Forecasts a batch; what it throws for a history alone is thrown.
    func forecast(_ history: HistoryBatch, _ compute: Compute) async throws -> [Double] {
        guard history.batch < most else {
            onBatch(history.batch)
            return try await compute(history)
        }
        switch await withCheckedContinuation({ join(history, $0) }) {
        case .done(let forecasts): return forecasts
        case .alone: return try await compute(history)
        case .lead(let number, let isFull):
            await wait(isFull)
            return try await lead(history, take(number), compute)
        }
    }

    private func join(_ history: HistoryBatch, _ waiter: CheckedContinuation<Turn, Never>) {
        let turn = state.withLock { state -> Turn? in
            if let number = state.open, let batch = state.batches[number], batch.count + history.batch <= most {
                state.batches[number]?.members.append(.init(history: history, waiter: waiter))
                state.batches[number]?.count += history.batch
                if batch.count + history.batch == most {
                    state.open = nil
                    batch.isFull.finish()
                }
                return nil
            }
            // One that does not fit closes the batch before it and begins another.
            if let number = state.open { state.batches[number]?.isFull.finish() }
            let (isFull, signal) = AsyncStream.makeStream(of: Void.self)
            state.issued += 1
            state.open = state.issued
            state.batches[state.issued] = Batch(count: history.batch, isFull: signal)
            return .lead(state.issued, isFull: isFull)
        }
        if let turn { waiter.resume(returning: turn) }
    }

    /// Waits until the batch is full, or nobody else comes in time.
    private func wait(_ isFull: AsyncStream<Void>) async {
        let patience = patience
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: patience) }
            group.addTask { for await _ in isFull {} }
            await group.next()
            group.cancelAll()
        }
    }

    /// Closes a batch; returns those who joined it.
    private func take(_ number: Batch.Number) -> [Batch.Member] {
        state.withLock { state in
            if state.open == number { state.open = nil }
            return state.batches.removeValue(forKey: number)?.members ?? []
        }
    }

    private func lead(_ history: HistoryBatch, _ members: [Batch.Member], _ compute: Compute) async throws -> [Double] {
        var whole = history
        for member in members {
            whole.values += member.history.values
            whole.batch += member.history.batch
            whole.ends += member.history.ends
            whole.future += member.history.future
            whole.series += member.history.series
        }
        onBatch(whole.batch)
        // Times that only some have given are times that the model does not need.
        if whole.ends.count != whole.batch { whole.ends = [] }
        do {
            let forecasts = try await compute(whole)
            let size = forecasts.count / max(1, whole.batch)
            var start = history.batch * size
            for member in members {
                let end = start + member.history.batch * size
                member.waiter.resume(returning: .done(Array(forecasts[start..<end])))
                start = end
            }
            return Array(forecasts[..<(history.batch * size)])
        } catch {
            for member in members { member.waiter.resume(returning: .alone) }
            guard !members.isEmpty else { throw error }
            return try await compute(history)
        }
    }
}
