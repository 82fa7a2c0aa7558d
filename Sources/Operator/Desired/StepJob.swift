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
                template: try pod(step).build(request(step), labels: labels),
                backoffLimit: 0,
                activeDeadlineSeconds: step.limits.deadlineSeconds.map(Int64.init)
            )
        )
    }

    /// What the worker is asked in that step.
    func request(_ step: PlannedStep) -> StepRequest {
        var request = StepRequest(
            run: RunIdentity(run),
            step: step,
            spec: template,
            storePath: WorkerPod.storePath,
            sourcePath: pod(step).sourcePath,
            secretsPath: WorkerPod.secretsPath,
            incumbent: incumbent
        )
        if step.tasks.contains(.publish), !template.sinkClaims.isEmpty { request.sinksPath = WorkerPod.sinksPath }
        // The first step too, for a pipeline whose data is refused or whose training fails publishes nothing for long.
        if step.tasks.contains(.prepare) || step.tasks.contains(.publish) { request.retention = retention }
        return request
    }

    private func pod(_ step: PlannedStep) -> StepPod {
        let claim = Naming.storeClaim(pipeline: run.spec.pipelineRef.name, store: template.store)
        return StepPod(template: template, step: step, storeClaim: claim, options: options)
    }
}
