// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore
import KubeRuntime

/// Asks serving pods what they serve, and brings up their services where there is news.
///
/// Pods are asked apart from the decisions about their service, so that one which does not answer holds up nobody. The
/// pace follows from what a pod says: often while something is under way, rarely otherwise.
struct ReportFollower: Sendable {
    /// Pods that are asked at a time.
    static let workers = 8
    /// How often a pod is asked that serves what it should.
    static let calmPeriod: TimeInterval = 30
    /// How often a pod is asked during a canary.
    static let canaryPeriod: TimeInterval = 5
    /// How often a pod is asked at most, while it takes up something.
    static let shortestPeriod: TimeInterval = 1
    /// How often a pod is asked that has not changed for long although it should.
    static let longestPeriod: TimeInterval = 15

    let pods: Store<Pod>
    let configurations: Store<ConfigMap>
    let board: ReportBoard
    /// Gets a pod's report.
    let ask: @Sendable (Pod) async throws -> ServingReport
    /// Brings up a service.
    let enqueue: @Sendable (ObjectKey) -> Void
    let now: @Sendable () -> Date

    /// Looks at one pod.
    func follow(_ key: ObjectKey) async throws -> ReconcileResult {
        guard let pod = pods[key], let service = pod.metadata.labels?[Naming.serviceLabel], pod.isAskable else {
            board.forget(key)
            return .done
        }
        let result: Result<ServingReport, ReportError>
        do {
            result = .success(try await ask(pod))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            result = .failure(ReportError(reason: "\(error)"))
        }
        let time = now()
        let (answer, isNews) = board.note(result, of: pod, now: time)
        if isNews { enqueue(ObjectKey(namespace: key.namespace, name: service)) }
        let pace = Self.pace(answer, wanted: wantedRevision(service, key.namespace), now: time)
        return .requeueAfter(.milliseconds(Int64(pace * 1_000)))
    }

    private func wantedRevision(_ service: String, _ namespace: String?) -> String? {
        let key = ObjectKey(namespace: namespace, name: Naming.servingConfiguration(service: service))
        return configurations[key]?.metadata.annotations?[Naming.servingRevisionAnnotation]
    }

    /// In how many seconds a pod is asked again.
    static func pace(_ answer: PodAnswer, wanted: String?, now: Date) -> TimeInterval {
        if let report = answer.report, answer.failure == nil, report.isReady, report.problem == nil,
            report.access == nil,
            report.revision == wanted, report.versions.allSatisfy({ $0.state == .ready })
        {
            return report.versions.contains { $0.role == .canary } ? canaryPeriod : calmPeriod
        }
        // The longer nothing has come of it, the less soon something will.
        return min(max(shortestPeriod, now.timeIntervalSince(answer.changeTime) / 4), longestPeriod)
    }
}

extension Pod {
    /// Whether the pod's process runs, and is one that answers for itself: pods of the former form hold the one version
    /// of their label.
    var isAskable: Bool {
        status?.phase == "Running" && metadata.deletionTimestamp == nil && status?.podIP != nil
            && metadata.labels?[Naming.serviceLabel] != nil && metadata.labels?[Naming.modelVersionLabel] == nil
    }
}
