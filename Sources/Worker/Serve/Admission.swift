// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import HTTPTypes
import Synchronization

/// Which requests are let in: who may ask, how often, with how much, and how long it may take.
final class Admission: Sendable {
    private struct State {
        var limits: ServingLimits
        var bucket: TokenBucket?
        var keys: KeyRing?
    }

    private static let keyHeader = HTTPField.Name("X-API-Key")

    /// Where forecasts wait for their turn.
    let gate: ForecastGate
    private let processors: Int
    private let state: Mutex<State>

    /// Lets everybody in, with the default limits of a process with so many processors.
    init(processors: Int) {
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

    /// From now on, requests must show one of these keys.
    func require(_ keys: KeyRing) { state.withLock { $0.keys = keys } }

    /// Looks at who asks.
    /// - Throws: `WorkerError.unauthorized`.
    func checkKey(_ headers: HTTPFields) throws(WorkerError) {
        guard let keys = state.withLock(\.keys) else { return }
        let shown = headers[.authorization].flatMap(Self.bearer) ?? Self.keyHeader.flatMap { headers[$0] }
        guard let shown, keys.opens(shown) else { throw .unauthorized }
    }

    /// Looks at how often is asked.
    /// - Throws: `WorkerError.tooManyRequests`.
    func checkRate(at now: ContinuousClock.Instant = .now) throws(WorkerError) {
        let refusal = state.withLock { state -> WorkerError? in
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

    /// The token of `Bearer <token>`; the scheme's case says nothing.
    private static func bearer(_ value: String) -> String? {
        let scheme = "bearer "
        guard value.prefix(scheme.count).lowercased() == scheme else { return nil }
        return String(value.dropFirst(scheme.count))
    }
}
