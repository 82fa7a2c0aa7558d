// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import HTTPTransport
import KubeClient
import KubeCore
import KubeRuntime
import KubeTestSupport
import PrometheusMetrics

/// A reflector alone, behind a bench's proxy.
struct Watcher<Object: KubeObject>: Sendable {
    let store = Store<Object>()
    let reflector: Reflector<Object>

    init(_ bench: FaultBench, options: Reflector<Object>.Options = .init()) {
        let metrics = RuntimeMetrics(registry: MetricsRegistry())
        let clients = RuntimeClients(
            configuration: bench.proxy.configuration,
            userAgent: "watcher",
            metrics: metrics.restClient
        )
        reflector = Reflector(
            store: store,
            listWatch: ListWatch(client: clients.caches, namespace: bench.namespace),
            options: options,
            environment: FaultBench.environment(seed: 1, haste: 0.001),
            metrics: metrics
        )
    }

    /// Runs the reflector beside `body`.
    @discardableResult
    func running<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.reflector.run() }
            defer { group.cancelAll() }
            return try await body()
        }
    }
}

extension Store {
    /// How many objects have that name.
    func count(where name: String) -> Int { all.count { $0.metadata.name == name } }
}
