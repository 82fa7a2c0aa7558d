// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore

/// Checks the data as it was read, where the specification asks for it.
struct DataCheckTask: Sendable {
    private let spec: ForecastPipelineSpec
    private let audit: DataAudit

    /// nil where the specification asks for no check.
    init?(_ spec: ForecastPipelineSpec) throws {
        guard let checks = spec.dataChecks else { return nil }
        self.spec = spec
        var ranges: [String: ClosedRange<Double>] = [:]
        for range in checks.ranges ?? [] {
            ranges[range.column] = (range.minimum ?? -.infinity)...(range.maximum ?? .infinity)
        }
        audit = DataAudit(
            frequency: try spec.frequency(),
            limits: DataAudit.Limits(
                ageSteps: checks.maxAgeSteps,
                gapSteps: checks.maxGapSteps,
                flatSteps: checks.maxFlatSteps,
                ranges: ranges
            )
        )
    }

    /// What the checks find.
    ///
    /// - Parameter due: the time at which the data has to be fresh.
    func run(_ panel: Panel, due: Date) -> DataCheckResult {
        DataCheckResult(fresh: freshness(panel, due), valid: validity(panel))
    }

    private func freshness(_ panel: Panel, _ due: Date) -> DataCheckResult.Finding? {
        guard spec.dataChecks?.maxAgeSteps != nil else { return nil }
        let seconds = Int64(due.timeIntervalSince1970)
        let faults = panel.faults { audit.staleness(of: $0, at: seconds).map { [$0] } ?? [] }
        if let finding = Self.finding(faults, named: 1) { return finding }
        let age = panel.series.reduce(0) { max($0, audit.age(of: $1.frame, at: seconds) ?? 0) }
        let subject =
            panel.groupBy.isEmpty
            ? "the last row is" : "the last row of each of \(panel.series.count) series is at most"
        let message = "\(subject) \(age) steps of \(spec.series.frequency) before \(KubeTime.format(due))"
        return DataCheckResult.Finding(holds: true, reason: "Fresh", message: message)
    }

    private func validity(_ panel: Panel) -> DataCheckResult.Finding {
        if let finding = Self.finding(panel.faults(audit.faults), named: 2) { return finding }
        let message = "\(panel.amount) are within all limits"
        return DataCheckResult.Finding(holds: true, reason: "Valid", message: message)
    }

    /// The first faults and how many more there are; nil where there are none.
    private static func finding(_ faults: [DataAudit.Fault], named count: Int) -> DataCheckResult.Finding? {
        guard let first = faults.first else { return nil }
        let more = faults.count > count ? ["and \(faults.count - count) more"] : []
        let message = (faults.prefix(count).map(\.message) + more).joined(separator: "; ")
        return DataCheckResult.Finding(holds: false, reason: first.reason, message: message)
    }
}

extension Panel {
    /// The faults of all series; their messages name the series where there are several.
    fileprivate func faults(_ find: (TimeSeriesFrame) -> [DataAudit.Fault]) -> [DataAudit.Fault] {
        series.flatMap { one in
            find(one.frame).map { fault in
                guard !groupBy.isEmpty else { return fault }
                let message = "series \(one.key.label(groupBy)): \(fault.message)"
                return DataAudit.Fault(reason: fault.reason, message: message)
            }
        }
    }
}
