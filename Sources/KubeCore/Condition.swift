// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// A statement about an object, as metav1.Condition.
package struct Condition: Codable, Sendable, Equatable {
    /// What is stated, in CamelCase, for instance `Ready`.
    package var type: String
    /// Whether it holds.
    package var status: Status
    /// One CamelCase word for why.
    package var reason: String
    /// A sentence for a person: what is so, and what to do about it.
    package var message: String
    /// The generation of the object that the statement is about.
    package var observedGeneration: Int64?
    /// When `status` last changed.
    package var lastTransitionTime: Date?

    /// Whether a condition holds.
    package enum Status: String, Codable, Sendable {
        /// It holds.
        case yes = "True"
        /// It does not hold.
        case no = "False"
        /// Nobody knows yet.
        case unknown = "Unknown"
    }

    /// Makes a condition; `Conditions.set` fills the transition time.
    package init(
        _ type: String,
        _ status: Status,
        reason: String,
        message: String,
        observedGeneration: Int64? = nil,
        lastTransitionTime: Date? = nil
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.observedGeneration = observedGeneration
        self.lastTransitionTime = lastTransitionTime
    }
}

extension [Condition] {
    /// The condition of that type.
    package func condition(_ type: String) -> Condition? { first { $0.type == type } }

    /// Whether the condition of that type is there and holds.
    package func holds(_ type: String) -> Bool { condition(type)?.status == .yes }

    /// Sets a condition, keeping the transition time of one whose status stays as it was.
    package mutating func set(_ condition: Condition, now: Date) {
        var updated = condition
        guard let index = firstIndex(where: { $0.type == condition.type }) else {
            updated.lastTransitionTime = now
            append(updated)
            return
        }
        let old = self[index]
        updated.lastTransitionTime = old.status == condition.status ? old.lastTransitionTime ?? now : now
        self[index] = updated
    }
}
