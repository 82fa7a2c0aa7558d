// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeClient
import KubeCore
import KubeRuntime

/// Carries out plans. It has no opinions: what is written, and in what order, was decided before.
struct PlanExecutor: Sendable {
    let client: KubeClient
    let events: EventRecorder
    /// What the server has.
    let versions: ServerVersions
    /// Whether this process may write now; a former leader must not.
    let mayWrite: @Sendable () -> Bool

    /// Writes what the plan says and tells the events; the status only where there was nothing else to write.
    ///
    /// Whatever is written brings the object up again, and its status is decided anew then.
    ///
    /// Throws `OperatorError.nameTaken` where a child's name belongs to somebody else; nothing of theirs is changed.
    func carryOut<Subject: StatusObject>(
        _ plan: Plan<Subject.Status>,
        about subject: Subject,
        _ call: Reconciliation
    ) async throws {
        for write in plan.writes { try await perform(write, for: subject.metadata.uid, call) }
        tell(plan.events, about: subject)
        guard let status = plan.status, plan.writes.isEmpty else { return }
        var updated = subject
        updated.status = status
        try checkLeading()
        call.wrote(try await client.applyStatus(updated, fieldManager: Naming.fieldManager))
        tell(plan.statusEvents, about: subject)
    }

    private func tell(_ notes: [EventNote], about subject: some KubeObject) {
        for note in notes {
            events.record(
                note.isWarning ? .warning : .normal,
                about: subject,
                reason: note.reason,
                action: note.action,
                message: note.message
            )
        }
    }

    private func perform(_ write: Write, for owner: String?, _ call: Reconciliation) async throws {
        try checkLeading()
        switch write {
        case .createRun(let run): call.wrote(try await create(run, owner))
        case .createJob(let job): call.wrote(try await create(job, owner))
        case .createClaim(let claim): call.wrote(try await create(claim, owner))
        case .applyService(let service): call.wrote(try await apply(service, owner))
        case .applyConfiguration(let map): call.wrote(try await apply(map, owner))
        case .annotatePod(let key, let annotations): try await annotate(key, annotations, call)
        case .keepReplicas(let key, let count): call.wrote(try await keep(count, of: key))
        case .applyAutoscaler(let autoscaler): try await apply(autoscaler, owner, call)
        case .applyBudget(let budget): try await apply(budget, owner, call)
        case .deleteAutoscaler(let key, let uid):
            if versions.hasAutoscalingV2 {
                try await delete(HorizontalPodAutoscaler<V2>.self, key, uid, call)
            } else {
                try await delete(HorizontalPodAutoscaler<V2Beta2>.self, key, uid, call)
            }
        case .deleteBudget(let key, let uid):
            if versions.hasPolicyV1 {
                try await delete(PodDisruptionBudget<V1>.self, key, uid, call)
            } else {
                try await delete(PodDisruptionBudget<V1Beta1>.self, key, uid, call)
            }
        case .applyDeployment(let deployment): call.wrote(try await apply(deployment, owner))
        case .applyNetwork(let network): call.wrote(try await apply(network, owner))
        case .adoptRun(let run, let pipeline): call.wrote(try await adopt(run, pipeline))
        case .deleteJob(let key, let uid): try await delete(Job.self, key, uid, call)
        case .deleteRun(let key, let uid): try await delete(ForecastRun.self, key, uid, call)
        case .deleteService(let key, let uid): try await delete(ForecastService.self, key, uid, call)
        }
    }

    private func checkLeading() throws {
        guard mayWrite() else { throw OperatorError.notLeading }
    }

    /// Creates an object under its own name, so that a second attempt finds the first.
    private func create<Object: KubeObject>(_ object: Object, _ owner: String?) async throws -> Object {
        do {
            return try await client.create(object)
        } catch let error as KubeError where error.isAlreadyExists {
            return try await existing(object, owner)
        }
    }

    private func existing<Object: KubeObject>(_ object: Object, _ owner: String?) async throws -> Object {
        let name = object.metadata.name
        let found = try await client.get(Object.self, namespace: object.metadata.namespace, name: name)
        guard found.metadata.isControlled(by: owner) else {
            throw OperatorError.nameTaken(kind: Object.resource.kind, name: name)
        }
        return found
    }

    /// Applies an object that is not there or ours; applying would silently take over another one.
    private func apply<Object: KubeObject>(_ object: Object, _ owner: String?) async throws -> Object {
        do {
            _ = try await existing(object, owner)
        } catch let error as KubeError where error.isNotFound {
            // Nothing to take over.
        }
        return try await client.apply(object, fieldManager: Naming.fieldManager)
    }

    private func apply(_ autoscaler: HorizontalPodAutoscaler<V2>, _ owner: String?, _ call: Reconciliation) async throws
    {
        if versions.hasAutoscalingV2 {
            call.wrote(try await apply(autoscaler, owner))
        } else {
            call.wrote(try await apply(autoscaler.as(V2Beta2.self), owner))
        }
    }

    private func apply(_ budget: PodDisruptionBudget<V1>, _ owner: String?, _ call: Reconciliation) async throws {
        if versions.hasPolicyV1 {
            call.wrote(try await apply(budget, owner))
        } else {
            call.wrote(try await apply(budget.as(V1Beta1.self), owner))
        }
    }

    /// Under a manager of its own, which goes on owning the number when ours gives it up: a field that nobody owns any
    /// more goes back to its default, and so would the pods.
    private func keep(_ count: Int32, of key: ObjectKey) async throws -> DeploymentReplicas {
        try await client.apply(
            DeploymentReplicas(key, replicas: count),
            fieldManager: Naming.fieldManager + "-replicas"
        )
    }

    /// Applies owner and label under a manager of their own: on servers before 1.22 applies of the status, which do not
    /// have these fields, would count as giving them up.
    private func adopt(_ run: ForecastRun, _ pipeline: ForecastPipeline) async throws -> MetadataOnly<ForecastRun> {
        var child = MetadataOnly<ForecastRun>(
            metadata: ObjectMeta(
                name: run.metadata.name,
                namespace: run.metadata.namespace,
                labels: [Naming.pipelineLabel: pipeline.metadata.name]
            )
        )
        try child.setController(pipeline)
        return try await client.apply(child, fieldManager: Naming.fieldManager + "-adoption")
    }

    private func annotate(_ key: ObjectKey, _ annotations: [String: String], _ call: Reconciliation) async throws {
        do {
            call.wrote(try await client.annotate(Pod.self, key, annotations, fieldManager: Naming.fieldManager))
        } catch let error as KubeError where error.isNotFound {
            // Its place is taken by a pod that begins with what the annotation is about.
        }
    }

    private func delete<Object: KubeObject>(
        _ type: Object.Type,
        _ key: ObjectKey,
        _ uid: String?,
        _ call: Reconciliation
    ) async throws {
        do {
            try await client.delete(type, namespace: key.namespace, name: key.name, uid: uid)
            if let uid { call.deleted(Object.resource, key, uid: uid) }
        } catch let error as KubeError where error.isNotFound || error.isConflict {
            // Gone already, or another object of that name by now.
        }
    }
}
