// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI

/// What a version answered over all pods.
struct CanaryTraffic: Equatable, Sendable {
    /// Requests.
    private(set) var requests = 0
    /// Those that failed through no fault of their client.
    private(set) var failures = 0
    private var latency = Array(repeating: 0, count: ServingReport.Traffic.latencyBounds.count + 1)

    /// Counts what one pod says. A pod that counts otherwise than this program knows adds its requests, and no times.
    mutating func add(_ traffic: ServingReport.Traffic) {
        requests = Self.sum(requests, traffic.requests)
        failures = Self.sum(failures, traffic.failures)
        guard traffic.latency.count == latency.count else { return }
        for (bucket, count) in traffic.latency.enumerated() { latency[bucket] = Self.sum(latency[bucket], count) }
    }

    /// Counts come from other processes: nothing of them may overflow or lead to less.
    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, isOver) = left.addingReportingOverflow(max(0, right))
        return isOver ? Int.max : sum
    }

    /// The share of requests that failed, 0 to 100; nil without requests.
    var errorPercent: Double? {
        requests > 0 ? min(100, 100 * Double(failures) / Double(requests)) : nil
    }

    /// The time within which 99 of 100 requests were answered, read off the buckets in a straight line as Prometheus does
    /// it; infinite beyond the largest bound, nil without times.
    var p99Milliseconds: Double? {
        let total = latency.reduce(0.0) { $0 + Double($1) }
        guard total > 0 else { return nil }
        let rank = 0.99 * total
        var below = 0.0
        var lower = 0.0
        for (bound, count) in zip(ServingReport.Traffic.latencyBounds, latency) {
            if below + Double(count) >= rank, count > 0 {
                return 1_000 * (lower + (bound - lower) * (rank - below) / Double(count))
            }
            below += Double(count)
            lower = bound
        }
        return .infinity
    }

    /// The same for a status, where times end at the largest bound.
    var status: VersionTrafficStatus {
        let longest = (ServingReport.Traffic.latencyBounds.last ?? 0) * 1_000
        return VersionTrafficStatus(
            requests: requests,
            errorPercent: errorPercent.map(Self.rounded),
            p99Milliseconds: p99Milliseconds.map { Self.rounded(min($0, longest)) }
        )
    }

    private static func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
}
