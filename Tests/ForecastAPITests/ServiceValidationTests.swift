// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Testing

@Suite("What is wrong with a service")
struct ServiceValidationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var field: String
        var change: @Sendable (inout ForecastServiceSpec) -> Void

        init(_ field: String, _ change: @escaping @Sendable (inout ForecastServiceSpec) -> Void) {
            self.field = field
            self.change = change
        }

        var testDescription: String { field }
    }

    static let bad: [Case] = [
        Case("spec.model.pipelineRef.name") { $0.model.pipelineRef.name = "" },
        Case("spec.model.version") { $0.model.version = "../v1" },
        Case("spec.model.otherVersions") { $0.model.otherVersions = ["a/b"] },
        Case("spec.model.otherVersions") { $0.model.otherVersions = ["Latest"] },
        Case("spec.model.otherVersions") { $0.model.otherVersions = ["v1", "v1"] },
        Case("spec.model.otherVersions") { $0.model.otherVersions = (0...8).map { "v\($0)" } },
        Case("spec.replicas") { $0.replicas = 101 },
        Case("spec.autoscaling.minReplicas") { $0.autoscaling?.minReplicas = 0 },
        Case("spec.autoscaling.maxReplicas") { $0.autoscaling?.maxReplicas = 101 },
        Case("spec.autoscaling.maxReplicas") { $0.autoscaling?.minReplicas = 5 },
        Case("spec.autoscaling.targetCPUUtilizationPercent") { $0.autoscaling?.targetCPUUtilizationPercent = 0 },
        Case("spec.autoscaling.targetRequestsPerSecond") { $0.autoscaling?.targetRequestsPerSecond = 0 },
        Case("spec.worker.resources.requests") { $0.worker?.resources = nil },
        Case("spec.canary.steps") { $0.canary?.steps = [] },
        Case("spec.canary.steps") {
            $0.canary?.steps = (1...21).map { CanarySpec.Step(trafficPercent: Double($0), holdSeconds: 1) }
        },
        Case("spec.canary.steps[0].trafficPercent") { $0.canary?.steps[0].trafficPercent = 0 },
        Case("spec.canary.steps[0].trafficPercent") { $0.canary?.steps[0].trafficPercent = 100.5 },
        Case("spec.canary.steps[0].trafficPercent") { $0.canary?.steps[0].trafficPercent = .nan },
        Case("spec.canary.steps[1].trafficPercent") {
            $0.canary?.steps.append(CanarySpec.Step(trafficPercent: 10, holdSeconds: 1))
        },
        Case("spec.canary.steps[0].holdSeconds") { $0.canary?.steps[0].holdSeconds = 0 },
        Case("spec.canary.stickyHeader") { $0.canary?.stickyHeader = "X Client" },
        Case("spec.canary.stickyHeader") { $0.canary?.stickyHeader = "" },
        Case("spec.canary.analysis") { $0.canary?.analysis = CanarySpec.Analysis(minRequests: 5) },
        Case("spec.canary.analysis.maxErrorPercent") { $0.canary?.analysis?.maxErrorPercent = 101 },
        Case("spec.canary.analysis.maxP99Milliseconds") { $0.canary?.analysis?.maxP99Milliseconds = 0 },
        Case("spec.canary.analysis.maxP99Milliseconds") { $0.canary?.analysis?.maxP99Milliseconds = 2_501 },
        Case("spec.canary.analysis.minRequests") { $0.canary?.analysis?.minRequests = 0 },
        Case("spec.canary.analysis.maxErrorIncreasePercent") { $0.canary?.analysis?.maxErrorIncreasePercent = -1 },
        Case("spec.canary.analysis.maxErrorIncreasePercent") { $0.monitoring = nil },
        Case("spec.canary.analysis.minValues") { $0.canary?.analysis?.minValues = 0 },
        Case("spec.monitoring.intervalSeconds") { $0.monitoring?.intervalSeconds = 9 },
        Case("spec.monitoring.windowSeconds") { $0.monitoring?.windowSeconds = 59 },
        Case("spec.monitoring.forecastsPerSecond") { $0.monitoring?.forecastsPerSecond = 0 },
        Case("spec.monitoring.minValues") { $0.monitoring?.minValues = 0 },
        Case("spec.monitoring.maxMASE") { $0.monitoring?.maxMASE = 0 },
        Case("spec.monitoring.maxMAE") { $0.monitoring?.maxMAE = .nan },
        Case("spec.monitoring.drift") { $0.monitoring?.drift = MonitoringSpec.Drift() },
        Case("spec.monitoring.drift.maxPSI") { $0.monitoring?.drift?.maxPSI = 101 },
        Case("spec.monitoring.drift.maxKS") { $0.monitoring?.drift?.maxKS = 1.5 },
        Case("spec.monitoring.deadlineSeconds") { $0.monitoring?.deadlineSeconds = 9 },
        Case("spec.canary.decision.version") { $0.canary?.decision?.version = "" },
        Case("spec.tls.secretRef.name") { $0.tls?.secretRef.name = "A b" },
        Case("spec.auth") { $0.auth = ServingAuthSpec() },
        Case("spec.auth.apiKeys.secretRef.name") { $0.auth?.apiKeys?.secretRef.name = "A b" },
        Case("spec.auth.jwt.issuer") { $0.auth?.jwt?.issuer = "" },
        Case("spec.auth.jwt.audiences") { $0.auth?.jwt?.audiences = [] },
        Case("spec.auth.jwt.audiences") { $0.auth?.jwt?.audiences = [String](repeating: "a", count: 17) },
        Case("spec.auth.jwt.audiences") { $0.auth?.jwt?.audiences = [""] },
        Case("spec.auth.jwt.jwks") { $0.auth?.jwt?.jwks = KeySetSpec() },
        Case("spec.auth.jwt.jwks") { $0.auth?.jwt?.jwks.secretRef = SecretReference(name: "jwks") },
        Case("spec.auth.jwt.jwks.secretRef.name") {
            $0.auth?.jwt?.jwks = KeySetSpec(secretRef: SecretReference(name: "A b"))
        },
        Case("spec.auth.jwt.jwks.configMapRef.name") {
            $0.auth?.jwt?.jwks = KeySetSpec(configMapRef: NameReference(name: "A b"))
        },
        Case("spec.auth.jwt.jwks.url") { $0.auth?.jwt?.jwks.url = "http://login.example/keys" },
        Case("spec.auth.jwt.jwks.url") { $0.auth?.jwt?.jwks.url = "https://me:secret@login.example/keys" },
        Case("spec.auth.kubernetes.audiences") { $0.auth?.kubernetes?.audiences = [] },
        Case("spec.worker.serviceAccountName") { $0.worker?.serviceAccountName = nil },
        Case("spec.limits.maxConcurrentRequests") { $0.limits?.maxConcurrentRequests = 0 },
        Case("spec.limits.maxQueuedRequests") { $0.limits?.maxQueuedRequests = -1 },
        Case("spec.limits.requestsPerSecond") { $0.limits?.requestsPerSecond = 0 },
        Case("spec.limits.maxRequestBytes") { $0.limits?.maxRequestBytes = 1 },
        Case("spec.limits.timeoutSeconds") { $0.limits?.timeoutSeconds = 0 },
        Case("spec.batching.maxBatchSize") { $0.batching?.maxBatchSize = 0 },
        Case("spec.batching.maxLatencyMilliseconds") { $0.batching?.maxLatencyMilliseconds = .infinity },
    ]

    @Test("a service with everything is right, and so is one with nothing but its model")
    func good() {
        #expect(Sample.fullServiceSpec.problems() == [])
        let model = ServedModelSpec(pipelineRef: NameReference(name: "demo"))
        #expect(ForecastServiceSpec(model: model).problems() == [])
    }

    @Test("each mistake is found and names its field", arguments: bad)
    func mistake(wrong: Case) {
        var spec = Sample.fullServiceSpec
        wrong.change(&spec)
        #expect(spec.problems().map(\.field) == [wrong.field])
    }
}
