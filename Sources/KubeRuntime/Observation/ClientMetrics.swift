// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeClient
import PrometheusMetrics

/// Requests to the API server.
package struct RestClientMetrics: Sendable {
    private let requests: MetricFamily<Counter>
    private let duration: MetricFamily<Histogram>
    private let retries: MetricFamily<Counter>
    private let requestSize: MetricFamily<Histogram>
    private let responseSize: MetricFamily<Histogram>
    private let rateLimiter: MetricFamily<Histogram>

    private static let sizes: [Double] = [64, 256, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 16_777_216]

    init(registry: MetricsRegistry) {
        let place = ["verb", "host"]
        requests = registry.counters(
            "rest_client_requests_total",
            help: "Number of HTTP requests, by status code, method and host.",
            labels: ["code", "method", "host"]
        )
        duration = registry.histograms(
            "rest_client_request_duration_seconds",
            help: "Request latency in seconds, by verb and host.",
            labels: place
        )
        retries = registry.counters(
            "rest_client_request_retries_total",
            help: "Number of request retries, by status code, verb and host.",
            labels: ["code"] + place
        )
        requestSize = registry.histograms(
            "rest_client_request_size_bytes",
            help: "Request size in bytes, by verb and host.",
            labels: place,
            bounds: Self.sizes
        )
        responseSize = registry.histograms(
            "rest_client_response_size_bytes",
            help: "Response size in bytes, by verb and host.",
            labels: place,
            bounds: Self.sizes
        )
        // Known to dashboards and empty here; there is no rate limiter on the client's side, the API server's own fairness does that.
        rateLimiter = registry.histograms(
            "rest_client_rate_limiter_duration_seconds",
            help: "Client side rate limiter latency in seconds, by verb and host.",
            labels: place
        )
    }

    /// Makes the time series of a host, so that they are there before the first request.
    package func prepare(host: String, methods: [String] = ["GET", "POST", "PATCH", "PUT", "DELETE"]) {
        for method in methods {
            _ = requests.labelled("200", method, host)
            _ = retries.labelled("429", method, host)
            for histograms in [duration, requestSize, responseSize, rateLimiter] {
                _ = histograms.labelled(method, host)
            }
        }
    }

    /// Counts a try of a request; its signature is that of `KubeClient.Options.observe`.
    ///
    /// A try without an answer has client-go's code `<error>`.
    package func observe(_ attempt: RequestAttempt) {
        let code = attempt.code.map(String.init) ?? "<error>"
        requests.labelled(code, attempt.method, attempt.host).increment()
        if attempt.retries > 0 { retries.labelled(code, attempt.method, attempt.host).increment() }
        duration.labelled(attempt.method, attempt.host).observe(attempt.duration)
        requestSize.labelled(attempt.method, attempt.host).observe(Double(attempt.requestBytes))
        if let bytes = attempt.responseBytes {
            responseSize.labelled(attempt.method, attempt.host).observe(Double(bytes))
        }
    }
}

/// Leader election.
package struct LeaderElectionMetrics: Sendable {
    private let status: MetricFamily<Gauge>
    private let slowPath: MetricFamily<Counter>

    init(registry: MetricsRegistry) {
        status = registry.gauges(
            "leader_election_master_status",
            help: "Whether this process leads (1) or stands by (0), by the name of the lease.",
            labels: ["name"]
        )
        slowPath = registry.counters(
            "leader_election_slowpath_total",
            help: "Number of renewals that had to read the lease first.",
            labels: ["name"]
        )
    }

    func status(lease: String) -> Gauge { status.labelled(lease) }
    func slowPath(lease: String) -> Counter { slowPath.labelled(lease) }
}

/// One reflector's share of the metrics.
struct ReflectorMetrics: Sendable {
    let lists: Counter
    let watches: Counter
    let shortWatches: Counter
    let skippedObjects: Counter
    let lastContact: Gauge

    init(registry: MetricsRegistry, resource: String) {
        func counter(_ name: String, _ help: String) -> Counter {
            registry.counters("reflector_\(name)", help: help, labels: ["resource"]).labelled(resource)
        }
        lists = counter("lists_total", "Total number of lists, pages counted as one.")
        watches = counter("watches_total", "Total number of watches.")
        shortWatches = counter("short_watches_total", "Total number of watches that ended at once without an event.")
        skippedObjects = counter("skipped_objects_total", "Total number of objects that could not be read.")
        lastContact = registry.gauges(
            "reflector_seconds_since_contact",
            help: "How long ago the API server last sent something for this cache, in seconds.",
            labels: ["resource"]
        ).labelled(resource)
    }
}

/// The event recorder's metrics.
struct EventRecorderMetrics: Sendable {
    let sent: Counter
    let failed: Counter
    let dropped: Counter

    init(registry: MetricsRegistry) {
        let results = registry.counters(
            "event_recorder_events_total",
            help: "Total number of event writes by result; dropped ones never reached the API server.",
            labels: ["result"]
        )
        sent = results.labelled("sent")
        failed = results.labelled("failed")
        dropped = results.labelled("dropped")
    }
}
