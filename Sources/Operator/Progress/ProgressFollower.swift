// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeClient
import KubeCore
import KubeRuntime

/// Reads the end of running workers' logs, now and then, and brings up their runs where there is news.
///
/// Workers have no credentials and pods no second container, so the log is the one way out of them. It is a courtesy:
/// nothing depends on it, and a log that cannot be read is no fault of the run.
struct ProgressFollower: Sendable {
    /// How often one pod is looked at; a run's status is written no more often for that.
    static let period = Duration.seconds(5)
    /// How long a pod is left alone whose log could not be read.
    static let rest = Duration.seconds(60)

    let pods: Store<Pod>
    let board: ProgressBoard
    /// The end of a pod's log.
    let read: @Sendable (ObjectKey) async throws -> Data
    /// Brings up a run.
    let enqueue: @Sendable (ObjectKey) -> Void
    let now: @Sendable () -> Date

    /// Looks at one pod.
    func follow(_ key: ObjectKey) async throws -> ReconcileResult {
        guard let pod = pods[key], let uid = pod.metadata.uid, let run = pod.metadata.labels?[Naming.runLabel] else {
            return .done
        }
        guard pod.isAtWork else {
            board.forget(uid)
            return .done
        }
        do {
            let log = try await read(key)
            if let event = StepProgress.last(in: log), board.note(event, of: uid, now: now()) {
                enqueue(ObjectKey(namespace: key.namespace, name: run))
            }
            return .requeueAfter(Self.period)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return .requeueAfter(Self.rest)
        }
    }

    /// Reads the last lines of the worker's log.
    static func read(_ client: KubeClient) -> @Sendable (ObjectKey) async throws -> Data {
        { key in
            var request = KubeRequest(
                path: "/api/v1/namespaces/\(key.namespace ?? "default")/pods/\(key.name)/log",
                query: [
                    KubeRequest.QueryItem("container", "worker"), KubeRequest.QueryItem("tailLines", "20"),
                    KubeRequest.QueryItem("limitBytes", String(StepProgress.mostBytes)),
                ],
                description: "read the log of pod \(key)"
            )
            request.accept = "text/plain, */*"
            return try await client.send(request)
        }
    }
}

extension Pod {
    /// Whether the worker runs, and is to go on.
    var isAtWork: Bool {
        status?.phase == "Running" && metadata.deletionTimestamp == nil
            && metadata.labels?[Naming.runLabel] != nil
    }
}
