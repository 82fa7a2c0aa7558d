// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials

/// The instants at which a service's forecasts are compared: those of the service, and those of a canary's step.
///
/// They follow from the clock and from when the step began, so that another process finds the same ones.
struct MonitorSchedule: Equatable, Sendable {
    /// The shortest time between two comparisons of a canary's step.
    static let shortestPeriod = 10

    /// The instants of a canary's step.
    struct Trial: Equatable, Sendable {
        /// When the step began, in seconds since 1970.
        var since: Int64
        /// Seconds from one instant to the next; the first one is so long after the beginning.
        var period: Int64
    }

    /// An instant.
    struct Instant: Equatable, Sendable {
        var time: Date
        /// Whether it is one of the canary's step.
        var isTrial: Bool
    }

    /// Seconds from one comparison to the next.
    var interval: Int64
    /// How far into an interval the service's turn is, so that not all services have theirs at once.
    var phase: Int64
    /// The canary's step; nil where none is compared.
    var trial: Trial?

    /// The schedule of a service of that name.
    init(_ rule: MonitoringSpec, of name: String, canary: CanaryStatus?, spec: CanarySpec?) {
        interval = Int64(max(1, rule.intervalSeconds ?? MonitoringSpec.defaultIntervalSeconds))
        phase = Int64(UInt32(StableDigest.hex(name, digits: 8), radix: 16) ?? 0) % interval
        guard spec?.analysis?.maxErrorIncreasePercent != nil, let steps = spec?.steps, let canary,
            let since = Self.seconds(canary.since), steps.indices.contains(canary.step - 1)
        else { return }
        let period = min(Int64(steps[canary.step - 1].holdSeconds), interval)
        trial = Trial(since: since, period: max(Int64(Self.shortestPeriod), period))
    }

    /// The instant whose turn it is: of those that have come since the latest comparison the earlier one; of several of one
    /// kind only the last counts.
    func due(after last: Date?, now: Date) -> Instant? {
        guard let now = Self.seconds(now) else { return nil }
        let latest = Self.seconds(last) ?? .min
        return [(slot(at: now), false), (trialInstant(at: now), true)]
            .compactMap { time, isTrial in time.flatMap { $0 > latest ? ($0, isTrial) : nil } }
            .min { $0.0 < $1.0 }
            .map { Instant(time: Date(timeIntervalSince1970: Double($0.0)), isTrial: $0.1) }
    }

    /// Seconds until the next instant.
    func wait(now: Date) -> TimeInterval {
        guard let second = Self.seconds(now) else { return Double(interval) }
        var next = (slot(at: second) ?? second) + interval
        if let trial { next = min(next, (trialInstant(at: second) ?? trial.since) + trial.period) }
        return max(0, Double(next) - now.timeIntervalSince1970)
    }

    private func slot(at now: Int64) -> Int64? {
        now >= phase ? phase + (now - phase) / interval * interval : nil
    }

    private func trialInstant(at now: Int64) -> Int64? {
        guard let trial, now - trial.since >= trial.period else { return nil }
        return trial.since + (now - trial.since) / trial.period * trial.period
    }

    /// Whole seconds since 1970, as objects keep times; nil for what no clock says.
    static func seconds(_ time: Date?) -> Int64? {
        guard let time, abs(time.timeIntervalSince1970) < 1e12 else { return nil }
        return Int64(time.timeIntervalSince1970.rounded(.down))
    }
}
