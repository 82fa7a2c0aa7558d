// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeClient
import KubeCore
import Synchronization

/// A number that several tasks count up.
final class Shared: Sendable {
    private let value = Atomic(0)

    /// The next number, from 0.
    func take() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}

/// Sees Jobs appear.
struct JobWatcher: Sendable {
    let client: KubeClient
    let namespace: String

    /// When each of the first `count` Jobs was seen, while `body` makes that they come.
    func firstJobs(_ count: Int, while body: @escaping @Sendable () async throws -> Void) async throws
        -> [ContinuousClock.Instant]
    {
        let list = try await client.list(Job.self, namespace: namespace, options: ListOptions(limit: 1))
        let version = list.resourceVersion
        return try await withThrowingTaskGroup(of: [ContinuousClock.Instant].self) { group in
            group.addTask { try await watch(count, from: version) }
            group.addTask {
                try await body()
                return []
            }
            group.addTask {
                try await Task.sleep(for: .seconds(300))
                throw BenchmarkError.timeout("there are \(count) Jobs")
            }
            defer { group.cancelAll() }
            while let seen = try await group.next() {
                if !seen.isEmpty { return seen }
            }
            return []
        }
    }

    private func watch(_ count: Int, from version: String?) async throws -> [ContinuousClock.Instant] {
        var seen: [ContinuousClock.Instant] = []
        var options = ListOptions()
        options.resourceVersion = version
        for try await event in client.watch(Job.self, namespace: namespace, options: options) {
            guard case .added = event else { continue }
            seen.append(.now)
            if seen.count == count { return seen }
        }
        throw BenchmarkError.timeout("the watch saw \(count) Jobs; it saw \(seen.count)")
    }
}
