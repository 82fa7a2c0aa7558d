// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import PrometheusMetrics

/// The metrics that operators of controllers know, by the names of controller-runtime and client-go.
///
/// All of them are there, at zero, from the first scrape on. None is labelled by an object's name.
package struct RuntimeMetrics: Sendable {
    /// The registry that holds them.
    package let registry: MetricsRegistry
    /// Requests to the API server, for the HTTP client's side to fill.
    package let restClient: RestClientMetrics
    /// Leader election.
    package let leaderElection: LeaderElectionMetrics

    /// Registers the metrics that do not depend on a controller's name.
    package init(registry: MetricsRegistry) {
        self.registry = registry
        restClient = RestClientMetrics(registry: registry)
        leaderElection = LeaderElectionMetrics(registry: registry)
    }

    /// Registers the metrics of one controller.
    func controller(_ name: String) -> ControllerMetrics { ControllerMetrics(registry: registry, controller: name) }

    /// Registers the metrics of one work queue.
    package func workQueue(_ name: String) -> WorkQueueMetrics { WorkQueueMetrics(registry: registry, name: name) }

    /// Registers the metrics of one reflector.
    func reflector(_ resource: String) -> ReflectorMetrics { ReflectorMetrics(registry: registry, resource: resource) }

    /// Registers the metrics of the event recorder.
    func eventRecorder() -> EventRecorderMetrics { EventRecorderMetrics(registry: registry) }
}

/// One controller's share of the metrics.
struct ControllerMetrics: Sendable {
    let success: Counter
    let error: Counter
    let requeueAfter: Counter
    let requeue: Counter
    let errors: Counter
    let terminalErrors: Counter
    let timeouts: Counter
    let reconcileTime: Histogram
    let activeWorkers: Gauge
    let maxConcurrent: Gauge

    /// Upper bounds in seconds, those of controller-runtime.
    private static let reconcileSeconds: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
        1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
    ]

    init(registry: MetricsRegistry, controller: String) {
        func counter(_ name: String, _ help: String) -> Counter {
            registry.counters("controller_runtime_\(name)", help: help, labels: ["controller"]).labelled(controller)
        }
        func gauge(_ name: String, _ help: String) -> Gauge {
            registry.gauges("controller_runtime_\(name)", help: help, labels: ["controller"]).labelled(controller)
        }
        let results = registry.counters(
            "controller_runtime_reconcile_total",
            help: "Total number of reconciliations per controller.",
            labels: ["controller", "result"]
        )
        success = results.labelled(controller, "success")
        error = results.labelled(controller, "error")
        requeueAfter = results.labelled(controller, "requeue_after")
        requeue = results.labelled(controller, "requeue")
        errors = counter("reconcile_errors_total", "Total number of reconciliation errors per controller.")
        terminalErrors = counter(
            "terminal_reconcile_errors_total",
            "Total number of reconciliation errors that are not retried, per controller."
        )
        // Swift has no panics to recover from; the name is kept at zero for dashboards and alerts.
        _ = counter("reconcile_panics_total", "Total number of reconciliation panics per controller.")
        timeouts = counter("reconcile_timeouts_total", "Total number of reconciliation timeouts per controller.")
        activeWorkers = gauge("active_workers", "Number of workers that are reconciling, per controller.")
        maxConcurrent = gauge("max_concurrent_reconciles", "Maximum number of concurrent reconciles per controller.")
        reconcileTime = registry.histograms(
            "controller_runtime_reconcile_time_seconds",
            help: "Length of time per reconciliation per controller.",
            labels: ["controller"],
            bounds: Self.reconcileSeconds
        ).labelled(controller)
    }
}

/// One work queue's share of the metrics.
package struct WorkQueueMetrics: Sendable {
    let depth: [WorkPriority: Gauge]
    let adds: Counter
    let retries: Counter
    let queueDuration: Histogram
    let workDuration: Histogram
    let unfinishedWork: Gauge
    let longestRunning: Gauge
    let onCollect: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// Upper bounds in seconds, those of client-go.
    private static let seconds: [Double] = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000]

    init(registry: MetricsRegistry, name: String) {
        let labels = ["name", "controller"]
        func counter(_ metric: String, _ help: String) -> Counter {
            registry.counters("workqueue_\(metric)", help: help, labels: labels).labelled(name, name)
        }
        func gauge(_ metric: String, _ help: String) -> Gauge {
            registry.gauges("workqueue_\(metric)", help: help, labels: labels).labelled(name, name)
        }
        func histogram(_ metric: String, _ help: String) -> Histogram {
            registry.histograms("workqueue_\(metric)", help: help, labels: labels, bounds: Self.seconds)
                .labelled(name, name)
        }
        let depths = registry.gauges(
            "workqueue_depth",
            help: "Current depth of the work queue by priority.",
            labels: labels + ["priority"]
        )
        depth = Dictionary(
            uniqueKeysWithValues: WorkPriority.allCases.map { ($0, depths.labelled(name, name, String($0.rawValue))) }
        )
        adds = counter("adds_total", "Total number of adds handled by the work queue.")
        retries = counter("retries_total", "Total number of retries handled by the work queue.")
        queueDuration = histogram("queue_duration_seconds", "How long a key waits in the queue, in seconds.")
        workDuration = histogram("work_duration_seconds", "How long the work on a key takes, in seconds.")
        unfinishedWork = gauge("unfinished_work_seconds", "How long the unfinished work has taken in all, in seconds.")
        longestRunning = gauge(
            "longest_running_processor_seconds",
            "How long the longest unfinished work has taken, in seconds."
        )
        onCollect = { registry.onCollect($0) }
    }
}
