// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

@testable import Operator

/// The objects that the tests of decisions start from.
enum Objects {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)
    static let options = OperatorOptions(workerImage: "almanac.dev/worker:dev")

    static func meta(_ name: String, uid: String, generation: Int64 = 1, labels: [String: String]? = nil) -> ObjectMeta
    {
        var meta = ObjectMeta(name: name, namespace: "default", labels: labels)
        meta.uid = uid
        meta.generation = generation
        meta.creationTimestamp = now
        return meta
    }

    static var spec: ForecastPipelineSpec {
        var spec = ForecastPipelineSpec(
            source: SourceSpec(csv: CSVSourceSpec(path: "a.csv")),
            series: SeriesSpec(timestamp: "time", targets: ["x"], frequency: "1h"),
            model: ModelSpec(lookback: 24, horizon: 6, nlinear: NLinearSpec())
        )
        spec.gate = GateSpec(threshold: 1)
        spec.service = ServiceTemplateSpec(name: "demo")
        return spec
    }

    static func pipeline(generation: Int64 = 1) -> ForecastPipeline {
        ForecastPipeline(metadata: meta("demo", uid: "pipeline-uid", generation: generation), spec: spec)
    }

    static func model(_ version: String) -> ModelStatus {
        var model = ModelStatus(
            version: version,
            uri: "models/default/demo/\(version)",
            digest: "sha256:00",
            kind: "nlinear"
        )
        model.claimName = "demo-store"
        return model
    }

    /// A run of the pipeline that has ended as the gate says, or goes on where it says nothing.
    static func run(of pipeline: ForecastPipeline, gate: GateOutcome?, version: String = "v1") -> ForecastRun {
        let name = Naming.run(pipeline: "demo", generation: pipeline.metadata.generation ?? 0)
        var metadata = meta(name, uid: "run-uid-\(name)")
        metadata.ownerReferences = pipeline.controllerReference.map { [$0] }
        var run = ForecastRun(
            metadata: metadata,
            spec: ForecastRunSpec(
                pipelineRef: NameReference(name: "demo"),
                trigger: .specChange,
                template: pipeline.spec.template
            )
        )
        guard let gate else { return run }
        var status = ForecastRunStatus()
        status.gate = GateStatus(
            outcome: gate,
            metric: .mae,
            reason: "Threshold",
            message: "MAE compared with 1"
        )
        status.gate?.mode = pipeline.spec.gate?.mode
        status.gate?.threshold = 1
        status.gate?.value = gate == .passed ? 0.5 : 2
        status.model = model(version)
        status.conditions = [Condition(ConditionType.succeeded, .yes, reason: "Completed", message: "done")]
        run.status = status
        return run
    }

    static func metrics(_ mae: Double) -> ModelMetrics {
        ModelMetrics(
            mae: mae,
            mse: mae * mae,
            rmse: mae,
            r2: 0.9,
            mase: 1,
            scaledMae: mae,
            scaledMse: mae,
            windows: 10
        )
    }

    static func service(version: String? = "Latest", replicas: Int = 1) -> ForecastService {
        ForecastService(
            metadata: meta("demo", uid: "service-uid"),
            spec: ForecastServiceSpec(
                model: ServedModelSpec(pipelineRef: NameReference(name: "demo"), version: version),
                replicas: replicas
            )
        )
    }

    /// A pod of the service.
    ///
    /// - Parameter version: The version of a pod of the former form; nil for one that answers for itself.
    static func servingPod(
        _ name: String,
        version: String? = nil,
        isReady: Bool = true,
        state: ContainerState? = nil,
        lastState: ContainerState? = nil
    ) -> Pod {
        var labels = [Naming.serviceLabel: "demo"]
        labels[Naming.modelVersionLabel] = version
        return Pod(
            metadata: meta(name, uid: name, labels: labels),
            status: PodStatus(
                phase: "Running",
                conditions: [StatusCondition(type: "Ready", status: isReady ? "True" : "False")],
                containerStatuses: [
                    ContainerStatus(name: "worker", restartCount: 2, state: state, lastState: lastState)
                ],
                podIP: "10.0.0.1"
            )
        )
    }

    /// What a pod says that has taken up a configuration.
    static func report(_ configuration: ServingConfiguration) -> ServingReport {
        ServingReport(
            revision: configuration.revision,
            isReady: true,
            versions: configuration.versions.map { version in
                let role: ServingReport.Role =
                    version == configuration.stable
                    ? .stable : version == configuration.canary?.version ? .canary : .other
                return ServingReport.Version(version: version.version, role: role, state: .ready)
            }
        )
    }
}
