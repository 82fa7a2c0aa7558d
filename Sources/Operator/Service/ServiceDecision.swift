// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

extension ObservedService: Observation {
    var subject: ForecastService { service }

    /// What is to be done about the service now. Pure and total: the same facts and time always give the same plan.
    func decide(now: Date) throws -> Plan<ForecastServiceStatus> {
        guard service.metadata.deletionTimestamp == nil else { return Plan() }
        let problems = service.spec.problems()
        guard problems.isEmpty else {
            let text = problems.map(\.description).joined(separator: "; ")
            return settle(ServiceSummary(.no, .invalidSpec, text, isStalled: true), now: now)
        }
        if let conflict {
            // The other object is not watched, so its end is found by looking again.
            var plan = settle(ServiceSummary(.no, .nameConflict, conflict, isStalled: true), now: now)
            plan.requeueAfter = .seconds(30)
            return plan
        }
        let name = service.spec.model.pipelineRef.name
        guard let pipeline else {
            let text =
                "there is no ForecastPipeline \(name) in this namespace; create it or correct spec.model.pipelineRef"
            return settle(ServiceSummary(.no, .pipelineNotFound, text, isStalled: true), now: now)
        }
        guard let wanted = ServedVersion(service.spec, pipeline: pipeline) else {
            let text = "pipeline \(name) has not promoted a model yet; kubectl get fpipe \(name) says how far it is"
            return settle(ServiceSummary(.no, .noModel, text, isReconciling: true), now: now)
        }
        let goal = ServingGoal(
            wanted,
            service: service,
            pipeline: pipeline,
            present: ServingFile.read(configuration),
            digest: try ServingGoal.digest(service.spec)
        )
        return try serve(goal, now)
    }

    private func serve(_ goal: ServingGoal, _ now: Date) throws -> Plan<ForecastServiceStatus> {
        let file = try ServingFile(service: service, goal: goal)
        let writes = try childWrites(goal, file)
        let state = ServingState(self, file.configuration, isUpToDate: writes.isEmpty, now: now)
        // An operator that has just started knows nothing of the pods yet; what the status says stays until it does.
        if state.isUnknown, service.status?.observedGeneration == service.metadata.generation {
            var plan = Plan<ForecastServiceStatus>()
            plan.writes = writes
            plan.lookAgain(after: PodAnswer.patience)
            return plan
        }
        let monitor = try monitorCourse(goal, now)
        let course = try canaryCourse(goal, file.configuration, state, monitor.canary, now)
        var plan = settle(summary(state, goal, course), state, Pursuit(goal, course, monitor), now: now)
        plan.writes = writes
        if writes.isEmpty { refreshPods(file.configuration, now, &plan) }
        plan.writes += monitor.writes
        for wait in [course.wait, monitor.wait].compactMap(\.self) { plan.lookAgain(after: wait) }
        return plan
    }

    /// The children that have to be written, what others need first.
    private func childWrites(_ goal: ServingGoal, _ file: ServingFile) throws -> [Write] {
        var writes: [Write] = []
        let map = try Drift.stamped(file.build())
        if try !Drift.isUpToDate(configuration, with: map) { writes.append(.applyConfiguration(map)) }
        let network = try Drift.stamped(ServingNetwork(service: service).build())
        if try !Drift.isUpToDate(self.network, with: network) { writes.append(.applyNetwork(network)) }
        // An autoscaler goes before the Deployment gets a number of its own, and comes after it has given it up.
        let scale = ServingScale(service: service)
        let wantedScaler: HorizontalPodAutoscaler<V2>? = try scale.autoscaler().map(Drift.stamped)
        if wantedScaler == nil, let autoscaler {
            writes.append(.deleteAutoscaler(autoscaler.key, uid: autoscaler.metadata.uid))
        }
        writes += try deploymentWrites(goal)
        if let wantedScaler, try !Drift.isUpToDate(autoscaler, with: wantedScaler) {
            writes.append(.applyAutoscaler(wantedScaler))
        }
        return try writes + budgetWrites(scale)
    }

    private func deploymentWrites(_ goal: ServingGoal) throws -> [Write] {
        let wanted = try wantedDeployment(goal)
        guard try !Drift.isUpToDate(deployment, with: wanted) else { return [] }
        let isHandedOver = deployment?.metadata.annotations?[Naming.replicasAnnotation] == ServingScale.byAutoscaler
        guard wanted.spec?.replicas == nil, !isHandedOver, let deployment, let count = deployment.spec?.replicas else {
            return [.applyDeployment(wanted)]
        }
        return [.keepReplicas(deployment.key, count), .applyDeployment(wanted)]
    }

    private func budgetWrites(_ scale: ServingScale) throws -> [Write] {
        let wanted: PodDisruptionBudget<V1>? = try scale.budget().map(Drift.stamped)
        guard let wanted else { return budget.map { [Write.deleteBudget($0.key, uid: $0.metadata.uid)] } ?? [] }
        return try Drift.isUpToDate(budget, with: wanted) ? [] : [.applyBudget(wanted)]
    }

    /// The Deployment, with the worker image that it has as long as its pods and the wanted version stay what they are:
    /// another release of the operator restarts no pod that serves; the next version of the model brings its image.
    private func wantedDeployment(_ goal: ServingGoal) throws -> Deployment {
        func build(_ options: OperatorOptions) throws -> Deployment {
            try Drift.stamped(ServingDeployment(service: service, goal: goal, options: options).build())
        }
        if let image = deployment?.spec?.template.spec.containers.first?.image, image != options.workerImage {
            var former = options
            former.workerImage = image
            let asItIs = try build(former)
            let annotation = Naming.podTemplateAnnotation
            if deployment?.metadata.annotations?[annotation] == asItIs.metadata.annotations?[annotation] {
                return asItIs
            }
        }
        return try build(options)
    }

    private func summary(_ state: ServingState, _ goal: ServingGoal, _ course: CanaryCourse) -> ServiceSummary {
        let version = goal.stable.version
        if state.wanted == 0, state.replicas == 0 {
            return ServiceSummary(.no, .scaledToZero, "spec.replicas is 0: nothing serves version \(version)")
        }
        if state.isSettled {
            let pods = state.wanted == 1 ? "1 pod answers" : "\(state.wanted) pods answer"
            let text = "\(pods) with version \(version)"
            if let access = state.access {
                return ServiceSummary(
                    access.keepsClientsOut ? .no : .yes,
                    access.reason,
                    "\(text); \(access.message)",
                    isReconciling: course.isUnderWay
                )
            }
            guard let news = course.news else { return ServiceSummary(.yes, .serving, text) }
            return ServiceSummary(.yes, news.reason, "\(text); \(news.message)", isReconciling: course.isUnderWay)
        }
        let former = service.status?.stable.flatMap { $0 == version || state.ready == 0 ? nil : $0 }
        let stays = former.map { "; version \($0) still answers" } ?? ""
        if let failure = state.failure ?? state.access?.failure {
            let isStalled = failure.reason.needsSomebody
            return ServiceSummary(
                .no,
                failure.reason,
                failure.message + stays,
                isReconciling: !isStalled,
                isStalled: isStalled
            )
        }
        let progress = "\(state.serving) of \(state.wanted) pods answer with version \(version)"
        let rest = state.takenUp < state.serving ? ", \(state.takenUp) of them as the specification says by now" : ""
        return ServiceSummary(.no, .rollingOut, progress + rest + stays, isReconciling: true)
    }
}

extension ServingReport.AccessProblem {
    /// The problem as a reason for which pods take no requests; nil where it is none.
    fileprivate var failure: StepFailure? {
        keepsClientsOut ? StepFailure(reason: reason, message: message) : nil
    }
}

extension Reason {
    /// Whether pods stay as they are until somebody acts; Kubernetes goes on trying the others by itself.
    fileprivate var needsSomebody: Bool {
        switch self {
        case .artifactNotFound, .artifactDigestMismatch, .oomKilled, .containerConfigError, .podNotReporting: true
        default: false
        }
    }
}
