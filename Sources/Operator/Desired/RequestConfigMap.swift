// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

/// The requests of all steps of a run, one key each.
struct RequestConfigMap {
    var run: ForecastRun
    var plan: RunPlan

    /// The ConfigMap; immutable, because a run is.
    func build() throws -> ConfigMap {
        let template = run.spec.template
        let hasClaim = template.source.csv?.persistentVolumeClaim != nil
        let identity = RunIdentity(
            namespace: run.metadata.namespace ?? "default",
            pipeline: run.spec.pipelineRef.name,
            name: run.metadata.name,
            createdTime: run.metadata.creationTimestamp ?? Date(timeIntervalSince1970: 0)
        )
        var data: [String: String] = [:]
        for step in plan.steps {
            let request = StepRequest(
                run: identity,
                step: step,
                spec: template,
                storePath: WorkerPod.storePath,
                sourcePath: hasClaim ? WorkerPod.sourcePath : WorkerPod.samplesPath
            )
            data["\(step.name).json"] = String(decoding: try KubeJSON.encoder().encode(request), as: UTF8.self)
        }
        var labels = Naming.labels(pipeline: run.spec.pipelineRef.name, component: "worker")
        labels[Naming.runLabel] = run.metadata.name
        return ConfigMap(
            metadata: ObjectMeta(
                name: Naming.requests(run: run.metadata.name),
                namespace: run.metadata.namespace,
                labels: labels,
                ownerReferences: run.controllerReference.map { [$0] }
            ),
            data: data,
            immutable: true
        )
    }
}
