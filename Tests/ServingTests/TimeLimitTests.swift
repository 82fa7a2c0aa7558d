// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import Synchronization
import Testing

@testable import Serving

@Suite("Time and turns of forecasts", .timeLimit(.minutes(1)))
struct TimeLimitTests {
    /// Repeats the last number; each window takes 20 ms, and its work says so.
    private struct SlowModel: ForecastModel {
        final class Windows: Sendable {
            private let windows = Mutex(0)

            var count: Int { windows.withLock { $0 } }

            func add(_ count: Int) { windows.withLock { $0 += count } }
        }

        let shape: WindowShape
        let computed = Windows()
        let configuration: ModelConfiguration
        let tensors: [NamedTensor] = []
        let work = 40_000_000

        init() throws {
            shape = try WindowShape(lookback: 3, horizon: 2, channels: 1, targets: 1)
            configuration = try SeasonalNaive(shape: shape, seasonLength: 3).configuration
        }

        func predict(
            _ windows: Span<Float>,
            future: Span<Float>,
            ends: Span<Int64>,
            batch: Int,
            into output: inout MutableSpan<Float>
        ) {
            computed.add(batch)
            Thread.sleep(forTimeInterval: 0.02 * Double(batch))
            for index in output.indices { output[index] = windows[windows.count - 1] }
        }
    }

    private let model: SlowModel
    private let admission = Admission(processors: 1)

    init() throws { model = try SlowModel() }

    private func serving(_ body: (_ ask: @escaping @Sendable (Int) async throws -> Int) async throws -> Void)
        async throws
    {
        let shelf = ModelShelf(try .model("v1", name: "traffic", model))
        var routes = ServingRoutes(shelf: shelf, readiness: Readiness(), metrics: ServingMetrics())
        routes.admission = admission
        try await LoopbackServer.with(routes.router()) { address in
            let transport = CurlTransport()
            try await body { histories in
                let instances = Array(repeating: "[1,2,3]", count: histories).joined(separator: ",")
                let request = HTTPRequest(
                    method: "POST",
                    url: address + "/v1/models/traffic:predict",
                    headers: [HTTPHeader("Content-Type", "application/json")],
                    body: Data("{\"instances\":[\(instances)]}".utf8)
                )
                return try await transport.send(request).status
            }
            await transport.shutdown()
        }
    }

    @Test("a request that takes too long is answered 504, and the rest of its work is not done")
    func stops() async throws {
        admission.apply(ServingLimitsSpec(timeoutSeconds: 0.1))
        try await serving { ask in
            #expect(try await ask(1) == 200)
            let before = model.computed.count
            #expect(try await ask(100) == 504)
            let done = model.computed.count - before
            #expect((1...10).contains(done))
            try await Task.sleep(for: .milliseconds(100))
            #expect(model.computed.count - before == done)
            #expect(try await ask(1) == 200)
        }
    }

    @Test(
        "of many requests at once, those that find no place to wait are answered 503, and those that wait too long 504"
    )
    func queue() async throws {
        admission.apply(ServingLimitsSpec(maxConcurrentRequests: 1, maxQueuedRequests: 2, timeoutSeconds: 0.5))
        try await serving { ask in
            let codes = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await ask(15) } }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            // How many of each depends on when they arrive; ForecastGateTests count.
            #expect(Set(codes.keys) == [200, 503, 504] && codes.values.reduce(0, +) == 8, "\(codes)")
            #expect(try await ask(1) == 200)
            #expect(admission.gate.load == .init(running: 0, waiting: 0))
        }
    }
}
