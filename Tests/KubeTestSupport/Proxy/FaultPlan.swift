// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// Decides which faults hit what comes by: rules, how often each has matched, and chance from a seed.
package struct FaultPlan: Sendable {
    private var rules: [FaultRule]
    private var matched: [Int]
    private var random: SeededRandom
    /// How many faults have been decided on.
    package private(set) var hits = 0

    /// Makes a plan; the first rule that hits decides.
    package init(_ rules: [FaultRule] = [], seed: UInt64 = 1) {
        self.rules = rules
        matched = Array(repeating: 0, count: rules.count)
        random = SeededRandom(seed: seed)
    }

    /// The fault of a request, nil for none.
    package mutating func decide(_ request: ProxiedRequest) -> FaultRule.RequestFault? {
        var decision: FaultRule.RequestFault?
        for index in rules.indices {
            guard case .request(let fault) = rules[index].fault, rules[index].matches(request) else { continue }
            // Every rule counts what it matches, whether or not another one has hit already.
            if isHit(index) && decision == nil { decision = fault }
        }
        hits += decision == nil ? 0 : 1
        return decision
    }

    /// The fault of an event of that type in a watch, nil for none.
    package mutating func decide(_ type: String, in request: ProxiedRequest) -> FaultRule.EventFault? {
        var decision: FaultRule.EventFault?
        for index in rules.indices {
            guard case .event(let fault) = rules[index].fault, rules[index].matches(request),
                rules[index].matches(type)
            else { continue }
            if isHit(index) && decision == nil { decision = fault }
        }
        hits += decision == nil ? 0 : 1
        return decision
    }

    private mutating func isHit(_ index: Int) -> Bool {
        matched[index] += 1
        return switch rules[index].occurrences {
        case .all: true
        case .only(let numbers): numbers.contains(matched[index])
        case .first(let count): matched[index] <= count
        case .from(let first): matched[index] >= first
        case .share(let share): Double.random(in: 0..<1, using: &random) < share
        }
    }
}
