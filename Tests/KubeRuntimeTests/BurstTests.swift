// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import PrometheusMetrics
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("Bursts", .timeLimit(.minutes(1)))
struct BurstTests {
    @Test(
        "10,000 objects that appear at once, 50,000 in a soak run, and a fifth that goes at once are each looked at, and no queue outgrows them"
    )
    func burst() async throws {
        let many = ProcessInfo.processInfo.environment["ALMANAC_SOAK_SECONDS"] == nil ? 10_000 : 50_000
        let few = many / 5
        let store = Store<ConfigMap>()
        store.fill(with: [], resourceVersion: "0")
        let calls = Shared(0)
        let idle = WakeUp()
        let deepest = Shared(0)
        let metrics = RuntimeMetrics.test
        let queue = metrics.workQueue("burst")
        let controller = Controller(
            name: "burst",
            sources: [.reconciles(store)],
            environment: .test,
            metrics: metrics
        ) { _ in
            let count = calls.withLock { count in
                count += 1
                return count
            }
            let depth = Int(queue.depth.values.map(\.value).reduce(0, +))
            deepest.withLock { $0 = max($0, depth) }
            if count >= many { idle.call() }
            return .done
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await controller.run() }
            for number in 0..<many { store.apply(.added(.sample("n\(number)", version: number + 1))) }
            await idle.wait()
            for number in 0..<few { store.apply(.deleted(.sample("n\(number)", version: 2 * many + number))) }
            while calls.withLock({ $0 }) < many + few { try? await Task.sleep(for: .milliseconds(5)) }
            group.cancelAll()
        }
        #expect(store.count == many - few)
        #expect(calls.withLock { $0 } == many + few)
        #expect(deepest.withLock { $0 } <= many)
    }
}
