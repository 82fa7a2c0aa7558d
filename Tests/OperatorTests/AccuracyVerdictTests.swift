// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import PrometheusMetrics
import TestSupport
import Testing

@testable import Operator

@Suite("What live accuracy says")
struct AccuracyVerdictTests {
    private func verdict(
        _ rule: MonitoringSpec,
        values: Int = 500,
        mae: Double = 2,
        mase: Double? = 0.9,
        drift: [ColumnDrift]? = nil,
        version: String = "v1",
        failure: StepFailure? = nil,
        unremembered: StepFailure? = nil
    ) -> AccuracyVerdict {
        var result = Live.result(version: "v1", values: values, mae: mae, mase: mase)
        result.drift = drift
        var monitoring = MonitoringStatus()
        monitoring.failure = failure.map { MonitoringStatus.Failure($0, time: Objects.now) }
        return AccuracyVerdict(
            rule: rule,
            version: version,
            accuracy: AccuracyStatus(result, version: "v1", time: Objects.now),
            monitoring: monitoring,
            unremembered: unremembered
        )
    }

    @Test("a pod that remembers nothing makes what was good unknown; what is bad, or failed, stays")
    func unremembered() {
        let words = StepFailure(reason: .credentialsRejected, message: "pod a: s3://models answers AccessDenied")
        let good = verdict(MonitoringSpec(maxMAE: 2), unremembered: words).forecasts
        #expect(good.status == .unknown && good.reason == .forecastsNotRemembered)
        #expect(good.message == "CredentialsRejected: pod a: s3://models answers AccessDenied")
        #expect(verdict(MonitoringSpec(maxMAE: 1), unremembered: words).forecasts.reason == .accuracyLost)
        let away = StepFailure(reason: .sourceUnreachable, message: "away")
        let failed = verdict(MonitoringSpec(maxMAE: 1), failure: away, unremembered: words)
        #expect(failed.forecasts.reason == .monitoringFailed)
        #expect(verdict(MonitoringSpec(), unremembered: words).forecasts.reason == .forecastsNotRemembered)
        let few = verdict(MonitoringSpec(maxMAE: 1), values: 5, unremembered: words).forecasts
        #expect(few.reason == .forecastsNotRemembered)
        let drift = MonitoringSpec(drift: MonitoringSpec.Drift(maxPSI: 0.2))
        #expect(verdict(drift, drift: [], unremembered: words).inputs?.reason == .tooFewValues)
    }

    @Test("limits that are kept, exceeded and missing")
    func limits() {
        let kept = verdict(MonitoringSpec(maxMASE: 1, maxMAE: 2)).forecasts
        #expect(kept.status == .yes && kept.reason == .accurate)
        #expect(kept.message == "MASE 0.9 (limit 1), MAE 2 (limit 2), over 500 values of version v1")
        let lost = verdict(MonitoringSpec(maxMASE: 0.8)).forecasts
        #expect(lost.status == .no && lost.reason == .accuracyLost)
        #expect(lost.message == "MASE 0.9 (limit 0.8), MAE 2, over 500 values of version v1")
        var several = verdict(MonitoringSpec(maxMASE: 1))
        several.accuracy?.series = 12
        #expect(several.forecasts.message == "MASE 0.9 (limit 1), MAE 2, over 500 values of 12 series of version v1")
        several.accuracy?.worstSeries = [SeriesError(series: "store=north", values: 50, mae: 3, mase: 2.25)]
        several.rule.maxMASE = 0.5
        #expect(several.forecasts.message.hasSuffix("of version v1; worst is store=north with MASE 2.25"))
        let none = verdict(MonitoringSpec()).forecasts
        #expect(none.status == .unknown && none.reason == .noLimit && none.message.hasSuffix("to judge them"))
        let undefined = verdict(MonitoringSpec(maxMASE: 1), mase: nil).forecasts
        #expect(undefined.reason == .noLimit && undefined.message.contains("set maxMAE"))
        #expect(verdict(MonitoringSpec(maxMASE: 1, maxMAE: 3), mase: nil).forecasts.reason == .accurate)
    }

    @Test("nothing is judged by too few values, by those of another version, or after a failure")
    func unknown() {
        let few = verdict(MonitoringSpec(maxMAE: 1), values: 99).forecasts
        #expect(few.status == .unknown && few.reason == .tooFewValues)
        #expect(few.message.hasPrefix("99 of the 100 values that are needed have come true; 5 are for times"))
        let other = verdict(MonitoringSpec(maxMAE: 1), version: "v2").forecasts
        #expect(other.reason == .notMonitored && other.message.contains("version v2"))
        let words = StepFailure(reason: .sourceUnreachable, message: "http://influx:8086 does not answer")
        let failed = verdict(MonitoringSpec(maxMAE: 1), failure: words).forecasts
        #expect(failed.status == .unknown && failed.reason == .monitoringFailed)
        #expect(failed.message == "SourceUnreachable: http://influx:8086 does not answer")
    }

    @Test("inputs are judged by the column that is furthest beyond a limit, and only where that is asked for")
    func inputs() {
        let columns = [
            ColumnDrift(column: "a", rows: 168, psi: 0.19, ks: 0.1),
            ColumnDrift(column: "b", rows: 168, psi: 0.1, ks: 0.6),
        ]
        #expect(verdict(MonitoringSpec(maxMAE: 1), drift: columns).inputs == nil)
        let psi = MonitoringSpec(drift: MonitoringSpec.Drift(maxPSI: 0.2))
        #expect(verdict(psi, drift: columns).inputs?.reason == .stable)
        let both = MonitoringSpec(drift: MonitoringSpec.Drift(maxPSI: 0.2, maxKS: 0.5))
        let drifted = verdict(both, drift: columns).inputs
        #expect(drifted?.status == .no && drifted?.reason == .inputsDrifted)
        #expect(drifted?.message == "column b: PSI 0.1 (limit 0.2), KS 0.6 (limit 0.5), over 168 rows")
        #expect(verdict(both, drift: []).inputs?.reason == .tooFewValues)
        let untold = verdict(both).inputs
        #expect(untold?.reason == .notMonitored)
        #expect(untold?.message.contains("v1 were not compared: it has no profile of its training rows") == true)
    }

    @Test("whatever a worker says, nothing overflows, and a server takes the status")
    func hostileResults() {
        var random = SeededRandom(seed: 11)
        func count() -> Int { random.pick([.min, -1, 0, 1, 500, .max]) }
        func number() -> Double { random.pick([-1e300, -1, 0, 1e-300, 2, 1e300]) }
        for _ in 0..<500 {
            let summary = ErrorSummary(values: count(), mae: number(), mse: number(), mase: number(), bias: number())
            let band = LiveErrors.Band(fromStep: count(), toStep: count(), errors: summary)
            let bands = Array(repeating: band, count: Int.random(in: 0...9, using: &random))
            var result = MonitorResult(forecasts: count(), pending: count(), otherSeries: count())
            result.stable = LiveErrors(version: random.pick(["v1", "v2", ""]), errors: summary, bands: bands)
            let column = ColumnDrift(column: random.pick(["", "x"]), rows: count(), psi: number(), ks: number())
            result.drift = Array(repeating: column, count: Int.random(in: 0...9, using: &random))
            let accuracy = AccuracyStatus(result, version: "v1", time: Objects.now)
            #expect(accuracy.values >= 0 && accuracy.pending >= 0 && accuracy.forecasts >= 0)
            #expect(accuracy.bands?.allSatisfy { $0.fromStep >= 1 && $0.toStep >= 1 && $0.values >= 0 } ?? true)
            #expect(accuracy.bands?.count ?? 0 <= 6 && accuracy.drift?.count ?? 0 <= 8)
            #expect(accuracy.drift?.allSatisfy { $0.rows >= 0 } ?? true)
            let rule = MonitoringSpec(maxMASE: 1, maxMAE: 1, drift: MonitoringSpec.Drift(maxPSI: 0.2, maxKS: 0.1))
            let verdict = AccuracyVerdict(rule: rule, version: "v1", accuracy: accuracy, monitoring: nil)
            #expect(!verdict.forecasts.message.isEmpty && verdict.inputs != nil)
        }
    }

    @Test("the metrics of a service follow its status, and go with it; there are only so many")
    func metrics() {
        func service(_ name: String, mae: Double, mase: Double? = nil) -> ForecastService {
            var service = Objects.service()
            service.metadata.name = name
            service.status = ForecastServiceStatus()
            let result = Live.result(version: "v1", values: 500, mae: mae, mase: mase)
            service.status?.accuracy = AccuracyStatus(result, version: "v1", time: Objects.now)
            return service
        }
        let registry = MetricsRegistry()
        let metrics = AccuracyMetrics(registry)
        var banded = service("a", mae: 2, mase: 0.9)
        banded.status?.accuracy?.intervals = [LiveCoverage(level: 99.5, coverage: 98.25)]
        metrics.show([banded, service("b", mae: 3), Objects.service()])
        let level = #"namespace="default",service="a",version="v1",level="99.5""#
        #expect(registry.render().contains("almanac_service_live_coverage_percent{\(level)} 98.25\n"))
        let labels = #"namespace="default",service="b",version="v1""#
        #expect(registry.render().contains("almanac_service_live_mae{\(labels)} 3\n"))
        #expect(!registry.render().contains("almanac_service_live_mase{\(labels)}"))
        metrics.show([service("a", mae: 2)])
        #expect(!registry.render().contains(level))
        #expect(!registry.render().contains(labels) && !registry.render().contains("live_mase{"))
        metrics.show((0..<1_003).map { service("s\($0)", mae: 1) })
        #expect(registry.render().contains("almanac_services_not_shown 3\n"))
        #expect(registry.render().split(separator: "\n").count { $0.hasPrefix("almanac_service_live_mae{") } == 1_000)
    }

    @Test(
        "numbers are read as people write them",
        arguments: [
            (0, "0"), (1, "1"), (-2.5, "-2.5"), (241_394.4, "241394"), (1.23456, "1.235"), (0.000_123_45, "0.0001235"),
            (1e-30, "1e-30"), (1e18, "1e+18"), (.infinity, "inf"),
        ] as [(Double, String)]
    )
    func numbers(value: Double, text: String) {
        #expect(ReadableNumber.text(value) == text)
    }
}
