// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// The versions that the caches have to reach before a key is reconciled again.
///
/// Whoever has written an object and then decides on a cache from before that write decides twice. So each write notes
/// the version that it made, and its key waits until the cache has it (as Kubernetes' KEP-5647 has it).
package struct ExpectedVersions: Sendable {
    private struct Expectation: Sendable {
        var version: String
        var deadline: ContinuousClock.Instant
    }

    /// Whether a key may be reconciled.
    package enum Verdict: Equatable, Sendable {
        /// The caches have all own writes.
        case met
        /// They do not yet; the change that completes them brings the key up again, and time does at the latest.
        case waiting(until: ContinuousClock.Instant)
        /// They did not get there in time; the key is reconciled, and what matters should be read from the server.
        case overdue
    }

    private let patience: Duration
    private var expected: [ObjectKey: [ResourceType: Expectation]] = [:]

    /// Makes an empty set; `patience` is how long a key waits at most.
    package init(patience: Duration = .seconds(10)) { self.patience = patience }

    /// How many keys wait.
    package var count: Int { expected.count }

    /// Notes a write of an object while reconciling a key; of two writes of one resource the newer counts.
    package mutating func wrote(
        _ resource: ResourceType,
        version: String,
        for key: ObjectKey,
        now: ContinuousClock.Instant
    ) {
        if let known = expected[key]?[resource], ResourceVersion.isOlder(version, than: known.version) == true { return }
        expected[key, default: [:]][resource] = Expectation(version: version, deadline: now + patience)
    }

    /// Whether a key may be reconciled, given the versions that the caches have reached; nil for resources that are not
    /// cached, which nobody waits for.
    package mutating func verdict(
        for key: ObjectKey,
        now: ContinuousClock.Instant,
        cached: (ResourceType) -> String?
    ) -> Verdict {
        guard let expectations = expected[key] else { return .met }
        let open = expectations.filter { resource, expectation in
            cached(resource).map { !ResourceVersion.reached(expectation.version, at: $0) } ?? false
        }
        guard let first = open.values.map(\.deadline).min() else {
            expected[key] = nil
            return .met
        }
        guard first > now else {
            expected[key] = nil
            return .overdue
        }
        expected[key] = open
        return .waiting(until: first)
    }
}
