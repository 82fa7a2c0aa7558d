// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import KubeCore

/// Who leads: at most one of the processes that compete for a lease, as long as their clocks run at nearly one speed.
///
/// Nothing here believes a time that another process wrote. A lease is expired once it has not *changed* for its
/// duration, by this machine's monotonic clock. The scheme is that of client-go's leaderelection; as there, nothing
/// fences off a write that was already on its way.
package struct LeaderStateMachine: Sendable {
    /// The periods of an election.
    package struct Timing: Sendable, Equatable {
        /// How long others wait after the last change before they take the lease.
        package var leaseDuration: Duration
        /// How long after its last renewal a leader stops to lead.
        package var renewDeadline: Duration
        /// How long to wait between tries and renewals.
        package var retryPeriod: Duration

        /// Makes periods; the defaults are those of Kubernetes' own components.
        package init(
            leaseDuration: Duration = .seconds(15),
            renewDeadline: Duration = .seconds(10),
            retryPeriod: Duration = .seconds(2)
        ) {
            self.leaseDuration = leaseDuration
            self.renewDeadline = renewDeadline
            self.retryPeriod = retryPeriod
        }
    }

    /// What to do next, and which method to call with the outcome.
    package enum Action: Equatable, Sendable {
        /// Read the lease, then `read` or `failed`.
        case read
        /// Create the lease, then `wrote` or `failed`.
        case create(Lease)
        /// Replace the lease if it is still at its version, then `wrote` or `failed`.
        case replace(Lease)
        /// Wait, then `waited`.
        case wait(until: ContinuousClock.Instant)
        /// Stop all work at once; the lease is lost.
        case lost(reason: String)
        /// The lease is given back, or was not ours to give.
        case released
    }

    /// Why a request about the lease failed.
    package enum Failure: Equatable, Sendable {
        /// Somebody else was quicker.
        case conflict
        /// Anything else.
        case other(String)
    }

    private enum Phase: Equatable {
        case standby
        /// `renewed` is when the last successful request was sent, so the others saw the change no earlier.
        case leading(renewed: ContinuousClock.Instant)
        case releasing(tries: Int)
        case over
    }

    private let timing: Timing
    private let identity: String
    private let key: ObjectKey
    private var phase = Phase.standby
    /// The lease as last seen, and since when it has been so.
    private var observed: (lease: Lease, since: ContinuousClock.Instant)?
    private var lostDeadline: ContinuousClock.Instant?
    private var failures = 0
    private var lastFailure = "no answer"

    /// Makes a candidate; `identity` must be another one in each process.
    package init(lease: ObjectKey, identity: String, timing: Timing = Timing()) {
        key = lease
        self.identity = identity
        self.timing = timing
    }

    /// When this process stops to lead unless it renews before; nil while it does not lead.
    package var deadline: ContinuousClock.Instant? {
        guard case .leading(let renewed) = phase else { return nil }
        return renewed + timing.renewDeadline
    }

    /// How long ago the right to lead ran out, also where that was noticed; nil where it did not.
    package func overdue(at now: ContinuousClock.Instant) -> Duration? {
        (deadline ?? lostDeadline).flatMap { $0 < now ? now - $0 : nil }
    }

    /// Whether this process may write.
    package func isLeading(at now: ContinuousClock.Instant) -> Bool { deadline.map { now < $0 } ?? false }

    /// Who holds the lease, as far as it is known.
    package var holder: String? { observed?.lease.spec?.holderIdentity.flatMap { $0.isEmpty ? nil : $0 } }

    /// Begins to compete.
    package func start() -> Action { .read }

    /// The lease was read; nil where there is none.
    package mutating func read(
        _ lease: Lease?,
        now: ContinuousClock.Instant,
        date: Date,
        random: Double
    ) -> Action {
        observe(lease, now: now)
        switch phase {
        case .over: return .released
        case .releasing:
            guard let lease, holder == identity else { return finish() }
            return .replace(released(lease, date))
        case .leading:
            if let lost = lossIfDue(at: now) { return lost }
            if let holder, holder != identity { return lose("\(holder) holds it now") }
            return claim(date)
        case .standby:
            if let holder, holder != identity, !isExpired(at: now) { return wait(from: now, random) }
            return claim(date)
        }
    }

    /// A create or replace that was sent at `sentAt` succeeded and gave `lease`.
    package mutating func wrote(
        _ lease: Lease,
        sentAt: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> Action {
        observe(lease, now: now)
        failures = 0
        switch phase {
        case .over: return .released
        case .releasing: return finish()
        case .standby, .leading:
            let wasLeading = phase != .standby
            phase = .leading(renewed: sentAt)
            if let lost = lossIfDue(at: now) {
                // A first success that comes too late to lead on is none.
                guard !wasLeading else { return lost }
                phase = .standby
                return .read
            }
            return .wait(until: max(now, sentAt + timing.retryPeriod))
        }
    }

    /// A request failed.
    package mutating func failed(_ failure: Failure, now: ContinuousClock.Instant, random: Double) -> Action {
        failures += 1
        lastFailure = failure.description
        switch phase {
        case .over: return .released
        case .releasing(let tries):
            guard failure == .conflict, tries < 3 else { return finish() }
            phase = .releasing(tries: tries + 1)
            return .read
        case .leading:
            if let lost = lossIfDue(at: now) { return lost }
            // Somebody changed the lease; who holds it is worth knowing at once, once.
            if failure == .conflict && failures == 1 { return .read }
            return .wait(until: min(now + timing.retryPeriod, deadline ?? now))
        case .standby: return wait(from: now, random)
        }
    }

    /// A wait is over.
    package mutating func waited(now: ContinuousClock.Instant, date: Date) -> Action {
        switch phase {
        case .over: return .released
        case .standby, .releasing: return .read
        case .leading:
            if let lost = lossIfDue(at: now) { return lost }
            return failures == 0 ? claim(date) : .read
        }
    }

    /// Gives the lease back, which is only right once all work has ended.
    package mutating func release(date: Date) -> Action {
        guard case .leading = phase, let lease = observed?.lease else { return finish() }
        phase = .releasing(tries: 1)
        return .replace(released(lease, date))
    }

    private mutating func observe(_ lease: Lease?, now: ContinuousClock.Instant) {
        guard let lease else {
            observed = nil
            return
        }
        // Only the specification counts: a label that changes renews nothing.
        let since = observed.flatMap { $0.lease.spec == lease.spec ? $0.since : nil }
        observed = (lease, since ?? now)
    }

    private func isExpired(at now: ContinuousClock.Instant) -> Bool {
        guard let observed else { return true }
        return now - observed.since >= duration(of: observed.lease)
    }

    /// A duration that somebody wrote by hand neither shortens our wait nor stretches it for ever.
    private func duration(of lease: Lease) -> Duration {
        let written = Duration.seconds(Int64(lease.spec?.leaseDurationSeconds ?? 0))
        return max(timing.leaseDuration, min(written, timing.leaseDuration * 4))
    }

    private func claim(_ date: Date) -> Action {
        let seconds = Int32(clamping: timing.leaseDuration.components.seconds)
        let time = MicroTime(date)
        guard var lease = observed?.lease else {
            let spec = LeaseSpec(
                holderIdentity: identity,
                leaseDurationSeconds: seconds,
                acquireTime: time,
                renewTime: time,
                leaseTransitions: 0
            )
            return .create(Lease(metadata: ObjectMeta(name: key.name, namespace: key.namespace), spec: spec))
        }
        var spec = lease.spec ?? LeaseSpec()
        if spec.holderIdentity != identity {
            let (transitions, overflow) = (spec.leaseTransitions ?? 0).addingReportingOverflow(1)
            spec.leaseTransitions = overflow ? 0 : transitions
            spec.acquireTime = time
        }
        spec.holderIdentity = identity
        spec.leaseDurationSeconds = seconds
        spec.renewTime = time
        lease.spec = spec
        return .replace(lease)
    }

    private func released(_ lease: Lease, _ date: Date) -> Lease {
        var lease = lease
        lease.spec?.holderIdentity = ""
        lease.spec?.leaseDurationSeconds = 1
        lease.spec?.renewTime = MicroTime(date)
        return lease
    }

    /// Until the next look, or until the lease expires where that comes first.
    private func wait(from now: ContinuousClock.Instant, _ random: Double) -> Action {
        // Sooner than a renewal: looking is only a read, and a lease that was given back should not lie about.
        let next = now + timing.retryPeriod * (0.5 + 0.5 * random)
        guard let observed, holder != nil else { return .wait(until: next) }
        let expiry = observed.since + duration(of: observed.lease)
        return .wait(until: expiry > now ? min(next, expiry) : next)
    }

    private mutating func lossIfDue(at now: ContinuousClock.Instant) -> Action? {
        guard let deadline, now >= deadline else { return nil }
        return lose("not renewed for \(timing.renewDeadline); the last failure was: \(lastFailure)")
    }

    private mutating func lose(_ reason: String) -> Action {
        lostDeadline = deadline
        phase = .over
        return .lost(reason: reason)
    }

    private mutating func finish() -> Action {
        phase = .over
        return .released
    }
}

extension LeaderStateMachine.Failure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .conflict: "somebody else changed the lease"
        case .other(let reason): reason
        }
    }
}
