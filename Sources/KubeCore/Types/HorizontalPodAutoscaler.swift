// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A version of an API whose objects look the same in several of them.
package protocol APIVersion: Sendable {
    /// The version, for instance `v1`.
    static var name: String { get }
}

/// `v1`.
package enum V1: APIVersion { package static let name = "v1" }
/// `v1beta1`.
package enum V1Beta1: APIVersion { package static let name = "v1beta1" }
/// `v2`.
package enum V2: APIVersion { package static let name = "v2" }
/// `v2beta2`.
package enum V2Beta2: APIVersion { package static let name = "v2beta2" }

/// Sets the number of pods by what they use. `V2` from Kubernetes 1.23 on, `V2Beta2` up to 1.25.
package struct HorizontalPodAutoscaler<Version: APIVersion>: KubeObject {
    /// Where these objects live.
    package static var resource: ResourceType {
        ResourceType(
            group: "autoscaling",
            version: Version.name,
            kind: "HorizontalPodAutoscaler",
            plural: "horizontalpodautoscalers"
        )
    }
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// What is scaled, and by what.
    package var spec: HorizontalPodAutoscalerSpec?

    /// Makes one from what is known of it.
    package init(metadata: ObjectMeta, spec: HorizontalPodAutoscalerSpec? = nil) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.spec = spec
    }
}

/// What is scaled, and by what.
package struct HorizontalPodAutoscalerSpec: Codable, Sendable, Equatable {
    /// The object whose pods are counted.
    package var scaleTargetRef: ScaleTarget
    /// The fewest pods.
    package var minReplicas: Int32?
    /// The most pods.
    package var maxReplicas: Int32
    /// What decides; the measure that asks for the most pods wins.
    package var metrics: [AutoscalingMetric]?

    /// Makes one from what is known of it.
    package init(
        scaleTargetRef: ScaleTarget,
        minReplicas: Int32? = nil,
        maxReplicas: Int32,
        metrics: [AutoscalingMetric]? = nil
    ) {
        self.scaleTargetRef = scaleTargetRef
        self.minReplicas = minReplicas
        self.maxReplicas = maxReplicas
        self.metrics = metrics
    }
}

/// Names an object with a scale subresource, in the same namespace.
package struct ScaleTarget: Codable, Sendable, Equatable {
    /// The group and version.
    package var apiVersion: String
    /// The kind.
    package var kind: String
    /// The name.
    package var name: String

    /// Names an object.
    package init(apiVersion: String, kind: String, name: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
    }
}

/// A measure by which pods are scaled.
package struct AutoscalingMetric: Codable, Sendable, Equatable {
    /// `Resource` or `Pods`.
    package var type: String
    /// The resource that is measured.
    package var resource: ResourceMetric?
    /// The metric of pods that is measured.
    package var pods: PodsMetric?

    /// The share of a resource that pods ask for, for instance of `cpu`, in percent.
    package static func utilization(of name: String, percent: Int32) -> AutoscalingMetric {
        let target = MetricTarget(type: "Utilization", averageUtilization: percent)
        return AutoscalingMetric(type: "Resource", resource: ResourceMetric(name: name, target: target))
    }

    /// A metric that the cluster's metrics API has of each pod, on average over the pods.
    ///
    /// - Parameter average: How much is right, as a quantity.
    package static func pods(_ name: String, average: String) -> AutoscalingMetric {
        let target = MetricTarget(type: "AverageValue", averageValue: average)
        return AutoscalingMetric(type: "Pods", pods: PodsMetric(metric: PodsMetric.Name(name: name), target: target))
    }

    /// A metric of pods and how much of it is right.
    package struct PodsMetric: Codable, Sendable, Equatable {
        /// Names a metric.
        package struct Name: Codable, Sendable, Equatable {
            /// The metric's name.
            package var name: String
        }

        /// The metric.
        package var metric: Name
        /// How much of it is right.
        package var target: MetricTarget
    }

    /// A resource and how much of it is right.
    package struct ResourceMetric: Codable, Sendable, Equatable {
        /// The resource, for instance `cpu`.
        package var name: String
        /// How much of it is right.
        package var target: MetricTarget
    }

    /// How much is right.
    package struct MetricTarget: Codable, Sendable, Equatable {
        /// `Utilization` or `AverageValue`.
        package var type: String
        /// Percent of what the pods ask for, on average.
        package var averageUtilization: Int32?
        /// A quantity, on average over the pods.
        package var averageValue: String?
    }
}
