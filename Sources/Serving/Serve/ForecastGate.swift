// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets a number of forecasts be computed at a time; a number of others wait in the order in which they came.
///
/// Bodies are read before and answers are written after, so a slow client holds no place here.
final class ForecastGate: Sendable {
    /// How full it is.
    struct Load: Sendable, Equatable {
        var running: Int
        var waiting: Int
    }

    private struct State {
        var limit: Int
        var mostWaiting: Int
        var running = 0
        var line = WaitingLine<CheckedContinuation<Void, any Error>>()
    }

    private let state: Mutex<State>

    /// A gate for `limit` forecasts, at least one, and `mostWaiting` that wait.
    init(limit: Int, mostWaiting: Int) {
        state = Mutex(State(limit: max(1, limit), mostWaiting: mostWaiting))
    }

    /// How full it is now.
    var load: Load { state.withLock { Load(running: $0.running, waiting: $0.line.count) } }

    /// Changes the numbers. Those who wait stay, also where they are more than may come now.
    func configure(limit: Int, mostWaiting: Int) {
        let admitted = state.withLock { state in
            state.limit = max(1, limit)
            state.mostWaiting = mostWaiting
            var admitted: [CheckedContinuation<Void, any Error>] = []
            while state.running < state.limit, let next = state.line.popFirst() {
                state.running += 1
                admitted.append(next)
            }
            return admitted
        }
        for waiter in admitted { waiter.resume() }
    }

    /// Computes when its turn has come.
    ///
    /// - Parameter budget: By when the turn must have come.
    /// - Throws: `ServingError.queueFull`, `timedOut`; `CancellationError`; what the body throws.
    func pass<Value: Sendable>(_ budget: ForecastBudget, _ body: () async throws -> Value) async throws -> Value {
        if !takesFreePlace() { try await wait(budget) }
        defer { leave() }
        return try await body()
    }

    /// Computes if there is a place that nobody waits for; nil where there is none.
    func passIfFree<Value: Sendable>(_ body: () async -> Value) async -> Value? {
        guard takesFreePlace() else { return nil }
        defer { leave() }
        return await body()
    }

    private func takesFreePlace() -> Bool {
        state.withLock { state in
            guard state.running < state.limit, state.line.isEmpty else { return false }
            state.running += 1
            return true
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            if state.running <= state.limit, let next = state.line.popFirst() { return next }
            state.running -= 1
            return nil
        }
        next?.resume()
    }

    /// Waits for a turn. Only the continuation says how it ended, so a turn that comes at the last moment is not lost.
    private func wait(_ budget: ForecastBudget) async throws {
        let ticket = state.withLock { $0.line.nextTicket() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Task.sleep(until: budget.deadline)
                self.giveUp(ticket, budget.timedOut)
            }
            defer { group.cancelAll() }
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { join($0, ticket, budget) }
            } onCancel: {
                giveUp(ticket, CancellationError())
            }
        }
    }

    private func join(
        _ waiter: CheckedContinuation<Void, any Error>,
        _ ticket: WaitingTicket,
        _ budget: ForecastBudget
    ) {
        // Whoever gave up before this found nothing to give up; both facts stand by then.
        let outcome = state.withLock { state -> Result<Void, any Error>? in
            if Task.isCancelled { return .failure(CancellationError()) }
            if budget.isSpent { return .failure(budget.timedOut) }
            if state.running < state.limit, state.line.isEmpty {
                state.running += 1
                return .success(())
            }
            guard state.line.count < state.mostWaiting else {
                return .failure(ServingError.queueFull(limit: state.mostWaiting))
            }
            state.line.append(waiter, ticket)
            return nil
        }
        if let outcome { waiter.resume(with: outcome) }
    }

    private func giveUp(_ ticket: WaitingTicket, _ reason: any Error) {
        state.withLock { $0.line.remove(ticket) }?.resume(throwing: reason)
    }
}

/// Where a request's forecast waits for its turn, and until when.
struct ForecastAdmission: Sendable {
    let gate: ForecastGate
    let budget: ForecastBudget
}

/// How long a forecast may take.
struct ForecastBudget: Sendable {
    /// When the answer must be there.
    let deadline: ContinuousClock.Instant
    /// The limit that this comes from.
    let timeout: Duration

    /// Whether the time is over.
    var isSpent: Bool { ContinuousClock.now >= deadline }

    /// What is thrown then.
    var timedOut: ServingError {
        let (seconds, attoseconds) = timeout.components
        return .timedOut(seconds: Double(seconds) + Double(attoseconds / 1_000_000_000_000_000) / 1_000)
    }

    /// Throws when nobody waits for the answer any more.
    func check() throws {
        try Task.checkCancellation()
        if isSpent { throw timedOut }
    }
}
