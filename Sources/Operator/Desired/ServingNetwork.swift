// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// The Service in front of a service's pods.
struct ServingNetwork {
    /// The port that clients use.
    static let port: Int32 = 80

    var service: ForecastService

    /// The Service.
    func build() -> Service {
        var labels = Naming.labels(pipeline: service.spec.model.pipelineRef.name, component: "serving")
        labels[Naming.serviceLabel] = service.metadata.name
        return Service(
            metadata: ObjectMeta(
                name: service.metadata.name,
                namespace: service.metadata.namespace,
                labels: labels,
                ownerReferences: service.controllerReference.map { [$0] }
            ),
            spec: ServiceSpec(
                selector: ServingDeployment.selector(service),
                ports: [
                    ServicePort(
                        name: ServingDeployment.port.name,
                        port: Self.port,
                        targetPort: .string(ServingDeployment.port.name),
                        protocol: "TCP"
                    )
                ],
                type: "ClusterIP"
            )
        )
    }

    /// Where clients in the cluster find it.
    var url: String { "http://\(service.metadata.name).\(service.metadata.namespace ?? "default").svc" }
}
