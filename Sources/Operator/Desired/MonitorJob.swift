// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// The Job that compares a service's forecasts with what came true.
struct MonitorJob {
    /// The name of its one step.
    static let step = "monitor"

    /// What a Job compares; it is kept with the Job, so that its answer is taken for what was asked.
    struct Subject: Codable, Equatable, Sendable {
        /// The instant that it was due.
        var time: Date
        /// The version whose errors are counted.
        var version: String
        /// The version on trial that is compared with it; nil for none.
        var canary: String?
        /// Since when that trial's step lasts.
        var since: Date?

        /// Whether it is about that step of a canary.
        func isAbout(_ trial: CanaryStatus) -> Bool {
            canary == trial.version && version == trial.stable && since != nil
                && MonitorSchedule.seconds(since) == MonitorSchedule.seconds(trial.since)
        }
    }

    var service: ForecastService
    var pipeline: ForecastPipeline
    var goal: ServingGoal
    var rule: MonitoringSpec
    var options: OperatorOptions

    /// The Job of that subject. As a step's, it makes one pod and never another: the next instant tries again.
    ///
    /// - Parameter now: When it is made; the window of what is compared ends there.
    func build(_ subject: Subject, now: Date) throws -> Job {
        let name = Naming.monitorJob(service: service.metadata.name, time: subject.time)
        var labels = Naming.labels(pipeline: pipeline.metadata.name, component: "monitor")
        labels[Naming.monitorLabel] = service.metadata.name
        labels[Naming.stepLabel] = Self.step
        let pod = StepPod(template: template, step: planned, storeClaim: goal.stable.claimName, options: options)
        let annotation = String(decoding: try KubeJSON.encoder().encode(subject), as: UTF8.self)
        return Job(
            metadata: ObjectMeta(
                name: name,
                namespace: service.metadata.namespace,
                labels: labels,
                annotations: [Naming.monitorAnnotation: annotation],
                ownerReferences: service.controllerReference.map { [$0] }
            ),
            spec: JobSpec(
                template: try pod.build(request(subject, name, pod.sourcePath, now), labels: labels),
                backoffLimit: 0,
                activeDeadlineSeconds: planned.limits.deadlineSeconds.map(Int64.init)
            )
        )
    }

    /// The pipeline's specification as it is, but for the store: forecasts are remembered where the served version lies.
    private var template: ForecastPipelineSpec {
        var template = pipeline.spec.template
        template.store = StoreSpec(
            persistentVolumeClaim: goal.stable.claimName.map(ClaimReference.init),
            s3: goal.stable.s3
        )
        return template
    }

    private var planned: PlannedStep {
        var step = PlannedStep(name: Self.step, tasks: [.monitor], dependsOn: [])
        step.limits.deadlineSeconds = rule.deadlineSeconds ?? MonitoringSpec.defaultDeadlineSeconds
        return step
    }

    private func request(_ subject: Subject, _ name: String, _ sourcePath: String, _ now: Date) -> StepRequest {
        let identity = RunIdentity(
            namespace: service.metadata.namespace ?? "default",
            pipeline: pipeline.metadata.name,
            name: name,
            createdTime: now
        )
        var request = StepRequest(
            run: identity,
            step: planned,
            spec: template,
            storePath: WorkerPod.storePath,
            sourcePath: sourcePath,
            secretsPath: WorkerPod.secretsPath
        )
        request.monitor = MonitorRequest(
            service: service.metadata.name,
            stable: goal.stable.configured,
            canary: subject.canary == nil ? nil : goal.canary?.version.configured,
            since: subject.since,
            windowSeconds: rule.windowSeconds ?? MonitoringSpec.defaultWindowSeconds,
            drift: rule.drift != nil && subject.canary == nil
        )
        return request
    }
}

extension Job {
    /// What the Job compares; nil where it is none of that kind.
    var monitorSubject: MonitorJob.Subject? {
        guard let text = metadata.annotations?[Naming.monitorAnnotation] else { return nil }
        return try? KubeJSON.decoder().decode(MonitorJob.Subject.self, from: Data(text.utf8))
    }
}
