// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// The Job of one attempt of a step.
struct StepJob {
    var run: ForecastRun
    var options: OperatorOptions

    /// The Job of that attempt, counted from 1.
    ///
    /// It makes one pod and never another: whether trying again can help is decided from the worker's exit code, which
    /// a Job does not look at before Kubernetes 1.26.
    func build(step: PlannedStep, attempt: Int) -> Job {
        var labels = Naming.labels(pipeline: run.spec.pipelineRef.name, component: "worker")
        labels[Naming.runLabel] = run.metadata.name
        labels[Naming.stepLabel] = step.name
        labels[Naming.attemptLabel] = String(attempt)
        return Job(
            metadata: ObjectMeta(
                name: Naming.job(run: run.metadata.name, step: step.name, attempt: attempt),
                namespace: run.metadata.namespace,
                labels: labels,
                ownerReferences: run.controllerReference.map { [$0] }
            ),
            spec: JobSpec(
                template: PodTemplateSpec(metadata: TemplateMeta(labels: labels), spec: pod(step)),
                backoffLimit: 0
            )
        )
    }

    private func pod(_ step: PlannedStep) -> PodSpec {
        let template = run.spec.template
        var mounts = [VolumeMount(name: "request", mountPath: WorkerPod.requestFolder, readOnly: true)]
        var volumes = [
            Volume(
                name: "request",
                configMap: ConfigMapVolumeSource(
                    name: Naming.requests(run: run.metadata.name),
                    items: [KeyToPath(key: "\(step.name).json", path: "request.json")]
                )
            )
        ]
        if let claim = template.source.csv?.persistentVolumeClaim, step.tasks.contains(.prepare) {
            mounts.append(VolumeMount(name: "source", mountPath: WorkerPod.sourcePath, readOnly: true))
            let source = PersistentVolumeClaimVolumeSource(claimName: claim.claimName, readOnly: true)
            volumes.append(Volume(name: "source", persistentVolumeClaim: source))
        }
        let worker = WorkerPod(
            options: options,
            worker: template.worker,
            claimName: Naming.storeClaim(pipeline: run.spec.pipelineRef.name, store: template.store),
            isStoreReadOnly: false
        )
        let container = Container(
            name: "worker",
            args: ["run", "--request", "\(WorkerPod.requestFolder)/request.json"],
            volumeMounts: mounts,
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "FallbackToLogsOnError"
        )
        return worker.spec(container: container, volumes: volumes, restartPolicy: "Never")
    }
}
