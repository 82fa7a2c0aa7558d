// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore
import KubeRuntime

/// The controllers, and which changes bring up which objects.
struct OperatorControllers {
    let caches: ClusterCaches
    let executor: PlanExecutor
    let options: OperatorOptions
    let environment: RuntimeEnvironment
    let metrics: RuntimeMetrics
    /// The end of a pod's log.
    let readLog: @Sendable (ObjectKey) async throws -> Data
    /// A serving pod's report of itself.
    let askReport: @Sendable (Pod) async throws -> ServingReport
    private let load = WorkLoad()

    /// Objects of a kind that are worked on at a time. They mostly wait for the API server, whose fairness bounds them.
    private static let workers = 16

    /// Logs that are read at a time. A node that does not answer holds one up for as long as the client waits.
    private static let readers = 4

    /// All of them.
    func all() -> [Controller] {
        let board = ProgressBoard()
        let runs = runs(board)
        let reports = ReportBoard()
        let services = services(reports)
        return [
            pipelines(), runs, services, progress(board) { runs.enqueue($0) },
            reporting(reports) { services.enqueue($0) },
        ]
    }

    private func reporting(_ board: ReportBoard, bringUp: @escaping @Sendable (ObjectKey) -> Void) -> Controller {
        let follower = ReportFollower(
            pods: caches.pods,
            configurations: caches.configurations,
            board: board,
            ask: askReport,
            enqueue: bringUp,
            now: environment.date
        )
        return Controller(
            name: "reports",
            sources: [.watches(caches.pods) { $0.metadata.labels?[Naming.serviceLabel] == nil ? [] : [$0.key] }],
            options: Controller.Options(workers: ReportFollower.workers),
            environment: environment,
            metrics: metrics
        ) {
            try await follower.follow($0.key)
        }
    }

    private func progress(_ board: ProgressBoard, bringUp: @escaping @Sendable (ObjectKey) -> Void) -> Controller {
        let follower = ProgressFollower(
            pods: caches.pods,
            board: board,
            read: readLog,
            enqueue: bringUp,
            now: environment.date
        )
        return Controller(
            name: "progress",
            sources: [.watches(caches.pods) { $0.isAtWork ? [$0.key] : [] }],
            options: Controller.Options(workers: Self.readers),
            environment: environment,
            metrics: metrics
        ) {
            try await follower.follow($0.key)
        }
    }

    private func pipelines() -> Controller {
        let sources: [EventSource] = [
            .reconciles(caches.pipelines),
            .owns(caches.runs, by: ForecastPipeline.resource),
            .owns(caches.services, by: ForecastPipeline.resource),
            .owns(caches.claims, by: ForecastPipeline.resource),
            .watches(caches.services) {
                [ObjectKey(namespace: $0.metadata.namespace, name: $0.spec.model.pipelineRef.name)]
            },
        ]
        return controller("forecastpipeline", sources) { [caches, options] in
            caches.observePipeline($0, options: options)
        }
    }

    private func runs(_ board: ProgressBoard) -> Controller {
        let sources: [EventSource] = [
            .reconciles(caches.runs),
            .owns(caches.jobs, by: ForecastRun.resource),
            .watches(caches.pods) { Self.key($0, label: Naming.runLabel) },
            // No run follows from these. But before they are known, nobody can say what must stay in the store, or which
            // version a model is compared with.
            .watches(caches.pipelines) { _ in [] },
            .watches(caches.services) { _ in [] },
        ]
        return controller("forecastrun", sources) { [caches, options] in
            caches.observeRun($0, options: options, board: board)
        }
    }

    private func services(_ board: ReportBoard) -> Controller {
        let sources: [EventSource] = [
            .reconciles(caches.services),
            .owns(caches.deployments, by: ForecastService.resource),
            .owns(caches.networks, by: ForecastService.resource),
            .owns(caches.configurations, by: ForecastService.resource),
            caches.autoscalers.source,
            caches.budgets.source,
            .owns(caches.jobs, by: ForecastService.resource),
            .watches(caches.pods) {
                Self.key($0, label: Naming.serviceLabel) + Self.key($0, label: Naming.monitorLabel)
            },
            .watches(caches.pipelines) { [caches] pipeline in
                let key = ClusterCaches.pipelineKey(pipeline.metadata.namespace, pipeline.metadata.name)
                return caches.services.objects(index: ClusterCaches.pipelineIndex.name, value: key).map(\.key)
            },
        ]
        return controller("forecastservice", sources) { [caches, options] in
            caches.observeService($0, options: options, board: board)
        }
    }

    private static func key(_ pod: Pod, label: String) -> [ObjectKey] {
        guard let name = pod.metadata.labels?[label] else { return [] }
        return [ObjectKey(namespace: pod.metadata.namespace, name: name)]
    }

    private func controller<Facts: Observation>(
        _ name: String,
        _ sources: [EventSource],
        gather: @escaping @Sendable (ObjectKey) -> Facts?
    ) -> Controller {
        let reconciler = Reconciler(gather: gather, executor: executor, now: environment.date)
        return Controller(
            name: name,
            sources: sources,
            options: Controller.Options(workers: Self.workers, longestRetryDelay: .seconds(60)),
            load: load,
            environment: environment,
            metrics: metrics
        ) {
            try await reconciler.reconcile($0)
        }
    }
}
