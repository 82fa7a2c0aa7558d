// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// What keeps the number of a service's pods right: the autoscaler, and the budget that holds back work on nodes.
struct ServingScale {
    /// What the annotation for it says where an autoscaler sets the number of pods.
    static let byAutoscaler = "autoscaler"

    var service: ForecastService

    /// The autoscaler of the Deployment; nil where the specification names a number.
    func autoscaler<Version>() -> HorizontalPodAutoscaler<Version>? {
        guard let rule = service.spec.autoscaling else { return nil }
        let percent =
            rule.targetCPUUtilizationPercent ?? ServingAutoscalingSpec.defaultTargetCPUUtilizationPercent
        var metrics: [AutoscalingMetric] = []
        if let requests = rule.targetRequestsPerSecond {
            // In thousandths, the finest step of a quantity that metrics APIs know.
            let average = "\(max(1, Int((requests * 1_000).rounded())))m"
            metrics.append(.pods(ServingAutoscalingSpec.requestsMetric, average: average))
        }
        // Last, since servers that keep autoscalers as of autoscaling/v1 give it back there.
        metrics.append(.utilization(of: "cpu", percent: Int32(clamping: percent)))
        return HorizontalPodAutoscaler(
            metadata: metadata,
            spec: HorizontalPodAutoscalerSpec(
                scaleTargetRef: ScaleTarget(
                    apiVersion: Deployment.resource.apiVersion,
                    kind: Deployment.resource.kind,
                    name: service.metadata.name
                ),
                minReplicas: Int32(clamping: rule.minReplicas ?? ServingAutoscalingSpec.defaultMinReplicas),
                maxReplicas: Int32(clamping: rule.maxReplicas),
                metrics: metrics
            )
        )
    }

    /// The budget: one pod at a time; nil where there may be a single pod, which a budget would only nail to its node.
    func budget<Version>() -> PodDisruptionBudget<Version>? {
        guard service.spec.autoscaling?.maxReplicas ?? service.spec.replicas ?? 1 > 1 else { return nil }
        return PodDisruptionBudget(
            metadata: metadata,
            spec: PodDisruptionBudgetSpec(
                maxUnavailable: 1,
                selector: LabelSelector(matchLabels: ServingDeployment.selector(service))
            )
        )
    }

    private var metadata: ObjectMeta {
        var labels = Naming.labels(pipeline: service.spec.model.pipelineRef.name, component: "serving")
        labels[Naming.serviceLabel] = service.metadata.name
        return ObjectMeta(
            name: service.metadata.name,
            namespace: service.metadata.namespace,
            labels: labels,
            ownerReferences: service.controllerReference.map { [$0] }
        )
    }
}
