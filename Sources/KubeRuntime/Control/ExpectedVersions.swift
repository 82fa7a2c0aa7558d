// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// What the caches have to show before a key is reconciled again.
///
/// Whoever has written an object and then decides on a cache from before that write decides twice. So each write notes
/// what it made, and its key waits until the cache has it (as Kubernetes' KEP-5647 has it).
package struct ExpectedVersions: Sendable {
    /// What a write made of an object.
    package enum Outcome: Equatable, Sendable {
        /// It is at this version.
        case version(String)
        /// The object with this UID is gone, or on its way.
        case deleted(uid: String)
    }

    /// How much of a write a cache shows.
    package enum Sighting: Equatable, Sendable {
        /// All of it.
        case seen
        /// Nothing, and nothing will come: the cache is past that version and holds no such object.
        case passed
        /// The object as it was before.
        case behind
        /// No such object yet; the cache may not be one for it.
        case unknown
    }

    /// Whether a key may be reconciled.
    package enum Verdict: Equatable, Sendable {
        /// The caches have all own writes.
        case met
        /// They do not yet; the change that completes them brings the key up again, and time does at the latest.
        case waiting(until: ContinuousClock.Instant)
        /// They did not get there in time; the key is reconciled, and what matters must be read from the server, as long
        /// as the caches lack the writes.
        case overdue
    }

    private struct Target: Hashable {
        var resource: ResourceType
        var object: ObjectKey
    }

    private struct Expectation {
        var outcome: Outcome
        var deadline: ContinuousClock.Instant
    }

    private let patience: Duration
    private var expected: [ObjectKey: [Target: Expectation]] = [:]

    /// Makes an empty set; `patience` is how long a key waits at most.
    package init(patience: Duration = .seconds(10)) { self.patience = patience }

    /// How many keys wait.
    package var count: Int { expected.count }

    /// Notes a write of an object while reconciling a key; of two versions of one object the newer counts.
    package mutating func wrote(
        _ resource: ResourceType,
        _ object: ObjectKey,
        _ outcome: Outcome,
        for key: ObjectKey,
        now: ContinuousClock.Instant
    ) {
        let target = Target(resource: resource, object: object)
        if case .version(let version) = outcome, case .version(let known) = expected[key]?[target]?.outcome,
            ResourceVersion.isOlder(version, than: known) == true
        {
            return
        }
        expected[key, default: [:]][target] = Expectation(outcome: outcome, deadline: now + patience)
    }

    /// Whether a key may be reconciled, given what the caches of a resource show of an object; none for resources that
    /// are not cached, which nobody waits for.
    package mutating func verdict(
        for key: ObjectKey,
        now: ContinuousClock.Instant,
        sightings: (ResourceType, ObjectKey, Outcome) -> [Sighting]
    ) -> Verdict {
        guard let expectations = expected[key] else { return .met }
        let open = expectations.filter { target, expectation in
            !Self.isMet(sightings(target.resource, target.object, expectation.outcome))
        }
        guard let first = open.values.map(\.deadline).min() else {
            expected[key] = nil
            return .met
        }
        // What the caches lack stays expected: a call that asked the server may fail, and its next try must ask as well.
        expected[key] = open
        return first > now ? .waiting(until: first) : .overdue
    }

    /// The keys to look at again although no change may ever bring them up: what they wrote has not come for as long as
    /// anybody waits, or the caches went past it, as where somebody else deletes an object between two lists.
    ///
    /// Forgets the writes that have been seen.
    package mutating func unseen(
        now: ContinuousClock.Instant,
        sightings: (ResourceType, ObjectKey, Outcome) -> [Sighting]
    ) -> [ObjectKey] {
        expected.keys.filter { key in
            var isPassed = false
            let verdict = verdict(for: key, now: now) { resource, object, outcome in
                let sightings = sightings(resource, object, outcome)
                isPassed = isPassed || Self.isMet(sightings) && sightings.contains(.passed)
                return sightings
            }
            return isPassed || verdict == .overdue
        }
    }

    /// Of several caches of one resource, each with a selector of its own, one has to show the write and none may lag.
    private static func isMet(_ sightings: [Sighting]) -> Bool {
        if sightings.contains(.behind) { return false }
        return sightings.contains(.seen) || !sightings.contains(.unknown)
    }
}
