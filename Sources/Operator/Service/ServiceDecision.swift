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
            return settle(Summary(.no, .invalidSpec, text, isStalled: true), now: now)
        }
        if let conflict {
            // The other object is not watched, so its end is found by looking again.
            var plan = settle(Summary(.no, .nameConflict, conflict, isStalled: true), now: now)
            plan.requeueAfter = .seconds(30)
            return plan
        }
        let name = service.spec.model.pipelineRef.name
        guard let pipeline else {
            let text =
                "there is no ForecastPipeline \(name) in this namespace; create it or correct spec.model.pipelineRef"
            return settle(Summary(.no, .pipelineNotFound, text, isStalled: true), now: now)
        }
        guard let model = ServedVersion(service.spec, pipeline: pipeline) else {
            let text = "pipeline \(name) has not promoted a model yet; kubectl get fpipe \(name) says how far it is"
            return settle(Summary(.no, .noModel, text, isReconciling: true), now: now)
        }
        return try serve(model, now)
    }

    private func serve(_ model: ServedVersion, _ now: Date) throws -> Plan<ForecastServiceStatus> {
        let wantedDeployment = try wantedDeployment(model)
        let wantedNetwork = try Drift.stamped(ServingNetwork(service: service).build())
        let isUpToDate = try Drift.isUpToDate(deployment, with: wantedDeployment)
        let state = ServingState(self, version: model.version, isUpToDate: isUpToDate)
        var plan = settle(summary(state, model), state, version: model.version, now: now)
        if try !Drift.isUpToDate(network, with: wantedNetwork) { plan.writes.append(.applyNetwork(wantedNetwork)) }
        if !isUpToDate { plan.writes.append(.applyDeployment(wantedDeployment)) }
        return plan
    }

    /// The Deployment, with the worker image that it has as long as nothing else changes: another release of the operator
    /// restarts no pod that serves; the next version of the model brings its image.
    private func wantedDeployment(_ model: ServedVersion) throws -> Deployment {
        func build(_ options: OperatorOptions) throws -> Deployment {
            try Drift.stamped(ServingDeployment(service: service, model: model, options: options).build())
        }
        if let image = deployment?.spec?.template.spec.containers.first?.image, image != options.workerImage {
            var former = options
            former.workerImage = image
            let asItIs = try build(former)
            if try Drift.isUpToDate(deployment, with: asItIs) { return asItIs }
        }
        return try build(options)
    }

    private func summary(_ state: ServingState, _ model: ServedVersion) -> Summary {
        let version = model.version
        if state.isSettled, state.wanted == 0 {
            return Summary(.no, .scaledToZero, "spec.replicas is 0: nothing serves version \(version)")
        }
        if state.isSettled {
            let pods = state.wanted == 1 ? "1 pod answers" : "\(state.wanted) pods answer"
            return Summary(.yes, .serving, "\(pods) with version \(version)")
        }
        let stays = state.ready > state.readyWithVersion ? "; the pods of the version before it still answer" : ""
        if let failure = state.failure {
            let isStalled = failure.reason.needsSomebody
            return Summary(
                .no,
                failure.reason,
                failure.message + stays,
                isReconciling: !isStalled,
                isStalled: isStalled
            )
        }
        let progress = "\(state.readyWithVersion) of \(state.wanted) pods answer with version \(version)"
        return Summary(.no, .rollingOut, progress + stays, isReconciling: true)
    }

    /// What `Ready` says, and which of the other conditions follows from it.
    private struct Summary {
        var ready: Condition.Status
        var reason: Reason
        var message: String
        var isReconciling: Bool
        var isStalled: Bool

        init(
            _ ready: Condition.Status,
            _ reason: Reason,
            _ message: String,
            isReconciling: Bool = false,
            isStalled: Bool = false
        ) {
            self.ready = ready
            self.reason = reason
            self.message = message
            self.isReconciling = isReconciling
            self.isStalled = isStalled
        }
    }

    private func settle(
        _ summary: Summary,
        _ known: ServingState? = nil,
        version: String? = nil,
        now: Date
    ) -> Plan<ForecastServiceStatus> {
        let state = known ?? ServingState(self, version: nil, isUpToDate: true)
        var status = service.status ?? ForecastServiceStatus()
        status.observedGeneration = service.metadata.generation
        status.url = network == nil ? nil : ServingNetwork(service: service).url
        status.replicas = state.replicas
        status.readyReplicas = state.ready
        status.selector = LabelSelector(matchLabels: ServingDeployment.selector(service)).query
        // While old and new pods answer side by side, the old version stays the stable one.
        if let common = state.commonVersion { status.stable = common }
        if state.ready == 0 { status.stable = nil }
        status.updating = version == nil || state.isSettled ? nil : version
        status.conditions = conditions(summary, state, version, now)
        var plan = Plan<ForecastServiceStatus>()
        guard status != service.status else { return plan }
        plan.status = status
        let before = service.status?.conditions?.condition(ConditionType.ready)
        if before?.reason != summary.reason.rawValue {
            let calm: [Reason] = [.serving, .rollingOut, .noModel, .scaledToZero]
            let isWarning = !calm.contains(summary.reason)
            let note = EventNote(
                isWarning: isWarning,
                reason: summary.reason.rawValue,
                action: "Summarize",
                message: summary.message
            )
            plan.statusEvents.append(note)
        }
        return plan
    }

    private func conditions(
        _ summary: Summary,
        _ state: ServingState,
        _ version: String?,
        _ now: Date
    ) -> [Condition] {
        var conditions = service.status?.conditions ?? []
        func put(_ type: String, _ holds: Bool, _ reason: String, _ message: String) {
            let generation = service.metadata.generation
            conditions.set(
                Condition(type, holds ? .yes : .no, reason: reason, message: message, observedGeneration: generation),
                now: now
            )
        }
        let (reason, message) = (summary.reason.rawValue, summary.message)
        put(ConditionType.ready, summary.ready == .yes, reason, message)
        put(
            ConditionType.available,
            state.ready > 0,
            state.ready > 0 ? "PodsReady" : reason,
            state.ready > 0 ? "\(state.ready) of \(state.replicas) pods answer" : message
        )
        let isLoaded = state.wanted > 0 && state.readyWithVersion >= state.wanted
        put(
            ConditionType.modelLoaded,
            isLoaded,
            isLoaded ? "Loaded" : reason,
            isLoaded ? "version \(version ?? "") is loaded in \(state.readyWithVersion) pods" : message
        )
        put(ConditionType.reconciling, summary.isReconciling, reason, message)
        put(ConditionType.stalled, summary.isStalled, reason, message)
        return conditions
    }
}

extension Reason {
    /// Whether pods stay as they are until somebody acts; Kubernetes goes on trying the others by itself.
    fileprivate var needsSomebody: Bool {
        switch self {
        case .artifactNotFound, .artifactDigestMismatch, .oomKilled, .containerConfigError: true
        default: false
        }
    }
}
