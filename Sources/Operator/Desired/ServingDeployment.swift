// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// The Deployment that serves a model. Which of its versions is a matter of the `ServingFile`, so a new one restarts
/// nothing.
struct ServingDeployment {
    /// The port's name and number in the pods.
    static let port = (name: "http", number: Int32(8080))
    /// The name of the port for reports, metrics and health, which is in no Service.
    static let adminPort = "admin"
    /// How long a pod still answers after it was told to stop: time for every node to take it out of the Service.
    static let drainSeconds = 5

    /// How long a pod must have answered to count: time for every node to send it requests before an old one goes.
    static let settleSeconds: Int32 = 2

    var service: ForecastService
    /// What is served: pods have the store of it, and the wanted version brings their image.
    var goal: ServingGoal
    var options: OperatorOptions

    /// The Deployment. A new pod comes up beside an old one, which goes only when the new one answers.
    func build() throws -> Deployment {
        let pipeline = service.spec.model.pipelineRef.name
        var labels = Naming.labels(pipeline: pipeline, component: "serving")
        labels[Naming.serviceLabel] = service.metadata.name
        let isScaled = service.spec.autoscaling != nil
        let template = PodTemplateSpec(metadata: TemplateMeta(labels: labels), spec: try pod())
        return Deployment(
            metadata: ObjectMeta(
                name: service.metadata.name,
                namespace: service.metadata.namespace,
                labels: labels,
                annotations: try annotations(template),
                ownerReferences: service.controllerReference.map { [$0] }
            ),
            spec: DeploymentSpec(
                replicas: isScaled ? nil : Int32(clamping: service.spec.replicas ?? 1),
                selector: LabelSelector(matchLabels: Self.selector(service)),
                template: template,
                strategy: DeploymentStrategy(
                    type: "RollingUpdate",
                    rollingUpdate: RollingUpdateDeployment(maxUnavailable: 0, maxSurge: 1)
                ),
                minReadySeconds: Self.settleSeconds,
                revisionHistoryLimit: 2
            )
        )
    }

    /// The labels that select a service's pods, whatever version they serve.
    static func selector(_ service: ForecastService) -> [String: String] {
        [Naming.serviceLabel: service.metadata.name]
    }

    private func annotations(_ template: PodTemplateSpec) throws -> [String: String] {
        var annotations = [Naming.podTemplateAnnotation: try digest(template)]
        if service.spec.autoscaling != nil { annotations[Naming.replicasAnnotation] = ServingScale.byAutoscaler }
        return annotations
    }

    /// Tells whether the pods, or the version that brings their image, are others.
    private func digest(_ template: PodTemplateSpec) throws -> String {
        struct Parts: Encodable {
            var template: PodTemplateSpec
            var version: String
        }
        return try StableDigest.hex(of: Parts(template: template, version: goal.wanted.version))
    }

    private func pod() throws -> PodSpec {
        let worker = WorkerPod(
            options: options,
            worker: service.spec.worker,
            claimName: goal.stable.claimName,
            // Forecasts are remembered beside the models.
            isStoreReadOnly: service.spec.monitoring == nil,
            secretNames: Set(([goal.stable.s3?.secretRef?.name] + access.secretNames).compactMap(\.self)).sorted()
        )
        let map = Naming.servingConfiguration(service: service.metadata.name)
        let file = Volume(name: ServingFile.volume, configMap: ConfigMapVolumeSource(name: map))
        var pod = worker.spec(container: try container(), volumes: [file] + access.volumes.map(\.volume))
        pod.terminationGracePeriodSeconds = 30
        pod.topologySpreadConstraints = [
            TopologySpreadConstraint(
                maxSkew: 1,
                topologyKey: "kubernetes.io/hostname",
                whenUnsatisfiable: "ScheduleAnyway",
                labelSelector: LabelSelector(matchLabels: Self.selector(service))
            )
        ]
        return pod
    }

    /// Where the model is: on the mounted claim, or in the bucket, whose block goes along as it is.
    private func storeArguments() throws -> [String] {
        guard let s3 = goal.stable.s3 else { return ["--store", WorkerPod.storePath] }
        let block = String(decoding: try KubeJSON.encoder().encode(s3), as: UTF8.self)
        return ["--s3", block] + (s3.secretRef == nil ? [] : ["--secrets", WorkerPod.secretsPath])
    }

    private var access: ServingAccess { ServingAccess(service: service) }

    private func container() throws -> Container {
        Container(
            name: "worker",
            args: ["serve"] + (try storeArguments()) + access.arguments + [
                "--configuration", ServingFile.path, "--port", String(Self.port.number),
                "--admin-port", String(ServingReport.port), "--drain-seconds", String(Self.drainSeconds),
            ],
            ports: [
                ContainerPort(name: Self.port.name, containerPort: Self.port.number),
                ContainerPort(name: Self.adminPort, containerPort: ServingReport.port),
            ],
            volumeMounts: [VolumeMount(name: ServingFile.volume, mountPath: ServingFile.folder, readOnly: true)]
                + access.volumes.map { VolumeMount(name: $0.volume.name, mountPath: $0.path, readOnly: true) },
            livenessProbe: Probe(
                httpGet: HTTPGetAction(path: "/v2/health/live", port: .string(Self.adminPort)),
                periodSeconds: 10,
                timeoutSeconds: 3,
                failureThreshold: 3
            ),
            readinessProbe: Probe(
                httpGet: HTTPGetAction(path: "/v2/health/ready", port: .string(Self.adminPort)),
                periodSeconds: 1,
                timeoutSeconds: 2,
                failureThreshold: 2
            ),
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "FallbackToLogsOnError"
        )
    }
}
