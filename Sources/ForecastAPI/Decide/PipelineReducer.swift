// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import KubeCore

/// Folds the latest run into its pipeline's status. Pure: the operator and `almanac run` share it.
package enum PipelineReducer {
    /// How many versions a message names.
    private static let mostNames = 20

    /// The status after a look at the run that was started last.
    ///
    /// A run whose gate promotes it moves `model`, and so does `spec.promote`, which goes before every gate; anything
    /// else leaves the promoted version as it is.
    ///
    /// - Parameter kept: versions that `spec.promote` may name too, beside those that the status lists.
    package static func status(
        of pipeline: ForecastPipeline,
        run: ForecastRun,
        kept: [ModelStatus] = [],
        now: Date
    ) -> ForecastPipelineStatus {
        var pipeline = pipeline
        pipeline.status = pipeline.status.map { held($0, by: pipeline, kept: kept, now: now) }
        return held(fold(run, into: pipeline, now), by: pipeline, kept: kept, now: now)
    }

    private static func fold(_ run: ForecastRun, into pipeline: ForecastPipeline, _ now: Date) -> ForecastPipelineStatus
    {
        var status = pipeline.status ?? ForecastPipelineStatus()
        status.observedGeneration = pipeline.metadata.generation
        guard let runStatus = run.status else {
            note(run, outcome: nil, in: &status)
            set(.running("run \(run.metadata.name) waits to be taken up"), pipeline, &status, now)
            return status
        }
        status.metrics = runStatus.metrics ?? status.metrics
        status.gate = runStatus.gate ?? status.gate
        takeDataConditions(of: run, pipeline, &status, now)
        let succeeded = runStatus.conditions?.condition(ConditionType.succeeded)
        let message = succeeded?.message ?? "no message"
        let reason = succeeded?.reason ?? Reason.running.rawValue
        switch succeeded?.status ?? .unknown {
        case .unknown:
            note(run, outcome: nil, in: &status)
            let progress = "run \(run.metadata.name): \(message)"
            set(
                reason == Reason.running.rawValue ? .running(progress) : .held(reason, progress),
                pipeline,
                &status,
                now
            )
        case .no where reason == Reason.cancelled.rawValue:
            note(run, outcome: .cancelled, in: &status)
            set(.cancelled("run \(run.metadata.name): \(message)"), pipeline, &status, now)
        case .no where reason == Reason.skipped.rawValue:
            note(run, outcome: .skipped, in: &status)
            set(.stands(reason, "run \(run.metadata.name): \(message)"), pipeline, &status, now)
        case .no:
            note(run, outcome: .failed, in: &status)
            set(.failed(reason, "run \(run.metadata.name): \(message)"), pipeline, &status, now)
        case .yes:
            settle(runStatus, of: run, pipeline, &status, now)
        }
        return status
    }

    /// The status of a pipeline whose latest run was deleted before it ended.
    package static func deleted(
        _ run: LastRunStatus,
        of pipeline: ForecastPipeline,
        now: Date
    ) -> ForecastPipelineStatus {
        var status = pipeline.status ?? ForecastPipelineStatus()
        status.observedGeneration = pipeline.metadata.generation
        status.lastRun?.outcome = .cancelled
        status.lastRun?.completionTime = now
        set(.cancelled("run \(run.name) was deleted before it ended"), pipeline, &status, now)
        return status
    }

    /// Takes over what the latest run found out about the data; what it was not asked for is dropped.
    private static func takeDataConditions(
        of run: ForecastRun,
        _ pipeline: ForecastPipeline,
        _ status: inout ForecastPipelineStatus,
        _ now: Date
    ) {
        let types = [ConditionType.dataFresh, ConditionType.dataValid]
        let found = types.compactMap { run.status?.conditions?.condition($0) }
        guard !found.isEmpty || run.template?.dataChecks == nil else { return }
        var conditions = status.conditions ?? []
        conditions.removeAll { old in types.contains(old.type) && !found.contains { $0.type == old.type } }
        for var condition in found {
            condition.observedGeneration = pipeline.metadata.generation
            conditions.set(condition, now: now)
        }
        status.conditions = conditions
    }

    /// The status of a pipeline whose specification contradicts itself.
    package static func invalid(
        _ pipeline: ForecastPipeline,
        problems: [SpecProblem],
        now: Date
    ) -> ForecastPipelineStatus {
        var status = pipeline.status ?? ForecastPipelineStatus()
        status.observedGeneration = pipeline.metadata.generation
        // No schedule is followed until this is mended.
        status.schedule?.nextScheduleTime = nil
        let text = problems.map(\.description).joined(separator: "; ")
        set(.failed(Reason.invalidSpec.rawValue, text), pipeline, &status, now)
        return status
    }

    /// The status of a pipeline that waits for something that is not its run.
    package static func held(
        _ pipeline: ForecastPipeline,
        reason: Reason,
        message: String,
        now: Date
    ) -> ForecastPipelineStatus {
        var status = pipeline.status ?? ForecastPipelineStatus()
        status.observedGeneration = pipeline.metadata.generation
        set(.held(reason.rawValue, message), pipeline, &status, now)
        return status
    }

    /// The status with the version that `spec.promote` names as the promoted one.
    ///
    /// - Parameter kept: versions that it may name too, beside those that the status lists.
    package static func held(
        _ status: ForecastPipelineStatus,
        by pipeline: ForecastPipeline,
        kept: [ModelStatus] = [],
        now: Date
    ) -> ForecastPipelineStatus {
        guard let wanted = pipeline.spec.promote, status.model?.version != wanted else { return status }
        var status = status
        status.observedGeneration = pipeline.metadata.generation
        let listed = status.versions ?? []
        let previous = status.previousModel.map { [$0] } ?? []
        if let version = (listed + previous + kept).first(where: { $0.version == wanted }) {
            status.model = version
            // Listed from now on, so that one can come back to it when its run is gone.
            remember(version, of: pipeline, in: &status)
            let text = "version \(wanted) is promoted, as spec.promote says"
            set(.stands(Reason.versionHeld.rawValue, text), pipeline, &status, now)
        } else {
            let known = Set((listed + previous + kept).map(\.version)).sorted(by: >)
            let names = known.prefix(mostNames).joined(separator: ", ")
            let more = known.count > mostNames ? " and \(known.count - mostNames) older ones" : ""
            let choice = known.isEmpty ? "there is none yet" : "there are \(names)\(more)"
            let text = "spec.promote: there is no version \(wanted); \(choice)"
            set(.failed(Reason.versionNotFound.rawValue, text), pipeline, &status, now)
        }
        return status
    }

    private enum Summary {
        case running(String)
        case held(String, String)
        case failed(String, String)
        case cancelled(String)
        case promoted(String, String)
        /// The promoted version, if there is one, is what it should be; the rest is up to somebody.
        case stands(String, String)
    }

    private static func settle(
        _ runStatus: ForecastRunStatus,
        of run: ForecastRun,
        _ pipeline: ForecastPipeline,
        _ status: inout ForecastPipelineStatus,
        _ now: Date
    ) {
        guard let gate = runStatus.gate, let model = runStatus.model else {
            note(run, outcome: .failed, in: &status)
            let text = "run \(run.metadata.name) ended without a model; see its Jobs' logs"
            set(.failed(Reason.workerFailed.rawValue, text), pipeline, &status, now)
            return
        }
        var version = model
        version.place(in: run.template?.store, of: pipeline.metadata.name)
        remember(version, of: pipeline, in: &status)
        let held = pipeline.spec.promote
        guard held == version.version || (held == nil && gate.promotes) else {
            refuse(version, gate, of: run, pipeline, &status, now)
            return
        }
        note(run, outcome: .promoted, in: &status)
        status.model = version
        if held != nil {
            let text = "version \(version.version) is promoted, as spec.promote says; \(gate.message)"
            set(.promoted(Reason.versionHeld.rawValue, text), pipeline, &status, now)
        } else if gate.outcome == .passed {
            set(.promoted(Reason.gatePassed.rawValue, gate.message), pipeline, &status, now)
        } else {
            let text = "gate.mode is DryRun, so the version is promoted although \(gate.message)"
            set(.promoted(Reason.gateDryRun.rawValue, text), pipeline, &status, now)
        }
    }

    /// A version that is not promoted by its run: because of its gate, or because `spec.promote` says which one is.
    private static func refuse(
        _ version: ModelStatus,
        _ gate: GateStatus,
        of run: ForecastRun,
        _ pipeline: ForecastPipeline,
        _ status: inout ForecastPipelineStatus,
        _ now: Date
    ) {
        let stays = status.model.map { "; version \($0.version) stays" } ?? "; no version has been promoted yet"
        if gate.outcome == .passed || gate.promotes {
            note(run, outcome: .awaitingPromotion, in: &status)
            let advice = "set spec.promote to \(version.version)"
            let text =
                pipeline.spec.promote == nil
                ? "\(gate.message)\(stays); gate.mode is Manual: \(advice) to promote it"
                : "\(gate.message)\(stays), as spec.promote says; \(advice) or remove it to go on"
            let reason: Reason = pipeline.spec.promote == nil ? .awaitingPromotion : .versionHeld
            set(.stands(reason.rawValue, text), pipeline, &status, now)
            return
        }
        note(run, outcome: .gateFailed, in: &status)
        let reason: Reason =
            switch gate.outcome {
            case .inconclusive: .gateInconclusive
            case .error: .gateError
            case .passed, .failed: .gateFailed
            }
        set(.failed(reason.rawValue, gate.message + stays), pipeline, &status, now)
    }

    /// Lists a version among those that can be promoted, which are those that stay in the store: as many as
    /// `history.keepVersions` beside the latest, the promoted one and the one before it.
    private static func remember(
        _ version: ModelStatus,
        of pipeline: ForecastPipeline,
        in status: inout ForecastPipelineStatus
    ) {
        var versions = (status.versions ?? []).filter { $0.version != version.version }
        versions.append(version)
        versions.sort { $0.version > $1.version }
        let kept = (pipeline.spec.history?.keepVersions ?? HistorySpec.defaultKeepVersions) + 1
        let promoted = [status.model?.version, status.previousModel?.version]
        let newest = Set(
            versions.prefix(min(kept, ForecastPipelineStatus.maximumVersions - promoted.count)).map(\.version)
        )
        status.versions = versions.filter { newest.contains($0.version) || promoted.contains($0.version) }
    }

    private static func note(_ run: ForecastRun, outcome: RunOutcome?, in status: inout ForecastPipelineStatus) {
        status.lastRun = LastRunStatus(
            name: run.metadata.name,
            trigger: run.spec.trigger,
            startTime: run.metadata.creationTimestamp,
            completionTime: run.status?.completionTime,
            outcome: outcome
        )
    }

    /// `Ready` says whether there is a promoted model and the latest run raised no objection. While a run goes on, Ready
    /// stays as it was, so that watching for True means what it says.
    private static func set(
        _ summary: Summary,
        _ pipeline: ForecastPipeline,
        _ status: inout ForecastPipelineStatus,
        _ now: Date
    ) {
        let wasReady = status.conditions?.holds(ConditionType.ready) ?? false
        let ready: (Condition.Status, String, String)
        var isReconciling = false
        var isStalled = false
        switch summary {
        case .running(let message):
            ready = (wasReady ? .yes : .no, Reason.running.rawValue, message)
            isReconciling = true
        case .held(let reason, let message):
            ready = (wasReady ? .yes : .no, reason, message)
            isReconciling = true
        case .failed(let reason, let message):
            ready = (.no, reason, message)
            isStalled = true
        case .cancelled(let message):
            // Ending a run is no objection to the version that is promoted.
            ready = (wasReady ? .yes : .no, Reason.cancelled.rawValue, message)
        case .promoted(let reason, let message):
            ready = (.yes, reason, message)
        case .stands(let reason, let message):
            ready = (status.model == nil ? .no : .yes, reason, message)
        }
        var conditions = status.conditions ?? []
        func put(_ type: String, _ value: Condition.Status) {
            conditions.set(
                Condition(
                    type,
                    value,
                    reason: ready.1,
                    message: ready.2,
                    observedGeneration: pipeline.metadata.generation
                ),
                now: now
            )
        }
        put(ConditionType.ready, ready.0)
        put(ConditionType.reconciling, isReconciling ? .yes : .no)
        put(ConditionType.stalled, isStalled ? .yes : .no)
        status.conditions = conditions
    }
}
