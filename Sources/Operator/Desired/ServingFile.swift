// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// The ConfigMap that says what a service's pods answer with. A change of it restarts nothing.
struct ServingFile {
    /// Where it is mounted.
    static let folder = "/var/run/almanac/serving"
    /// The name of the volume.
    static let volume = "serving"

    /// The file in the pods.
    static var path: String { "\(folder)/\(ServingConfiguration.fileName)" }

    var service: ForecastService
    /// What is served; its revision is set here.
    var configuration: ServingConfiguration

    /// The ConfigMap of a goal.
    init(service: ForecastService, goal: ServingGoal) throws {
        self.service = service
        var configuration = ServingConfiguration(
            revision: "",
            name: service.metadata.name,
            stable: goal.stable.configured
        )
        if let canary = goal.canary {
            configuration.canary = ServingConfiguration.Canary(
                version: canary.version.configured,
                trafficPercent: canary.trafficPercent,
                stickyHeader: service.spec.canary?.stickyHeader
            )
        }
        if !goal.others.isEmpty { configuration.others = goal.others.map(\.configured) }
        configuration.limits = service.spec.limits
        configuration.batching = service.spec.batching
        if let rule = service.spec.monitoring {
            configuration.remembering = ServingConfiguration.Remembering(
                forecastsPerSecond: rule.forecastsPerSecond ?? MonitoringSpec.defaultForecastsPerSecond,
                shadowsCanary: service.spec.canary?.analysis?.maxErrorIncreasePercent != nil
            )
        }
        configuration.revision = try StableDigest.hex(of: configuration)
        self.configuration = configuration
    }

    /// The ConfigMap.
    func build() throws -> ConfigMap {
        var labels = Naming.labels(pipeline: service.spec.model.pipelineRef.name, component: "serving")
        labels[Naming.serviceLabel] = service.metadata.name
        return ConfigMap(
            metadata: ObjectMeta(
                name: Naming.servingConfiguration(service: service.metadata.name),
                namespace: service.metadata.namespace,
                labels: labels,
                annotations: [Naming.servingRevisionAnnotation: configuration.revision],
                ownerReferences: service.controllerReference.map { [$0] }
            ),
            data: [
                ServingConfiguration.fileName: String(
                    decoding: try KubeJSON.encoder().encode(configuration),
                    as: UTF8.self
                )
            ]
        )
    }

    /// What a ConfigMap says; nil where there is none or it says nothing that is understood.
    static func read(_ map: ConfigMap?) -> ServingConfiguration? {
        guard let text = map?.data?[ServingConfiguration.fileName] else { return nil }
        return try? KubeJSON.decoder().decode(ServingConfiguration.self, from: Data(text.utf8))
    }
}
