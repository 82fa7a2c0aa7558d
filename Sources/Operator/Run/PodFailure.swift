// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// Why pods do not run or did not end well, in words that let a person act. Looks at all pods and all containers.
enum PodFailure {
    /// What holds a pod back; nil when nothing does.
    static func holdingBack(_ pods: [Pod]) -> StepFailure? {
        for pod in pods where pod.status?.phase == "Pending" {
            for container in containers(of: pod) {
                guard let waiting = container.state?.waiting, let reason = reason(ofWaiting: waiting.reason) else {
                    continue
                }
                let text = waiting.message ?? waiting.reason ?? ""
                return StepFailure(reason: reason, message: "pod \(pod.metadata.name): \(text)")
            }
            let scheduled = pod.status?.conditions?.first { $0.type == "PodScheduled" }
            if scheduled?.status == "False", let message = scheduled?.message {
                return StepFailure(reason: .unschedulable, message: "pod \(pod.metadata.name): \(message)")
            }
        }
        return nil
    }

    /// Why pods of a Deployment do not answer; nil where nothing is known to be wrong with them.
    static func ofServing(_ pods: [Pod]) -> StepFailure? {
        let silent = pods.filter { !$0.isReady }
        if let problem = holdingBack(silent) { return problem }
        for pod in silent {
            for container in containers(of: pod) {
                // A container that came up again shows its last end only until it answers.
                guard let ended = container.state?.terminated ?? container.lastState?.terminated else { continue }
                return failure(ended, of: pod, restarts: container.restartCount)
            }
        }
        return nil
    }

    private static func failure(
        _ ended: ContainerStateTerminated,
        of pod: Pod,
        restarts: Int32?
    ) -> StepFailure? {
        if ended.reason == "OOMKilled" { return outOfMemory(pod) }
        if let failure = ended.message.flatMap(StepResult.decode)?.failure {
            return StepFailure(reason: failure.reason, message: "pod \(pod.metadata.name): \(failure.message)")
        }
        guard ended.exitCode != 0 else { return nil }
        let tail = ended.message.map { ": \($0.suffix(500))" } ?? ""
        let again = restarts.map { ", \($0) restarts" } ?? ""
        let message = "pod \(pod.metadata.name) ended with exit code \(ended.exitCode)\(again)\(tail)"
        return StepFailure(reason: .crashLoop, message: message)
    }

    private static func outOfMemory(_ pod: Pod) -> StepFailure {
        let limit = pod.spec?.containers.first?.resources?.limits?["memory"].map { " of \($0)" } ?? ""
        let advice = "raise spec.worker.resources.limits.memory"
        return StepFailure(
            reason: .oomKilled,
            message: "pod \(pod.metadata.name) used more memory than its limit\(limit); \(advice)"
        )
    }

    /// How a pod that failed ended, and whether another attempt may help.
    static func ending(of pod: Pod) -> (failure: StepFailure, isRetryable: Bool) {
        let name = pod.metadata.name
        if pod.status?.reason == "Evicted" || pod.status?.reason == "NodeLost" {
            let message = "pod \(name) was evicted: \(pod.status?.message ?? "no message")"
            return (StepFailure(reason: .evicted, message: message), true)
        }
        guard
            let ended = containers(of: pod).lazy.compactMap({ $0.state?.terminated }).first(where: { $0.exitCode != 0 })
        else {
            return (
                StepFailure(
                    reason: .workerFailed,
                    message: "pod \(name) failed: \(pod.status?.message ?? "no message")"
                ), true
            )
        }
        if ended.reason == "OOMKilled" { return (outOfMemory(pod), false) }
        let code = WorkerExitCode(rawValue: ended.exitCode)
        if let result = ended.message.flatMap(StepResult.decode), let failure = result.failure {
            return (failure, code?.isRetryable ?? false)
        }
        let tail = ended.message.map { ": \($0.suffix(500))" } ?? ""
        let message = "pod \(name) ended with exit code \(ended.exitCode)\(tail)"
        return (StepFailure(reason: .workerFailed, message: message), code?.isRetryable ?? (ended.exitCode > 128))
    }

    static func containers(of pod: Pod) -> [ContainerStatus] {
        (pod.status?.initContainerStatuses ?? []) + (pod.status?.containerStatuses ?? [])
    }

    private static func reason(ofWaiting reason: String?) -> Reason? {
        switch reason {
        case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull": .imagePullFailed
        case "CreateContainerConfigError", "CreateContainerError", "RunContainerError": .containerConfigError
        default: nil
        }
    }
}
