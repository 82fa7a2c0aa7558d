// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation
import KubeCore

/// Folds the latest run into its pipeline's status. Pure: the operator and `almanac run` share it.
package enum PipelineReducer {
    /// The status after a look at the run that was started last.
    ///
    /// A run that passed its gate moves `model`; any other leaves the promoted version as it is.
    package static func status(
        of pipeline: ForecastPipeline,
        run: ForecastRun,
        now: Date
    ) -> ForecastPipelineStatus {
        var status = pipeline.status ?? ForecastPipelineStatus()
        status.observedGeneration = pipeline.metadata.generation
        guard let runStatus = run.status else {
            note(run, outcome: nil, in: &status)
            set(.running("run \(run.metadata.name) waits to be taken up"), pipeline, &status, now)
            return status
        }
        status.metrics = runStatus.metrics ?? status.metrics
        status.gate = runStatus.gate ?? status.gate
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

    /// The status of a pipeline whose specification contradicts itself.
    package static func invalid(
        _ pipeline: ForecastPipeline,
        problems: [SpecProblem],
        now: Date
    ) -> ForecastPipelineStatus {
        var status = pipeline.status ?? ForecastPipelineStatus()
        status.observedGeneration = pipeline.metadata.generation
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

    private enum Summary {
        case running(String)
        case held(String, String)
        case failed(String, String)
        case cancelled(String)
        case promoted(String)
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
        guard gate.outcome == .passed else {
            note(run, outcome: .gateFailed, in: &status)
            let stays = status.model.map { "; version \($0.version) stays" } ?? "; no version has been promoted yet"
            set(.failed(Reason.gateFailed.rawValue, gate.message + stays), pipeline, &status, now)
            return
        }
        note(run, outcome: .promoted, in: &status)
        status.model = model
        status.model?.claimName = Naming.storeClaim(
            pipeline: pipeline.metadata.name,
            store: run.template?.store
        )
        set(.promoted(gate.message), pipeline, &status, now)
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
        case .promoted(let message):
            ready = (.yes, Reason.gatePassed.rawValue, message)
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
