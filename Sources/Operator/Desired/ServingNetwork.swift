// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// The Service in front of a service's pods.
struct ServingNetwork {
    var service: ForecastService

    /// The scheme of the URL, and the port that clients use.
    private var place: (scheme: String, port: Int32) { service.spec.tls == nil ? ("http", 80) : ("https", 443) }

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
                        name: place.scheme,
                        port: place.port,
                        targetPort: .string(ServingDeployment.port.name),
                        protocol: "TCP"
                    )
                ],
                type: "ClusterIP"
            )
        )
    }

    /// Where clients in the cluster find it.
    var url: String { "\(place.scheme)://\(service.metadata.name).\(service.metadata.namespace ?? "default").svc" }
}
