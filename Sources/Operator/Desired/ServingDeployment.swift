// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// The Deployment that serves one version of a model.
struct ServingDeployment {
    /// The port's name and number in the pods.
    static let port = (name: "http", number: Int32(8080))
    /// How long a pod still answers after it was told to stop: time for every node to take it out of the Service.
    static let drainSeconds = 5

    /// How long a pod must have answered to count: time for every node to send it requests before an old one goes.
    static let settleSeconds: Int32 = 2

    var service: ForecastService
    var model: ServedVersion
    var options: OperatorOptions

    /// The Deployment. A new version comes up beside the old one, which goes only when the new one answers.
    func build() throws -> Deployment {
        let pipeline = service.spec.model.pipelineRef.name
        var labels = Naming.labels(pipeline: pipeline, component: "serving")
        labels[Naming.serviceLabel] = service.metadata.name
        var podLabels = labels
        podLabels[Naming.modelVersionLabel] = model.version
        return Deployment(
            metadata: ObjectMeta(
                name: service.metadata.name,
                namespace: service.metadata.namespace,
                labels: labels,
                ownerReferences: service.controllerReference.map { [$0] }
            ),
            spec: DeploymentSpec(
                replicas: Int32(clamping: service.spec.replicas ?? 1),
                selector: LabelSelector(matchLabels: Self.selector(service)),
                template: PodTemplateSpec(metadata: TemplateMeta(labels: podLabels), spec: try pod()),
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

    private func pod() throws -> PodSpec {
        let worker = WorkerPod(
            options: options,
            worker: service.spec.worker,
            claimName: model.claimName,
            isStoreReadOnly: true,
            secretNames: [model.s3?.secretRef?.name].compactMap(\.self)
        )
        var pod = worker.spec(container: try container())
        pod.terminationGracePeriodSeconds = 30
        return pod
    }

    /// Where the model is: on the mounted claim, or in the bucket, whose block goes along as it is.
    private func storeArguments() throws -> [String] {
        guard let s3 = model.s3 else { return ["--store", WorkerPod.storePath] }
        let block = String(decoding: try KubeJSON.encoder().encode(s3), as: UTF8.self)
        return ["--s3", block] + (s3.secretRef == nil ? [] : ["--secrets", WorkerPod.secretsPath])
    }

    private func container() throws -> Container {
        Container(
            name: "worker",
            args: ["serve"] + (try storeArguments()) + [
                "--model", model.uri, "--name", service.metadata.name,
                "--port", String(Self.port.number), "--drain-seconds", String(Self.drainSeconds),
            ],
            ports: [ContainerPort(name: Self.port.name, containerPort: Self.port.number)],
            livenessProbe: Probe(
                httpGet: HTTPGetAction(path: "/v2/health/live", port: .string(Self.port.name)),
                periodSeconds: 10,
                timeoutSeconds: 3,
                failureThreshold: 3
            ),
            readinessProbe: Probe(
                httpGet: HTTPGetAction(path: "/v2/health/ready", port: .string(Self.port.name)),
                periodSeconds: 1,
                timeoutSeconds: 2,
                failureThreshold: 2
            ),
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "FallbackToLogsOnError"
        )
    }
}
