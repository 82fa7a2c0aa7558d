// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials

/// What asking a serving pod for its report has come to.
struct PodAnswer: Sendable, Equatable {
    /// How long a report counts although the pod cannot be asked any more.
    static let longestTrust: TimeInterval = 90
    /// How long a pod that takes requests may owe its first report.
    static let patience: TimeInterval = 10

    /// The latest report; nil as long as there was none.
    var report: ServingReport?
    /// When that was got.
    var reportTime: Date?
    /// Why the pod could not be asked the last time; nil where it could.
    var failure: String?
    /// When the first attempt since the latest report failed; nil where none did.
    var failingSince: Date?
    /// When the answer last changed in a way that tells something.
    var changeTime: Date

    /// The report, where it still counts.
    func trusted(now: Date) -> ServingReport? {
        guard failure != nil, let reportTime else { return report }
        return now.timeIntervalSince(reportTime) <= Self.longestTrust ? report : nil
    }

    /// Why nothing is known of the pod; nil where something is, or where it is too early to complain.
    func silence(now: Date) -> String? {
        guard trusted(now: now) == nil, let failure, let failingSince,
            now.timeIntervalSince(failingSince) >= Self.patience
        else { return nil }
        return failure
    }

    /// The answer after another report, and whether it tells something new. Traffic tells something during a canary only.
    func with(_ report: ServingReport, now: Date) -> (answer: Self, isNews: Bool) {
        let isNews = self.report.map(Self.essence) != Self.essence(report) || failure != nil
        let time = isNews && !Self.isSame(self.report, report) ? now : changeTime
        return (PodAnswer(report: report, reportTime: now, changeTime: time), isNews)
    }

    /// The answer after an attempt in vain, and whether that tells something new.
    func with(failure: String, now: Date) -> (answer: Self, isNews: Bool) {
        var next = self
        next.failure = failure
        next.failingSince = failingSince ?? now
        // Time alone makes a failure count, so any attempt may be the first that tells it.
        let isNews = failingSince == nil || next.silence(now: now) != nil
        if failingSince == nil { next.changeTime = now }
        return (next, isNews)
    }

    /// A report without the counts that change with each request.
    private static func essence(_ report: ServingReport) -> ServingReport {
        guard !report.versions.contains(where: { $0.role == .canary }) else { return report }
        return withoutTraffic(report)
    }

    private static func isSame(_ before: ServingReport?, _ report: ServingReport) -> Bool {
        before.map(withoutTraffic) == withoutTraffic(report)
    }

    private static func withoutTraffic(_ report: ServingReport) -> ServingReport {
        var quiet = report
        for index in quiet.versions.indices { quiet.versions[index].traffic = ServingReport.Traffic() }
        return quiet
    }
}
