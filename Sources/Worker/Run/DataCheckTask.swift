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
    func run(_ frame: TimeSeriesFrame, due: Date) -> DataCheckResult {
        DataCheckResult(fresh: freshness(frame, due), valid: validity(frame))
    }

    private func freshness(_ frame: TimeSeriesFrame, _ due: Date) -> DataCheckResult.Finding? {
        guard spec.dataChecks?.maxAgeSteps != nil else { return nil }
        let seconds = Int64(due.timeIntervalSince1970)
        if let fault = audit.staleness(of: frame, at: seconds) {
            return DataCheckResult.Finding(holds: false, reason: fault.reason, message: fault.message)
        }
        let age = audit.age(of: frame, at: seconds) ?? 0
        let message = "the last row is \(age) steps of \(spec.series.frequency) before \(KubeTime.format(due))"
        return DataCheckResult.Finding(holds: true, reason: "Fresh", message: message)
    }

    private func validity(_ frame: TimeSeriesFrame) -> DataCheckResult.Finding {
        let faults = audit.faults(of: frame)
        guard let first = faults.first else {
            let message = "\(frame.rowCount) rows are within all limits"
            return DataCheckResult.Finding(holds: true, reason: "Valid", message: message)
        }
        let more = faults.count > 2 ? ["and \(faults.count - 2) more"] : []
        let message = (faults.prefix(2).map(\.message) + more).joined(separator: "; ")
        return DataCheckResult.Finding(holds: false, reason: first.reason, message: message)
    }
}
