// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import Operator

/// One service and what surrounds it, in values: plans are carried out as the API server, the Deployment's controller,
/// the kubelets and the serving processes would.
struct ServiceWorld {
    var facts: ObservedService
    var now = Objects.now
    /// The number of pods that another manager than the operator's own has set.
    var keptReplicas: Int32?
    /// What was told, in order.
    var told: [String] = []

    init(
        _ service: ForecastService = Objects.service(),
        promoted: String? = "v1",
        pods: [Pod] = [Objects.servingPod("a")]
    ) {
        var pipeline = Objects.pipeline()
        pipeline.status = ForecastPipelineStatus()
        pipeline.status?.model = promoted.map(Objects.model)
        facts = ObservedService(service: service, pipeline: pipeline, pods: pods, options: Objects.options)
    }

    /// What the pods are told.
    var configuration: ServingConfiguration? { ServingFile.read(facts.configuration) }
    var status: ForecastServiceStatus? { facts.service.status }
    var ready: Condition? { status?.conditions?.condition(ConditionType.ready) }

    /// The pipeline promotes another version; the one before it stays known.
    mutating func promote(_ version: String) {
        let former = facts.pipeline?.status?.model
        facts.pipeline?.status?.previousModel = former
        facts.pipeline?.status?.model = Objects.model(version)
    }

    /// Carries out a write.
    mutating func carryOut(_ write: Write) {
        switch write {
        case .applyConfiguration(let map): facts.configuration = map
        case .applyNetwork(let network): facts.network = network
        case .applyAutoscaler(let autoscaler): facts.autoscaler = autoscaler
        case .applyBudget(let budget): facts.budget = budget
        case .deleteAutoscaler: facts.autoscaler = nil
        case .deleteBudget: facts.budget = nil
        case .keepReplicas(_, let count): keptReplicas = count
        case .applyDeployment(var deployment):
            let isChange = facts.deployment?.spec != deployment.spec
            deployment.metadata.uid = "deployment-uid"
            deployment.metadata.generation = (facts.deployment?.metadata.generation ?? 0) + (isChange ? 1 : 0)
            // A number that nobody owns any more goes back to its default.
            if deployment.spec?.replicas == nil { deployment.spec?.replicas = keptReplicas ?? 1 }
            facts.deployment = deployment
            rolledOut()
        case .annotatePod(let key, let annotations):
            for index in facts.pods.indices where facts.pods[index].key == key {
                facts.pods[index].metadata.annotations = annotations
            }
        case .createJob(var job):
            job.metadata.uid = "uid-\(job.metadata.name)"
            job.metadata.creationTimestamp = now
            if !facts.monitorJobs.contains(where: { $0.key == job.key }) { facts.monitorJobs.append(job) }
        case .deleteJob(let key, _): facts.monitorJobs.removeAll { $0.key == key }
        default: Issue.record("\(write)")
        }
    }

    /// The Deployment's controller has done its work; of the pods those take requests that are ready.
    mutating func rolledOut() {
        let ready = Int32(facts.pods.count(where: \.isReady))
        let replicas = Int32(facts.pods.count)
        let generation = facts.deployment?.metadata.generation
        facts.deployment?.status = DeploymentStatus(
            observedGeneration: generation,
            replicas: replicas,
            updatedReplicas: replicas,
            readyReplicas: ready,
            availableReplicas: ready
        )
    }

    /// All pods, or those of these names, take up what they are told, and are asked.
    mutating func takeUp(_ names: Set<String>? = nil) {
        guard let configuration else { return }
        for pod in facts.pods where names?.contains(pod.metadata.name) ?? true {
            answer(pod.metadata.name, Objects.report(configuration))
        }
    }

    /// A pod has said this.
    mutating func answer(_ pod: String, _ report: ServingReport) {
        facts.answers[pod] = PodAnswer(report: report, reportTime: now, changeTime: now)
    }

    /// Requests that a version has answered in each pod since it took up what it is told.
    mutating func traffic(_ version: String, requests: Int, failures: Int = 0, bucket: Int = 2) {
        for name in facts.answers.keys {
            guard let versions = facts.answers[name]?.report?.versions else { continue }
            for index in versions.indices where versions[index].version == version {
                var traffic = ServingReport.Traffic(requests: requests, failures: failures)
                traffic.latency[bucket] = requests
                facts.answers[name]?.report?.versions[index].traffic = traffic
            }
        }
    }

    /// One look at the service: the writes, or the status where there are none. Gives back the plan.
    @discardableResult
    mutating func step() throws -> Plan<ForecastServiceStatus> {
        let plan = try facts.decide(now: now)
        for write in plan.writes { carryOut(write) }
        if plan.writes.isEmpty, let status = plan.status {
            facts.service.status = status
            told += plan.statusEvents.map(\.reason)
        }
        return plan
    }

    /// Looks again and again until there is nothing to do, with pods that take up at once what they are told.
    mutating func settle(takingUp: Bool = true) throws {
        for _ in 0..<20 {
            let plan = try step()
            if takingUp, !plan.writes.isEmpty { takeUp() }
            if plan.writes.isEmpty, plan.status == nil { return }
        }
        Issue.record("the service does not come to rest: \(status as Any)")
    }
}
