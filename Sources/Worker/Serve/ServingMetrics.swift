// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import PrometheusMetrics

/// What a server measures of itself.
struct ServingMetrics: Sendable {
    /// The protocols that requests are counted by.
    enum WireProtocol: String, Sendable, CaseIterable {
        case v1
        case v2
        /// KServe's time series.
        case timeSeries = "timeseries"
        case mlflow
        /// Almanac's own.
        case predict
        /// Health, metrics and unknown paths.
        case other

        /// The protocol of a path.
        init(path: String) {
            self =
                switch path {
                case "/predict": .predict
                case "/invocations": .mlflow
                case _ where path.hasPrefix("/v1/timeseries/"): .timeSeries
                case _ where path.hasPrefix("/v1/"): .v1
                case _ where path.hasPrefix("/v2"): .v2
                default: .other
                }
        }
    }

    /// Everything that `/metrics` shows.
    let registry: MetricsRegistry
    private let requests: MetricFamily<Counter>
    private let seconds: MetricFamily<Histogram>
    private let inFlight: Gauge

    /// Registers the metrics of a server of that model.
    init(model: ServedModel, registry: MetricsRegistry = MetricsRegistry()) {
        self.registry = registry
        requests = registry.counters(
            "almanac_serving_requests_total",
            help: "Requests answered, by protocol and status code.",
            labels: ["protocol", "code"]
        )
        seconds = registry.histograms(
            "almanac_serving_request_seconds",
            help: "Time from a request's head to its answer, by protocol and status code.",
            labels: ["protocol", "code"],
            bounds: [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
        )
        inFlight = registry.gauge("almanac_serving_requests_in_flight", help: "Requests that wait for their answer.")
        registry.gauges(
            "almanac_serving_model_info",
            help: "The loaded model; always 1.",
            labels: ["model", "version", "kind"]
        ).labelled(model.name, model.version, model.kind).set(1)
        ProcessMetrics.register(in: registry)
    }

    /// Notes that a request has come.
    func begin() { inFlight.add(1) }

    /// Notes that a request was answered, or given up by its client (499).
    func end(_ wire: WireProtocol, code: Int, after duration: Duration) {
        inFlight.add(-1)
        let labels = [wire.rawValue, String(code)]
        requests.labelled(labels).increment()
        seconds.labelled(labels).observe(duration)
    }
}
