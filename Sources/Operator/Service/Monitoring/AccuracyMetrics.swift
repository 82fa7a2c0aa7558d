// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore
import KubeRuntime
import PrometheusMetrics

/// What services' comparisons found, as gauges: read off the cache at each scrape, so that they go with their service.
struct AccuracyMetrics: Sendable {
    /// Services that are shown at most, in the order of their names; the others are counted.
    static let mostServices = 1_000

    private typealias Number = @Sendable (AccuracyStatus) -> Double?

    private let numbers: [(family: MetricFamily<Gauge>, number: Number)]
    private let coverage: MetricFamily<Gauge>
    private let hidden: Gauge

    /// Makes the gauges.
    init(_ registry: MetricsRegistry) {
        func gauges(_ name: String, _ help: String, _ number: @escaping Number) -> (MetricFamily<Gauge>, Number) {
            let family = registry.gauges(
                "almanac_service_\(name)",
                help: help,
                labels: ["namespace", "service", "version"]
            )
            return (family, number)
        }
        numbers = [
            gauges("live_mae", "Mean absolute error of the forecasts that have come true.") { $0.mae },
            gauges("live_mase", "The same over that of the seasonal naive forecast on the training rows.") { $0.mase },
            gauges("live_bias", "Mean of forecast minus truth.") { $0.bias },
            gauges("live_values", "Forecast values that were compared with what came true.") { Double($0.values) },
            gauges("drift_psi", "Population stability index of the column that has moved furthest.") { accuracy in
                accuracy.drift?.map(\.psi).max()
            },
            gauges("compared_timestamp_seconds", "When forecasts were last compared with what came true.") {
                $0.time.timeIntervalSince1970
            },
        ]
        coverage = registry.gauges(
            "almanac_service_live_coverage_percent",
            help: "How many values of a hundred the prediction interval of a level held.",
            labels: ["namespace", "service", "version", "level"]
        )
        hidden = registry.gauge(
            "almanac_services_not_shown",
            help: "Services whose live accuracy is in no metric, since there are too many."
        )
    }

    /// Shows these services before each scrape.
    func follow(_ services: Store<ForecastService>, in registry: MetricsRegistry) {
        registry.onCollect { show(services.all) }
    }

    /// Shows these services, and no others any more.
    func show(_ services: [ForecastService]) {
        let monitored = services.filter { $0.status?.accuracy != nil }
            .sorted {
                ($0.metadata.namespace ?? "", $0.metadata.name) < ($1.metadata.namespace ?? "", $1.metadata.name)
            }
        let shown = monitored.prefix(Self.mostServices)
        for (family, number) in numbers {
            var values: [[String]: Double] = [:]
            for service in shown {
                guard let accuracy = service.status?.accuracy, let value = number(accuracy) else { continue }
                values[[service.metadata.namespace ?? "", service.metadata.name, accuracy.version]] = value
            }
            family.set(values)
        }
        var held: [[String]: Double] = [:]
        for service in shown {
            guard let accuracy = service.status?.accuracy else { continue }
            for level in accuracy.intervals ?? [] {
                let name = ReadableNumber.text(level.level)
                held[[service.metadata.namespace ?? "", service.metadata.name, accuracy.version, name]] = level.coverage
            }
        }
        coverage.set(held)
        hidden.set(Double(monitored.count - shown.count))
    }
}

extension MetricFamily<Gauge> {
    /// Shows these numbers and no others any more.
    fileprivate func set(_ values: [[String]: Double]) {
        keep(only: Set(values.keys))
        for (labels, value) in values { labelled(labels).set(value) }
    }
}
