// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Lets a HorizontalPodAutoscaler choose how many pods serve; `replicas` is not looked at then.
package struct ServingAutoscalingSpec: Codable, Sendable, Equatable {
    /// The fewest pods, 1 to 100. Default 1.
    package var minReplicas: Int?
    /// The most pods, `minReplicas` to 100.
    package var maxReplicas: Int
    /// The share of the processors in `worker.resources.requests` that pods should use, 1 to 1,000. Default 80.
    package var targetCPUUtilizationPercent: Int?
    /// Requests a second that a pod should answer, above 0 to 1,000,000, by the metric `requestsMetric` that the cluster's
    /// metrics API must have of the pods; nil for scaling by processors alone. The measure that asks for more pods wins.
    package var targetRequestsPerSecond: Double?

    /// The metric of `targetRequestsPerSecond`: what an adapter makes of the rate of `almanac_serving_requests_total`.
    package static let requestsMetric = "almanac_serving_requests_per_second"
    /// The default of `minReplicas`.
    package static let defaultMinReplicas = 1
    /// The default of `targetCPUUtilizationPercent`.
    package static let defaultTargetCPUUtilizationPercent = 80

    /// Makes a rule; what is nil has its default.
    package init(
        minReplicas: Int? = nil,
        maxReplicas: Int,
        targetCPUUtilizationPercent: Int? = nil,
        targetRequestsPerSecond: Double? = nil
    ) {
        self.minReplicas = minReplicas
        self.maxReplicas = maxReplicas
        self.targetCPUUtilizationPercent = targetCPUUtilizationPercent
        self.targetRequestsPerSecond = targetRequestsPerSecond
    }

    /// The rule with each default filled in.
    package func withDefaults() -> Self {
        var filled = self
        filled.minReplicas = minReplicas ?? Self.defaultMinReplicas
        filled.targetCPUUtilizationPercent = targetCPUUtilizationPercent ?? Self.defaultTargetCPUUtilizationPercent
        return filled
    }
}
