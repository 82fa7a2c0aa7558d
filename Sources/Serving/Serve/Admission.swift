// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Synchronization

/// Which requests are let in: who may ask, how often, with how much, and how long it may take.
final class Admission: Sendable {
    private struct State {
        var limits: ServingLimits
        var bucket: TokenBucket?
    }

    /// Where forecasts wait for their turn.
    let gate: ForecastGate
    /// Who may ask.
    let access: AccessCheck
    private let processors: Int
    private let state: Mutex<State>

    /// Lets in whom `access` lets in, with the default limits of a process with so many processors.
    init(processors: Int, access: AccessCheck = AccessCheck()) {
        self.access = access
        self.processors = processors
        let limits = ServingLimits(nil, processors: processors)
        gate = ForecastGate(limit: limits.concurrentForecasts, mostWaiting: limits.queue)
        state = Mutex(State(limits: limits))
    }

    /// The limits as they stand.
    var limits: ServingLimits { state.withLock(\.limits) }

    /// Takes up other limits. What has begun goes on under those that it began with.
    func apply(_ spec: ServingLimitsSpec?) {
        let limits = ServingLimits(spec, processors: processors)
        state.withLock { state in
            guard limits != state.limits else { return }
            if limits.rate != state.limits.rate { state.bucket = limits.rate.map { TokenBucket(rate: $0, now: .now) } }
            state.limits = limits
        }
        gate.configure(limit: limits.concurrentForecasts, mostWaiting: limits.queue)
    }

    /// Looks at how often is asked.
    /// - Throws: `ServingError.tooManyRequests`.
    func checkRate(at now: ContinuousClock.Instant = .now) throws(ServingError) {
        let refusal = state.withLock { state -> ServingError? in
            guard let rate = state.bucket?.rate, let wait = state.bucket?.take(at: now) else { return nil }
            return .tooManyRequests(limit: rate, seconds: max(1, Int(min(wait, 3_600).rounded(.up))))
        }
        if let refusal { throw refusal }
    }

    /// How long a request that came then may take.
    func budget(since start: ContinuousClock.Instant) -> ForecastBudget {
        let timeout = limits.timeout
        return ForecastBudget(deadline: start + timeout, timeout: timeout)
    }
}
