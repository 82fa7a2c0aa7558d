// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

extension ObservedService {
    /// What the pods say about the canary of a configuration.
    func canaryFacts(
        _ canary: CanaryStatus,
        _ configuration: ServingConfiguration,
        _ state: ServingState,
        now: Date
    ) -> CanaryMachine.Facts {
        var facts = CanaryMachine.Facts()
        facts.isTakenUp = state.isTakenUp
        facts.errors = canary.errors
        facts.trouble = service.status?.monitoring?.failure.map { "\($0.reason): \($0.message)" }
        let problem = state.failure.map { "; \($0.message)" } ?? ""
        facts.progress = "\(state.takenUp) of \(state.wanted) pods have taken up the step\(problem)"
        for pod in pods where pod.metadata.deletionTimestamp == nil {
            if let end = pod.abnormalEnd(after: canary.startTime) {
                facts.failure = facts.failure ?? "pod \(pod.metadata.name) \(end) while it held both versions"
            }
            guard let report = answers[pod.metadata.name]?.trusted(now: now) else { continue }
            if let words = report.failure(of: canary.version), !words.reason.mayHeal {
                facts.failure = facts.failure ?? "pod \(pod.metadata.name): \(words.reason.rawValue): \(words.message)"
            }
            guard report.revision == configuration.revision else { continue }
            for version in report.versions {
                switch version.role {
                case .canary where version.version == canary.version: facts.canary.add(version.traffic)
                case .stable: facts.stable.add(version.traffic)
                case .canary, .other: break
                }
            }
        }
        return facts
    }
}

extension ServingReport {
    /// Why that version cannot be served; nil where the report does not say so.
    fileprivate func failure(of version: String) -> StepFailure? {
        versions.first { $0.version == version && $0.state == .failed }?.failure
    }
}

extension Reason {
    /// Whether the same version may load the next time.
    fileprivate var mayHeal: Bool {
        switch self {
        case .storeUnreachable, .credentialsRejected, .secretNotFound: true
        default: false
        }
    }
}

extension Pod {
    /// How a container ended that had to go on, since that time; nil where none did.
    fileprivate func abnormalEnd(after start: Date) -> String? {
        for container in PodFailure.containers(of: self) {
            guard let ended = container.state?.terminated ?? container.lastState?.terminated,
                ended.exitCode != 0 || ended.reason == "OOMKilled", let time = ended.finishedAt, time >= start
            else { continue }
            if ended.reason == "OOMKilled" { return "used more memory than its limit" }
            return "ended with exit code \(ended.exitCode)"
        }
        return nil
    }
}
