// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

extension ObservedPipeline: Observation {
    var subject: ForecastPipeline { pipeline }

    /// What is to be done about the pipeline now. Pure and total: the same facts and time always give the same plan.
    func decide(now: Date) throws -> Plan<ForecastPipelineStatus> {
        guard pipeline.metadata.deletionTimestamp == nil else { return Plan() }
        let problems = pipeline.problems(zones: options.zones) + pipeline.spec.clusterProblems()
        guard problems.isEmpty else {
            return settle(PipelineReducer.invalid(pipeline, problems: problems, now: now), Plan())
        }
        if let obstacle = nameConflict {
            var plan = settle(
                PipelineReducer.held(pipeline, reason: .nameConflict, message: obstacle, now: now),
                Plan()
            )
            // The other object may be one that is not watched, so its end is found by looking again.
            plan.requeueAfter = .seconds(30)
            return plan
        }
        var result = Plan<ForecastPipelineStatus>()
        // Before the run: its pods would write into a claim of that name that is somebody else's.
        if pipeline.spec.store?.persistentVolumeClaim == nil, pipeline.spec.store?.s3 == nil, claim == nil {
            result.writes.append(.createClaim(StoreClaim(pipeline: pipeline, options: options).build()))
        }
        var status = latestStatus(now)
        promoteEarlier(&status)
        try startRun(&status, &result, now)
        try followSchedule(&status, &result, now)
        followFindings(&status, &result, now)
        keepService(status?.model, &result)
        trimHistory(&result)
        return settle(status, result)
    }

    /// Where runs overlap, one that was started before the latest may pass its gate while the latest still runs.
    private func promoteEarlier(_ status: inout ForecastPipelineStatus?) {
        guard pipeline.spec.promote == nil else { return }
        let passed = runs.filter { $0.hasSucceeded && $0.status?.gate?.promotes == true }
        // By their own age: a run whose result is that of an earlier one has an earlier version, which a later version of
        // a run in between must not replace.
        guard let best = passed.max(by: { (age($0), $0.metadata.name) < (age($1), $1.metadata.name) }),
            version(best) > status?.model?.version ?? "", version(best) != pipeline.status?.previousModel?.version
        else {
            return
        }
        status?.model = best.status?.model
        status?.model?.place(in: best.template?.store, of: pipeline.metadata.name)
    }

    /// The status where there is no run to look at.
    private func heldStatus(_ now: Date) -> ForecastPipelineStatus? {
        guard pipeline.spec.promote != nil else { return pipeline.status }
        return PipelineReducer.held(
            pipeline.status ?? ForecastPipelineStatus(),
            by: pipeline,
            kept: keptVersions,
            now: now
        )
    }

    /// The versions of runs that are there, clones too: they stay in the store as long as their runs do.
    var keptVersions: [ModelStatus] {
        (runs + clones).filter(\.hasSucceeded).compactMap { run in
            var version = run.status?.model
            version?.place(in: run.template?.store, of: pipeline.metadata.name)
            return version
        }
    }

    private func version(_ run: ForecastRun) -> String { run.status?.model?.version ?? "" }

    /// What the latest run says. Where a later one was there before and was deleted, nothing is undone for that.
    private func latestStatus(_ now: Date) -> ForecastPipelineStatus? {
        guard let seen = pipeline.status?.lastRun else {
            return latestRun.map { PipelineReducer.status(of: pipeline, run: $0, kept: keptVersions, now: now) }
                ?? heldStatus(now)
        }
        if let latestRun, latestRun.metadata.name == seen.name || age(latestRun) >= seen.startTime ?? .distantPast {
            return PipelineReducer.status(of: pipeline, run: latestRun, kept: keptVersions, now: now)
        }
        return seen.outcome == nil ? PipelineReducer.deleted(seen, of: pipeline, now: now) : heldStatus(now)
    }

    private var latestRun: ForecastRun? {
        runs.max { (age($0), $0.metadata.name) < (age($1), $1.metadata.name) }
    }

    private func age(_ run: ForecastRun) -> Date { run.metadata.creationTimestamp ?? .distantFuture }

    /// A sentence about an object of a name that we need and somebody else has; nil when there is none.
    private var nameConflict: String? {
        let uid = pipeline.metadata.uid
        func taken(_ kind: String, _ meta: ObjectMeta?) -> String? {
            guard let meta, !meta.isControlled(by: uid) else { return nil }
            return "\(kind) \(meta.name) is there and not this pipeline's; rename one of them or delete it"
        }
        return conflict ?? taken("ForecastRun", runOfGeneration?.metadata)
            ?? taken("ForecastService", service?.metadata)
    }

    /// Starts a run where the template or the request is new, one at a time.
    private func startRun(
        _ status: inout ForecastPipelineStatus?,
        _ result: inout Plan<ForecastPipelineStatus>,
        _ now: Date
    ) throws {
        let template = try StableDigest.hex(of: pipeline.spec.template)
        let isNewTemplate = template != pipeline.status?.observedTemplate
        let isNewRequest =
            pipeline.spec.runRequest != nil && pipeline.spec.runRequest != pipeline.status?.observedRunRequest
        guard isNewTemplate || isNewRequest else { return }
        if pipeline.spec.suspend == true, runOfGeneration == nil {
            let message = "spec.suspend is true; a run starts when it is false"
            status = PipelineReducer.held(pipeline(with: status), reason: .suspended, message: message, now: now)
            return
        }
        if runOfGeneration == nil {
            let active = runs.filter { $0.status?.isFinished != true }
            for run in active where isHeld(run) {
                result.writes.append(.deleteRun(run.key, uid: run.metadata.uid))
                result.events.append(superseded(run))
            }
            guard active.allSatisfy(isHeld) else { return }
            let name = Naming.run(pipeline: pipeline.metadata.name, generation: pipeline.metadata.generation ?? 0)
            let run = makeRun(name, isNewTemplate ? .specChange : .runRequest)
            result.writes.append(.createRun(run))
            result.events.append(started(run))
            status = PipelineReducer.status(of: pipeline(with: status), run: run, kept: keptVersions, now: now)
        }
        status = status ?? ForecastPipelineStatus()
        status?.observedTemplate = template
        status?.observedRunRequest = pipeline.spec.runRequest
    }

    /// The pipeline as if that were its status.
    func pipeline(with status: ForecastPipelineStatus?) -> ForecastPipeline {
        var pipeline = pipeline
        pipeline.status = status
        return pipeline
    }

    /// Whether a run waits for something that a new specification may be the answer to, such as an image's name.
    private func isHeld(_ run: ForecastRun) -> Bool {
        let reason = run.status?.conditions?.condition(ConditionType.succeeded)?.reason
        let held: [Reason] = [.imagePullFailed, .unschedulable, .containerConfigError]
        return held.contains { $0.rawValue == reason }
    }

    /// A run of that name from the specification as it is.
    func makeRun(_ name: String, _ trigger: RunTrigger, scheduledTime: Date? = nil) -> ForecastRun {
        ForecastRun(
            metadata: ObjectMeta(
                name: name,
                namespace: pipeline.metadata.namespace,
                labels: Naming.labels(pipeline: pipeline.metadata.name, component: "run"),
                ownerReferences: pipeline.controllerReference.map { [$0] }
            ),
            spec: ForecastRunSpec(
                pipelineRef: NameReference(name: pipeline.metadata.name),
                trigger: trigger,
                scheduledTime: scheduledTime,
                template: pipeline.spec.template
            )
        )
    }

    /// Keeps up the service of the promoted version, and removes those of former names.
    private func keepService(_ model: ModelStatus?, _ result: inout Plan<ForecastPipelineStatus>) {
        for other in ownServices where other.metadata.name != pipeline.spec.service?.name {
            result.writes.append(.deleteService(other.key, uid: other.metadata.uid))
        }
        guard let wanted = pipeline.spec.service, model != nil else { return }
        let spec = ForecastServiceSpec(
            model: ServedModelSpec(
                pipelineRef: NameReference(name: pipeline.metadata.name),
                version: ServedModelSpec.latest
            ),
            replicas: wanted.replicas
        )
        // Where the pipeline names no number, `kubectl scale` and autoscalers own it.
        let isWide = spec.replicas == nil || service?.spec.replicas == spec.replicas
        // What a person adds beside these two, such as further versions, stays theirs.
        let follows =
            service?.spec.model.pipelineRef == spec.model.pipelineRef
            && service?.spec.model.version == spec.model.version
        guard !follows || !isWide else { return }
        result.writes.append(
            .applyService(
                ForecastService(
                    metadata: ObjectMeta(
                        name: wanted.name,
                        namespace: pipeline.metadata.namespace,
                        labels: Naming.labels(pipeline: pipeline.metadata.name, component: "service"),
                        ownerReferences: pipeline.controllerReference.map { [$0] }
                    ),
                    spec: spec
                )
            )
        )
    }

    /// Deletes the oldest finished runs beyond what `spec.history` keeps; the latest run always stays.
    private func trimHistory(_ result: inout Plan<ForecastPipelineStatus>) {
        let latest = latestRun?.metadata.name
        func surplus(_ outcome: Condition.Status, _ kept: Int) -> [ForecastRun] {
            let finished = runs.filter {
                $0.status?.conditions?.condition(ConditionType.succeeded)?.status == outcome
            }
            return finished.sorted { age($0) > age($1) }.dropFirst(kept).filter { $0.metadata.name != latest }
        }
        let history = pipeline.spec.history
        for run in surplus(.yes, history?.successfulRuns ?? 3) + surplus(.no, history?.failedRuns ?? 3)
        where run.metadata.deletionTimestamp == nil {
            result.writes.append(.deleteRun(run.key, uid: run.metadata.uid))
        }
    }

    private func settle(
        _ status: ForecastPipelineStatus?,
        _ plan: Plan<ForecastPipelineStatus>
    ) -> Plan<ForecastPipelineStatus> {
        var result = plan
        guard var status, status != pipeline.status else { return result }
        if let before = pipeline.status?.model, status.model?.version != before.version {
            status.previousModel = before
        }
        result.status = status
        if let version = status.model?.version, version != pipeline.status?.model?.version {
            result.statusEvents.append(promoted(version))
        }
        let before = pipeline.status?.conditions?.condition(ConditionType.ready)
        if let ready = status.conditions?.condition(ConditionType.ready), ready.reason != before?.reason,
            ready.reason != Reason.running.rawValue
        {
            let isWarning = ready.status != .yes
            let note = EventNote(
                isWarning: isWarning,
                reason: ready.reason,
                action: "Summarize",
                message: ready.message
            )
            result.statusEvents.append(note)
        }
        return result
    }

    /// What is told about a run that was made.
    func started(_ run: ForecastRun) -> EventNote {
        let message = "run \(run.metadata.name) started (\(run.spec.trigger.rawValue))"
        return EventNote(isWarning: false, reason: "RunStarted", action: "CreateRun", message: message)
    }

    private func promoted(_ version: String) -> EventNote {
        let before = pipeline.status?.model.map { ", and no longer \($0.version)" } ?? ""
        let message = "version \(version) is promoted\(before)"
        return EventNote(isWarning: false, reason: "VersionPromoted", action: "Promote", message: message)
    }

    private func superseded(_ run: ForecastRun) -> EventNote {
        let message = "run \(run.metadata.name) could not go on and gives way to a newer specification"
        return EventNote(isWarning: false, reason: Reason.superseded.rawValue, action: "DeleteRun", message: message)
    }
}
