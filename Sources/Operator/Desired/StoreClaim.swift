// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// The claim for the models of a pipeline that names no store; it goes with the pipeline.
struct StoreClaim {
    var pipeline: ForecastPipeline
    var options: OperatorOptions

    /// The claim.
    func build() -> PersistentVolumeClaim {
        let name = pipeline.metadata.name
        return PersistentVolumeClaim(
            metadata: ObjectMeta(
                name: Naming.storeClaim(pipeline: name),
                namespace: pipeline.metadata.namespace,
                labels: Naming.labels(pipeline: name, component: "store"),
                ownerReferences: pipeline.controllerReference.map { [$0] }
            ),
            spec: PersistentVolumeClaimSpec(
                accessModes: ["ReadWriteOnce"],
                resources: ResourceRequirements(requests: ["storage": options.storeSize])
            )
        )
    }
}
