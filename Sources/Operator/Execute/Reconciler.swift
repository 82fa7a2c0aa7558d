// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore
import KubeRuntime

/// Gather, decide, execute: one call for one object.
struct Reconciler<Facts: Observation>: Sendable {
    /// The facts about the object of that key; nil where it is gone.
    let gather: @Sendable (ObjectKey) -> Facts?
    let executor: PlanExecutor
    let now: @Sendable () -> Date

    /// Brings the cluster closer to what the object asks for.
    func reconcile(_ call: Reconciliation) async throws -> ReconcileResult {
        guard var facts = gather(call.key) else { return .done }
        do {
            return try await act(on: facts, call)
        } catch let error as OperatorError {
            guard case .nameTaken = error else { throw error }
            facts.conflict = error.description
            return try await act(on: facts, call)
        }
    }

    private func act(on facts: Facts, _ call: Reconciliation) async throws -> ReconcileResult {
        let plan = try facts.decide(now: now())
        // Under a burst the children of all objects come before the status of any, and two changes of it become one.
        if plan.writes.isEmpty, plan.status != nil, call.shouldGiveWay { return .giveWay }
        try await executor.carryOut(plan, about: facts.subject, call)
        // What was deleted leaves no version to wait for, and what was there already changes nothing.
        if plan.status != nil, !plan.writes.isEmpty { return .requeueAfter(.milliseconds(20)) }
        return plan.requeueAfter.map { .requeueAfter($0) } ?? .done
    }
}
