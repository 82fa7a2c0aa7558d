// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// What the operator asks of the API server, and no more; the roles in deploy/ grant exactly this.
enum OperatorPermissions {
    /// The permissions in a namespace, nil for all, and those of the lease where there is one.
    static func needed(in namespace: String?, leaseNamespace: String?) -> [Permission] {
        func allow(_ resource: ResourceType, _ verbs: String..., subresource: String? = nil) -> [Permission] {
            verbs.map { Permission($0, resource, subresource: subresource, namespace: namespace) }
        }
        let lease = ["get", "create", "update"].map { verb in
            leaseNamespace.map { Permission(verb, Lease.resource, namespace: $0) }
        }
        return allow(ForecastPipeline.resource, "list", "watch")
            + allow(ForecastRun.resource, "get", "list", "watch", "create", "patch", "delete")
            + allow(ForecastService.resource, "get", "list", "watch", "create", "patch", "delete")
            + [ForecastPipeline.resource, ForecastRun.resource, ForecastService.resource].flatMap {
                allow($0, "patch", subresource: "status")
            }
            + allow(Job.resource, "get", "list", "watch", "create", "delete")
            + allow(Deployment.resource, "get", "list", "watch", "create", "patch")
            + allow(Service.resource, "get", "list", "watch", "create", "patch")
            + allow(ConfigMap.resource, "get", "list", "watch", "create", "patch")
            + allow(HorizontalPodAutoscaler<V2>.resource, "get", "list", "watch", "create", "patch", "delete")
            + allow(PodDisruptionBudget<V1>.resource, "get", "list", "watch", "create", "patch", "delete")
            + allow(PersistentVolumeClaim.resource, "get", "list", "watch", "create")
            + allow(Pod.resource, "list", "watch", "patch")
            + allow(Pod.resource, "get", subresource: "log")
            + allow(Event.resource, "create", "patch")
            + lease.compactMap { $0 }
    }
}
