// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Synchronization
import TestSupport
import Testing

@testable import Serving

@Suite("Computing requests together", .timeLimit(.minutes(1)))
struct MicroBatcherTests {
    private struct Fault: Error, Equatable { let value: Double }

    /// The batches that were computed.
    private final class Batches: Sendable {
        private let sizes = Mutex<[Int]>([])

        var all: [Int] { sizes.withLock { $0 } }

        /// Doubles each number; 13 is at fault.
        func compute(_ history: HistoryBatch) async throws -> [Double] {
            sizes.withLock { $0.append(history.batch) }
            if let fault = history.values.first(where: { $0 == 13 }) { throw Fault(value: fault) }
            return history.values.map { 2 * $0 }
        }
    }

    private func forecasts(
        _ batcher: MicroBatcher,
        _ batches: Batches,
        of histories: [[Double]]
    ) async -> [Result<[Double], any Error>] {
        await withTaskGroup(of: (Int, Result<[Double], any Error>).self) { group in
            for (index, values) in histories.enumerated() {
                group.addTask {
                    let history = HistoryBatch(values: values, batch: values.count)
                    do {
                        return (index, .success(try await batcher.forecast(history) { try await batches.compute($0) }))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [(Int, Result<[Double], any Error>)]()) { $0.append($1) }
                .sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    @Test("fills a batch without waiting for its time, and gives each request its own part")
    func full() async throws {
        let batcher = MicroBatcher(ServingBatchingSpec(maxBatchSize: 8, maxLatencyMilliseconds: 1_000))
        let batches = Batches()
        let start = ContinuousClock.now
        let answers = await forecasts(batcher, batches, of: (0..<16).map { [Double(100 + $0)] })
        #expect(start.duration(to: .now) < .milliseconds(900))
        #expect(try answers.map { try $0.get() } == (0..<16).map { [Double(200 + 2 * $0)] })
        #expect(batches.all == [8, 8])
    }

    @Test("does not wait for others for longer than it may, and computes what fills a batch by itself at once")
    func alone() async throws {
        let batcher = MicroBatcher(ServingBatchingSpec(maxBatchSize: 4, maxLatencyMilliseconds: 20))
        let batches = Batches()
        let start = ContinuousClock.now
        #expect(try await forecasts(batcher, batches, of: [[1]])[0].get() == [2])
        #expect(start.duration(to: .now) >= .milliseconds(20))
        #expect(try await forecasts(batcher, batches, of: [[1, 2, 3, 4, 5]])[0].get() == [2, 4, 6, 8, 10])
        #expect(batches.all == [1, 5])
    }

    @Test("lets an error be the answer of the one request that is at fault")
    func errors() async throws {
        let batcher = MicroBatcher(ServingBatchingSpec(maxBatchSize: 4, maxLatencyMilliseconds: 500))
        let batches = Batches()
        let answers = await forecasts(batcher, batches, of: [[1], [13], [3], [4]])
        #expect(throws: Fault(value: 13)) { try answers[1].get() }
        for (index, expected) in [(0, 2.0), (2, 6), (3, 8)] { #expect(try answers[index].get() == [expected]) }
    }

    @Test("answers everybody rightly, whatever comes when, and whoever goes away")
    func storm() async throws {
        let batches = Batches()
        for seed in 0..<20 as Range<UInt64> {
            let batcher = MicroBatcher(ServingBatchingSpec(maxBatchSize: 6, maxLatencyMilliseconds: 1))
            await withTaskGroup(of: Void.self) { group in
                for client in 0..<40 as Range<UInt64> {
                    group.addTask {
                        var random = SeededRandom(seed: seed * 100 + client)
                        try? await Task.sleep(for: .microseconds(Int.random(in: 0...3_000, using: &random)))
                        let values = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                            Double(Int.random(in: 0...40, using: &random))
                        }
                        let history = HistoryBatch(values: values, batch: values.count)
                        let answer = try? await batcher.forecast(history) { try await batches.compute($0) }
                        #expect(answer == (values.contains(13) ? nil : values.map { 2 * $0 }))
                    }
                }
                if seed % 4 == 0 { group.cancelAll() }
            }
        }
        #expect(batches.all.allSatisfy { $0 <= 6 })
    }
}
