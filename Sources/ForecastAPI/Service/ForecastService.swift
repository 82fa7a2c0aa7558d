// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// Serves a model's forecasts over HTTP.
package struct ForecastService: StatusObject {
    package static let resource = ResourceType(
        group: Naming.group,
        version: Naming.version,
        kind: "ForecastService",
        plural: "forecastservices"
    )

    package var apiVersion: String? = Self.resource.apiVersion
    package var kind: String? = Self.resource.kind
    package var metadata: ObjectMeta
    /// What is served, and how wide.
    package var spec: ForecastServiceSpec
    /// What the operator found.
    package var status: ForecastServiceStatus?

    /// Makes a service.
    package init(metadata: ObjectMeta, spec: ForecastServiceSpec, status: ForecastServiceStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// What a ForecastService serves.
package struct ForecastServiceSpec: Codable, Sendable, Equatable {
    /// The model.
    package var model: ServedModelSpec
    /// Pods that serve, 0 to 100, where there is no `autoscaling`. Default 1.
    package var replicas: Int?
    /// Lets the cluster choose how many pods serve.
    package var autoscaling: ServingAutoscalingSpec?
    /// How a new version takes over; nil for at once.
    package var canary: CanarySpec?
    /// What clients' connections are secured with; nil for connections without TLS.
    package var tls: ServingTLSSpec?
    /// Who may ask; nil for everybody who reaches the service.
    package var auth: ServingAuthSpec?
    /// What requests may cost.
    package var limits: ServingLimitsSpec?
    /// How requests are computed together.
    package var batching: ServingBatchingSpec?
    /// How forecasts are compared with what comes true; nil for not at all.
    package var monitoring: MonitoringSpec?
    /// How the pods are placed and sized.
    package var worker: WorkerSpec?

    /// Makes a service's specification.
    package init(model: ServedModelSpec, replicas: Int? = nil, worker: WorkerSpec? = nil) {
        self.model = model
        self.replicas = replicas
        self.worker = worker
    }

    /// The specification with each default of the CRD filled in.
    package func withDefaults() -> Self {
        var filled = self
        filled.model.version = model.version ?? ServedModelSpec.latest
        filled.replicas = replicas ?? 1
        filled.autoscaling = autoscaling?.withDefaults()
        filled.canary = canary?.withDefaults()
        filled.limits = limits?.withDefaults()
        filled.batching = batching?.withDefaults()
        filled.monitoring = monitoring?.withDefaults()
        return filled
    }
}

/// Which model is served.
package struct ServedModelSpec: Codable, Sendable, Equatable {
    /// The pipeline that trains it.
    package var pipelineRef: NameReference
    /// `Latest` for what the pipeline promoted last, or one version. Default `Latest`.
    package var version: String?
    /// Versions that answer beside it where a request names them, at most `maximumOtherVersions`.
    package var otherVersions: [String]?

    /// The value of `version` that follows the pipeline.
    package static let latest = "Latest"
    /// The most versions of `otherVersions`: each is held in the memory of each pod.
    package static let maximumOtherVersions = 8

    /// Makes a reference to a model.
    package init(pipelineRef: NameReference, version: String? = nil, otherVersions: [String]? = nil) {
        self.pipelineRef = pipelineRef
        self.version = version
        self.otherVersions = otherVersions
    }
}

/// What the operator found out about a ForecastService.
package struct ForecastServiceStatus: Codable, Sendable, Equatable {
    /// The generation that this status is about.
    package var observedGeneration: Int64?
    /// `Ready` (the summary), `Available`, `ModelLoaded`, `Reconciling` and `Stalled`; with `spec.monitoring`
    /// `ForecastAccurate`, and `InputsStable` where that asks for drift.
    package var conditions: [Condition]?
    /// Where forecasts are asked for, inside the cluster.
    package var url: String?
    /// Pods that there are.
    package var replicas: Int?
    /// Pods that answer.
    package var readyReplicas: Int?
    /// Selects the pods, as the scale subresource wants it.
    package var selector: String?
    /// The version that all ready pods answer with where a request names none.
    package var stable: String?
    /// The version that takes its place.
    package var updating: String?
    /// The canary that is under way; nil where none is.
    package var canary: CanaryStatus?
    /// The canary that ended last.
    package var lastCanary: CanaryResultStatus?
    /// How near the forecasts came to what came true; nil before the first comparison, and without `spec.monitoring`.
    package var accuracy: AccuracyStatus?
    /// How the comparisons themselves go; nil without `spec.monitoring`.
    package var monitoring: MonitoringStatus?

    /// Makes an empty status.
    package init() {}
}
