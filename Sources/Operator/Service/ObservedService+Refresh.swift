// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// Kubelets bring changes of a mounted ConfigMap into its pods once a minute or so. A change of a pod's annotations makes
/// its kubelet look at once (kubernetes.io, "Configure a Pod to Use a ConfigMap"); where it looked before it had heard of
/// the ConfigMap's change, it is asked again.
extension ObservedService {
    /// How long a kubelet may take before it is asked again.
    static let refreshPatience: TimeInterval = 10

    /// Asks for the pods that have not got the configuration, as far as they say what they have.
    func refreshPods(
        _ configuration: ServingConfiguration,
        _ now: Date,
        _ plan: inout Plan<ForecastServiceStatus>
    ) {
        for pod in pods where pod.isAskable {
            guard let answer = answers[pod.metadata.name], isBehind(answer, configuration, now) else { continue }
            let asked = RefreshMark(pod.metadata.annotations?[Naming.servingRevisionAnnotation])
            if let asked, asked.revision == configuration.revision {
                // Of a pod that says nothing it is not known whether it has come.
                guard answer.trusted(now: now) != nil else { continue }
                let left = Self.refreshPatience - now.timeIntervalSince(asked.time)
                if left > 0 {
                    plan.lookAgain(after: left)
                    continue
                }
            }
            let mark = RefreshMark(revision: configuration.revision, time: now)
            plan.writes.append(.annotatePod(pod.key, [Naming.servingRevisionAnnotation: mark.text]))
        }
    }

    /// Whether a pod answers as of another configuration and is not at work on this one.
    private func isBehind(_ answer: PodAnswer, _ configuration: ServingConfiguration, _ now: Date) -> Bool {
        guard let report = answer.trusted(now: now) else { return answer.silence(now: now) != nil }
        let isAtWork = report.problem != nil || report.versions.contains { $0.state == .loading }
        return report.revision != configuration.revision && !(report.hasRead(configuration) && isAtWork)
    }
}

/// What a pod's annotation says: which revision its kubelet was asked to bring, and when.
struct RefreshMark: Equatable {
    var revision: String
    var time: Date

    init(revision: String, time: Date) {
        self.revision = revision
        self.time = time
    }

    /// Reads an annotation; nil where it is none of ours.
    init?(_ text: String?) {
        let parts = (text ?? "").split(separator: "/")
        guard parts.count == 2, let seconds = Int32(parts[1]) else { return nil }
        revision = String(parts[0])
        time = Date(timeIntervalSince1970: Double(seconds))
    }

    /// The annotation.
    var text: String { "\(revision)/\(Int64(time.timeIntervalSince1970))" }
}
