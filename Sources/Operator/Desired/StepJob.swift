// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// The Job of one attempt of a step.
struct StepJob {
    var run: ForecastRun
    /// What the run runs.
    var template: ForecastPipelineSpec
    var options: OperatorOptions
    /// What stays in the store.
    var retention: RetentionRequest?
    /// The version that the run's model is compared with.
    var incumbent: ModelStatus?

    /// The Job of that attempt, counted from 1.
    ///
    /// It makes one pod and never another: whether trying again can help is decided from the worker's exit code, which
    /// a Job does not look at before Kubernetes 1.26.
    ///
    /// - Parameter cacheKey: What the result depends on; kept with the Job, so that it is what was asked for.
    func build(step: PlannedStep, attempt: Int, cacheKey: String? = nil) throws -> Job {
        var labels = Naming.labels(pipeline: run.spec.pipelineRef.name, component: "worker")
        labels[Naming.runLabel] = run.metadata.name
        labels[Naming.stepLabel] = step.name
        labels[Naming.attemptLabel] = String(attempt)
        return Job(
            metadata: ObjectMeta(
                name: Naming.job(run: run.metadata.name, step: step.name, attempt: attempt),
                namespace: run.metadata.namespace,
                labels: labels,
                annotations: cacheKey.map { [Naming.cacheKeyAnnotation: $0] },
                ownerReferences: run.controllerReference.map { [$0] }
            ),
            spec: JobSpec(
                template: PodTemplateSpec(
                    metadata: TemplateMeta(
                        labels: labels,
                        annotations: [Naming.requestAnnotation: try encodedRequest(step)]
                    ),
                    spec: pod(step)
                ),
                backoffLimit: 0,
                activeDeadlineSeconds: step.limits.deadlineSeconds.map(Int64.init)
            )
        )
    }

    /// The request travels in the pod itself, so that no other object has to be made, kept and removed with it.
    private func encodedRequest(_ step: PlannedStep) throws -> String {
        String(decoding: try KubeJSON.encoder().encode(request(step)), as: UTF8.self)
    }

    /// What the worker is asked in that step.
    func request(_ step: PlannedStep) -> StepRequest {
        var request = StepRequest(
            run: RunIdentity(run),
            step: step,
            spec: template,
            storePath: WorkerPod.storePath,
            sourcePath: template.source.persistentVolumeClaim == nil
                ? WorkerPod.samplesPath : WorkerPod.sourcePath,
            secretsPath: WorkerPod.secretsPath,
            incumbent: incumbent
        )
        if step.tasks.contains(.publish), !template.sinkClaims.isEmpty { request.sinksPath = WorkerPod.sinksPath }
        // The first step too, for a pipeline whose data is refused or whose training fails publishes nothing for long.
        if step.tasks.contains(.prepare) || step.tasks.contains(.publish) { request.retention = retention }
        return request
    }

    private func pod(_ step: PlannedStep) -> PodSpec {
        var mounts = [VolumeMount(name: "request", mountPath: WorkerPod.requestFolder, readOnly: true)]
        var volumes = [
            Volume(
                name: "request",
                downwardAPI: DownwardAPIVolumeSource(items: [
                    DownwardAPIVolumeFile(
                        path: "request.json",
                        fieldRef: ObjectFieldSelector(fieldPath: "metadata.annotations['\(Naming.requestAnnotation)']")
                    )
                ])
            )
        ]
        if let claim = template.source.persistentVolumeClaim, step.tasks.contains(.prepare) {
            mounts.append(VolumeMount(name: "source", mountPath: WorkerPod.sourcePath, readOnly: true))
            let source = PersistentVolumeClaimVolumeSource(claimName: claim.claimName, readOnly: true)
            volumes.append(Volume(name: "source", persistentVolumeClaim: source))
        }
        if step.tasks.contains(.publish) {
            let sinks = self.sinks
            mounts += sinks.map(\.mount)
            volumes += sinks.compactMap(\.volume)
        }
        var placement = template.worker ?? WorkerSpec()
        placement.resources = step.limits.resources ?? placement.resources
        let worker = WorkerPod(
            options: options,
            worker: placement,
            claimName: storeClaim,
            isStoreReadOnly: false,
            secretNames: template.secretNames(for: step.tasks)
        )
        let container = Container(
            name: "worker",
            args: ["run", "--request", "\(WorkerPod.requestFolder)/request.json", "--progress", "json"],
            volumeMounts: mounts,
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "FallbackToLogsOnError"
        )
        return worker.spec(container: container, volumes: volumes, restartPolicy: "Never")
    }

    /// The claim of the store; nil where it is a bucket.
    private var storeClaim: String? { Naming.storeClaim(pipeline: run.spec.pipelineRef.name, store: template.store) }

    /// The claims that forecasts are written into. That of the store is a volume of every worker already.
    private var sinks: [(volume: Volume?, mount: VolumeMount)] {
        template.sinkClaims.enumerated()
            .map { index, claim in
                let isStore = claim == storeClaim
                let name = isStore ? "store" : "sink-\(index)"
                let source = PersistentVolumeClaimVolumeSource(claimName: claim)
                return (
                    isStore ? nil : Volume(name: name, persistentVolumeClaim: source),
                    VolumeMount(name: name, mountPath: "\(WorkerPod.sinksPath)/\(claim)")
                )
            }
    }
}
