// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeClient
import KubeCore

@testable import Operator

/// Plays Job controller, Deployment controller and kubelet in one namespace of a server that has none of them.
struct FakeNode: Sendable {
    let client: KubeClient
    let namespace: String
    /// The metrics that workers report.
    var mae = 0.5
    /// The error that workers find who compare forecasts with what came true.
    var liveMAE = 1.0
    /// The digest of the workers' image.
    var imageID = ""

    /// Does, once, what there is to do.
    func step() async throws {
        for job in try await client.list(Job.self, namespace: namespace).items where job.status?.conditions == nil {
            try await finish(job)
        }
        for deployment in try await client.list(Deployment.self, namespace: namespace).items {
            try await serve(deployment)
        }
    }

    /// Makes the pod of a Job, which goes on.
    func start(_ job: Job) async throws {
        let pod = try await makePod(job.metadata.name + "-pod", job.controllerReference, job.spec?.template)
        try await setStatus(pod, PodStatus(phase: "Running"))
    }

    private func finish(_ job: Job) async throws {
        let step = job.metadata.labels?[Naming.stepLabel] ?? ""
        let run = job.metadata.labels?[Naming.runLabel] ?? ""
        let pod = try await makePod(job.metadata.name + "-pod", job.controllerReference, job.spec?.template)
        let ended = ContainerStateTerminated(exitCode: 0, reason: "Completed", message: try message(step, run, job))
        try await setStatus(
            pod,
            PodStatus(
                phase: "Succeeded",
                containerStatuses: [
                    ContainerStatus(
                        name: "worker",
                        ready: false,
                        restartCount: 0,
                        image: "",
                        imageID: imageID,
                        state: ContainerState(terminated: ended)
                    )
                ]
            )
        )
        try await setStatus(
            job,
            JobStatus(
                conditions: [StatusCondition(type: "Complete", status: "True", lastTransitionTime: Date())],
                completionTime: Date(),
                succeeded: 1
            )
        )
    }

    /// No data is as young as `maxAgeSteps: 0` asks.
    private func isStale(_ job: Job) throws -> Bool {
        let request = job.spec?.template.metadata?.annotations?[Naming.requestAnnotation] ?? ""
        let spec = try KubeJSON.decoder().decode(StepRequest.self, from: Data(request.utf8)).spec
        return spec.dataChecks?.maxAgeSteps == 0
    }

    private func message(_ step: String, _ run: String, _ job: Job) throws -> String {
        var result = StepResult(step: step)
        if step == MonitorJob.step, let subject = job.monitorSubject {
            result.monitoring = Live.result(version: subject.version, values: 500, mae: liveMAE)
            if let canary = subject.canary {
                result.monitoring = Live.comparison((canary, liveMAE), (subject.version, 1), values: 500)
            }
        } else if try isStale(job) {
            let finding = DataCheckResult.Finding(holds: false, reason: "Stale", message: "the last row is 9 steps old")
            result.dataChecks = DataCheckResult(fresh: finding)
            result.skipped = true
        } else if step == "prepare" {
            let start = Date(timeIntervalSince1970: 1_700_000_000)
            result.dataset = DatasetStatus(digest: "sha256:00", rows: 100, from: start, to: start + 360_000)
        } else {
            result.metrics = Objects.metrics(mae)
            result.backtest = backtest()
            result.model = ModelStatus(
                version: "version-\(run)",
                uri: "models/\(namespace)/demo/version-\(run)",
                digest: "sha256:00",
                kind: "nlinear"
            )
        }
        return String(decoding: try result.encoded(), as: UTF8.self)
    }

    private func backtest() -> BacktestStatus {
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        var backtest = BacktestStatus(
            mode: .fixed,
            windows: 10,
            strideSteps: 1,
            span: start...(start + 3_600),
            measure: GateMeasure(nil),
            table: "runs/\(namespace)/demo/backtest.csv"
        )
        backtest.baselines = [BaselineStatus(kind: .seasonalNaive, metrics: Objects.metrics(2))]
        return backtest
    }

    /// What a serving process would say: it has taken up what stands in its ConfigMap.
    func report(of pod: Pod) async throws -> ServingReport {
        let service = pod.metadata.labels?[Naming.serviceLabel] ?? ""
        let name = Naming.servingConfiguration(service: service)
        let map = try await client.get(ConfigMap.self, namespace: namespace, name: name)
        guard let configuration = ServingFile.read(map) else { throw ReportError(reason: "no configuration") }
        return Objects.report(configuration)
    }

    /// Each template has pods of its own; those of the template before it go.
    private func serve(_ deployment: Deployment) async throws {
        let form = try StableDigest.hex(of: deployment.spec?.template)
        let wanted = Int(deployment.spec?.replicas ?? 1)
        let names = (0..<wanted).map { "\(deployment.metadata.name)-\(form)-\($0)" }
        let pods = try await client.list(Pod.self, namespace: namespace).items
            .filter { $0.metadata.labels?[Naming.serviceLabel] == deployment.metadata.name }
        for pod in pods where !names.contains(pod.metadata.name) {
            try await client.delete(Pod.self, namespace: namespace, name: pod.metadata.name)
        }
        for name in names where !pods.contains(where: { $0.metadata.name == name }) {
            let pod = try await makePod(name, deployment.controllerReference, deployment.spec?.template)
            let ready = StatusCondition(type: "Ready", status: "True", lastTransitionTime: Date())
            try await setStatus(pod, PodStatus(phase: "Running", conditions: [ready], podIP: "10.0.0.1"))
        }
        let status = DeploymentStatus(
            observedGeneration: deployment.metadata.generation,
            replicas: Int32(wanted),
            updatedReplicas: Int32(wanted),
            readyReplicas: Int32(wanted),
            availableReplicas: Int32(wanted)
        )
        if deployment.status != status { try await setStatus(deployment, status) }
    }

    private func makePod(_ name: String, _ owner: OwnerReference?, _ template: PodTemplateSpec?) async throws -> Pod {
        var owner = owner
        // The namespace has no service account controller, so pods are made without one.
        owner?.blockOwnerDeletion = nil
        var spec = template?.spec
        spec?.automountServiceAccountToken = false
        return try await client.create(
            Pod(
                metadata: ObjectMeta(
                    name: name,
                    namespace: namespace,
                    labels: template?.metadata?.labels,
                    ownerReferences: owner.map { [$0] }
                ),
                spec: spec
            )
        )
    }

    private func setStatus<Object: KubeObject>(_ object: Object, _ status: some Encodable) async throws {
        let data = try KubeJSON.encoder().encode(status)
        _ = try await client.mergeStatus(
            Object.self,
            namespace: namespace,
            name: object.metadata.name,
            status: try KubeJSON.decoder().decode(JSONValue.self, from: data)
        )
    }
}
