// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import PrometheusMetrics
import Synchronization

/// What a server measures of itself.
final class ServingMetrics: Sendable {
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

    /// What answers are counted by.
    struct Labels: Hashable, Sendable {
        var model = ""
        var version = ""
        var wire: WireProtocol
        var code: Int
    }

    private struct Meters: Sendable {
        let requests: Counter
        let seconds: Histogram
    }

    /// Everything that `/metrics` shows.
    let registry: MetricsRegistry
    private let requests: MetricFamily<Counter>
    private let seconds: MetricFamily<Histogram>
    private let inFlight: Gauge
    private let models: MetricFamily<Gauge>
    private let loadSeconds: MetricFamily<Gauge>
    private let batchSizes: Histogram
    private let remembered: MetricFamily<Counter>
    private let shown = Mutex<[[String]: Gauge]>([:])
    /// The metrics of labels that were seen before, so that counting an answer allocates nothing.
    private let meters = Mutex<[Labels: Meters]>([:])

    /// Registers the metrics of a server, which may have loaded a model already.
    init(model: ServedModel? = nil, registry: MetricsRegistry = MetricsRegistry()) {
        self.registry = registry
        requests = registry.counters(
            "almanac_serving_requests_total",
            help: "Requests answered, by version, protocol and status code.",
            labels: ["model", "version", "protocol", "code"]
        )
        seconds = registry.histograms(
            "almanac_serving_request_seconds",
            help: "Time from a request's head to its answer, by version, protocol and status code.",
            labels: ["model", "version", "protocol", "code"],
            bounds: ServingReport.Traffic.latencyBounds
        )
        inFlight = registry.gauge("almanac_serving_requests_in_flight", help: "Requests that wait for their answer.")
        models = registry.gauges(
            "almanac_serving_model_info",
            help: "1 for each version that answers requests, 0 for those that did.",
            labels: ["model", "version", "kind"]
        )
        loadSeconds = registry.gauges(
            "almanac_serving_model_load_seconds",
            help: "How long it took to fetch and verify a version and let it forecast once.",
            labels: ["model", "version"]
        )
        batchSizes = registry.histogram(
            "almanac_serving_batch_size",
            help: "Histories of several requests that were computed together, where batching is on.",
            bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
        )
        ProcessMetrics.register(in: registry)
        remembered = registry.counters(
            "almanac_serving_forecasts_remembered_total",
            help: "Forecasts that were to be remembered in the store, by what became of them.",
            labels: ["outcome"]
        )
        if let model { show([model]) }
    }

    /// Shows which versions answer requests now.
    func show(_ served: [ServedModel]) {
        shown.withLock { shown in
            for gauge in shown.values { gauge.set(0) }
            for model in served {
                let labels = [model.name, model.version, model.kind]
                let gauge = models.labelled(labels)
                gauge.set(1)
                shown[labels] = gauge
            }
        }
    }

    /// Notes how long loading a version took.
    func loaded(_ model: ServedModel, in duration: Duration) {
        loadSeconds.labelled(model.name, model.version).set(duration.inSeconds)
    }

    /// Notes how many histories were computed together.
    func batch(of count: Int) { batchSizes.observe(Double(count)) }

    /// Notes what became of forecasts that were to be remembered.
    func remembered(_ outcome: ForecastMemory.Outcome, _ forecasts: Int) {
        remembered.labelled(outcome.rawValue).increment(by: Double(forecasts))
    }

    /// Shows how full a gate is, each time the metrics are read.
    func watch(_ gate: ForecastGate) {
        let running = registry.gauge("almanac_serving_forecasts_running", help: "Forecasts that are computed now.")
        let waiting = registry.gauge("almanac_serving_forecasts_waiting", help: "Forecasts that wait for their turn.")
        registry.onCollect {
            let load = gate.load
            running.set(Double(load.running))
            waiting.set(Double(load.waiting))
        }
    }

    /// Shows until when a certificate is valid, each time the metrics are read.
    func watch(_ certificate: ServingCertificate) {
        let end = registry.gauge(
            "almanac_serving_certificate_not_after_timestamp_seconds",
            help: "When the certificate that clients are shown expires; 0 as long as there is none."
        )
        registry.onCollect { end.set(certificate.notAfter?.timeIntervalSince1970 ?? 0) }
    }

    /// Notes that a request has come.
    func begin() { inFlight.add(1) }

    /// Notes that a request was answered, or given up by its client (499).
    func end(_ labels: Labels, after duration: Duration) {
        inFlight.add(-1)
        let meters = meters.withLock { meters in
            if let known = meters[labels] { return known }
            let values = [labels.model, labels.version, labels.wire.rawValue, String(labels.code)]
            let fresh = Meters(requests: requests.labelled(values), seconds: seconds.labelled(values))
            meters[labels] = fresh
            return fresh
        }
        meters.requests.increment()
        meters.seconds.observe(duration)
    }
}
