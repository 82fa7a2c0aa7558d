// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// What `Ready` says, and which of the other conditions follows from it.
struct ServiceSummary {
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

    /// Whether the reason is told as a warning.
    var isWarning: Bool {
        let calm: [Reason] = [.serving, .rollingOut, .noModel, .scaledToZero, .canaryProgressing]
        return !calm.contains(reason)
    }
}

/// What a service that can be served is on its way to.
struct Pursuit {
    /// What is to be served.
    var goal: ServingGoal
    /// What becomes of the canary.
    var course: CanaryCourse
    /// What becomes of the comparisons of forecasts.
    var monitor: MonitorCourse

    init(_ goal: ServingGoal, _ course: CanaryCourse, _ monitor: MonitorCourse) {
        self.goal = goal
        self.course = course
        self.monitor = monitor
    }
}

extension ObservedService {
    /// The plan that writes nothing but the status, and tells what is new in it.
    ///
    /// - Parameters:
    ///   - known: What the pods say; nil where that is not looked at.
    ///   - pursuit: What is to be served; nil where nothing is.
    func settle(
        _ summary: ServiceSummary,
        _ known: ServingState? = nil,
        _ pursuit: Pursuit? = nil,
        now: Date
    ) -> Plan<ForecastServiceStatus> {
        let (goal, course) = (pursuit?.goal, pursuit?.course)
        let state = known ?? ServingState(self, nil, isUpToDate: true, now: now)
        var status = service.status ?? ForecastServiceStatus()
        status.observedGeneration = service.metadata.generation
        status.url = network == nil ? nil : ServingNetwork(service: service).url
        status.replicas = state.replicas
        status.readyReplicas = state.ready
        status.selector = LabelSelector(matchLabels: ServingDeployment.selector(service)).query
        // While pods answer with different versions, the old one stays the stable one.
        if let common = state.commonVersion { status.stable = common }
        if state.ready == 0 { status.stable = nil }
        status.updating = state.isSettled || goal?.stable.version == status.stable ? nil : goal?.stable.version
        if let course {
            status.canary = course.canary
            status.lastCanary = course.last
        }
        status.conditions = conditions(summary, state, goal?.stable.version, now)
        let findings = pursuit.map { note($0, state.memory, in: &status, now) } ?? []
        var plan = Plan<ForecastServiceStatus>()
        guard status != service.status else { return plan }
        plan.status = status
        plan.statusEvents = (course?.events ?? []) + findings
        let before = service.status?.conditions?.condition(ConditionType.ready)
        if before?.reason != summary.reason.rawValue, !(course?.hasTold ?? false) {
            let note = EventNote(
                isWarning: summary.isWarning,
                reason: summary.reason.rawValue,
                action: "Summarize",
                message: summary.message
            )
            plan.statusEvents.append(note)
        }
        return plan
    }

    private func conditions(
        _ summary: ServiceSummary,
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
        let isLoaded = state.wanted > 0 && state.serving >= state.wanted
        put(
            ConditionType.modelLoaded,
            isLoaded,
            isLoaded ? "Loaded" : reason,
            isLoaded ? "version \(version ?? "") is loaded in \(state.serving) pods" : message
        )
        put(ConditionType.reconciling, summary.isReconciling, reason, message)
        put(ConditionType.stalled, summary.isStalled, reason, message)
        return conditions
    }
}
