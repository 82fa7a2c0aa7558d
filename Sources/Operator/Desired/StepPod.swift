// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// The pods of a step: what the Jobs of a run and those that compare a service's forecasts share.
struct StepPod {
    /// What the step reads of the specification.
    var template: ForecastPipelineSpec
    var step: PlannedStep
    /// The claim of the store; nil where it is a bucket.
    var storeClaim: String?
    var options: OperatorOptions

    /// Where a relative path of the source starts, as the worker sees it.
    var sourcePath: String {
        template.source.persistentVolumeClaim == nil ? WorkerPod.samplesPath : WorkerPod.sourcePath
    }

    /// The template of the pods. The request travels in the pod itself, so that no other object has to be made, kept and
    /// removed with it.
    func build(_ request: StepRequest, labels: [String: String]) throws -> PodTemplateSpec {
        let encoded = String(decoding: try KubeJSON.encoder().encode(request), as: UTF8.self)
        return PodTemplateSpec(
            metadata: TemplateMeta(labels: labels, annotations: [Naming.requestAnnotation: encoded]),
            spec: pod
        )
    }

    private var pod: PodSpec {
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
        if let claim = template.source.persistentVolumeClaim, readsSource {
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

    private var readsSource: Bool { step.tasks.contains(.prepare) || step.tasks.contains(.monitor) }

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
