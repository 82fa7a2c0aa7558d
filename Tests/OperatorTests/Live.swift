// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

@testable import Operator

/// What workers say that compare forecasts.
enum Live {
    /// Errors of a version.
    static func errors(_ version: String, values: Int, mae: Double, mase: Double? = 0.9) -> LiveErrors {
        let summary = ErrorSummary(values: values, mae: mae, mse: mae * mae, mase: mase, bias: 0.1)
        let band = LiveErrors.Band(fromStep: 1, toStep: 6, errors: summary)
        return LiveErrors(version: version, errors: summary, bands: [band])
    }

    /// What is found about one version.
    static func result(version: String, values: Int, mae: Double, mase: Double? = 0.9) -> MonitorResult {
        var result = MonitorResult(forecasts: values / 6, pending: 5, otherSeries: 0)
        result.stable = values == 0 ? nil : errors(version, values: values, mae: mae, mase: mase)
        return result
    }

    /// What is found about two versions.
    static func comparison(_ canary: (String, Double), _ stable: (String, Double), values: Int) -> MonitorResult {
        var result = result(version: stable.0, values: values, mae: stable.1)
        result.comparison = MonitorResult.Comparison(
            canary: errors(canary.0, values: values, mae: canary.1),
            stable: errors(stable.0, values: values, mae: stable.1)
        )
        return result
    }
}

extension ServiceWorld {
    /// The Job that goes on.
    var monitorJob: Job? { facts.monitorJobs.last { !$0.hasEnded } }

    /// The Job that goes on ends with that result.
    mutating func finishMonitor(_ found: MonitorResult) throws {
        var result = StepResult(step: MonitorJob.step)
        result.monitoring = found
        try endMonitor(result, "Complete", "Succeeded", exitCode: 0)
    }

    /// The Job that goes on ends badly.
    mutating func failMonitor(_ failure: StepFailure) throws {
        var result = StepResult(step: MonitorJob.step)
        result.failure = failure
        try endMonitor(result, "Failed", "Failed", exitCode: WorkerExitCode.unreachable.rawValue)
    }

    private mutating func endMonitor(
        _ result: StepResult,
        _ condition: String,
        _ phase: String,
        exitCode: Int32
    ) throws {
        guard let index = facts.monitorJobs.lastIndex(where: { !$0.hasEnded }) else { return }
        let job = facts.monitorJobs[index]
        let isWell = condition == "Complete"
        facts.monitorJobs[index].status = JobStatus(
            conditions: [StatusCondition(type: condition, status: "True", lastTransitionTime: now)],
            completionTime: isWell ? now : nil
        )
        let text = String(decoding: try result.encoded(), as: UTF8.self)
        let ended = ContainerStateTerminated(exitCode: exitCode, reason: phase, message: text)
        var metadata = Objects.meta(job.metadata.name + "-pod", uid: job.metadata.name + "-pod")
        metadata.ownerReferences = job.controllerReference.map { [$0] }
        facts.monitorPods.append(
            Pod(
                metadata: metadata,
                status: PodStatus(
                    phase: phase,
                    containerStatuses: [
                        ContainerStatus(name: "worker", restartCount: 0, state: ContainerState(terminated: ended))
                    ]
                )
            )
        )
    }
}
