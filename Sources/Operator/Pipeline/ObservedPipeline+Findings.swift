// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore
import Scheduling

/// What a service says of the version that its pipeline has promoted.
private struct Finding {
    var service: String
    var time: Date
    var trigger: RunTrigger
    var message: String
}

extension ObservedPipeline {
    /// Starts a run where a service says that the promoted version is not what it was: once for each finding, and never
    /// sooner after the latest run's start than `spec.retrain.cooldownSeconds`.
    func followFindings(
        _ status: inout ForecastPipelineStatus?,
        _ result: inout Plan<ForecastPipelineStatus>,
        _ now: Date
    ) {
        guard let rule = pipeline.spec.retrain else {
            status?.retrain = nil
            return
        }
        guard let version = status?.model?.version, let finding = finding(rule, version) else { return }
        let name = Naming.run(pipeline: pipeline.metadata.name, findingTime: finding.time)
        if runs.contains(where: { $0.metadata.name == name }) {
            // Made by a look whose status was not written.
            status?.retrain = noted(finding, name)
            return
        }
        guard pipeline.spec.suspend != true, !result.writes.contains(where: { $0.createdRun != nil }) else { return }
        let cooldown = Double(rule.cooldownSeconds ?? RetrainSpec.defaultCooldownSeconds)
        let left = latestStart(status).map { cooldown - now.timeIntervalSince($0) } ?? 0
        guard left <= 0 else {
            result.lookAgain(after: left)
            return
        }
        guard makeWay(for: name, &result) else { return }
        let run = makeRun(name, finding.trigger)
        result.writes.append(.createRun(run))
        var event = started(run)
        event.message += ": service \(finding.service) says \(finding.message)"
        result.events.append(event)
    }

    /// What starts a run: the first such statement about that version which is newer than the one that was acted on last.
    private func finding(_ rule: RetrainSpec, _ version: String) -> Finding? {
        for service in servingServices.sorted(by: { $0.metadata.name < $1.metadata.name })
        where service.metadata.deletionTimestamp == nil && service.spec.monitoring != nil {
            guard let accuracy = service.status?.accuracy, accuracy.version == version,
                accuracy.time > pipeline.status?.retrain?.time ?? .distantPast
            else { continue }
            let choices: [(Bool?, String, Reason, RunTrigger)] = [
                (rule.onAccuracyLoss, ConditionType.forecastAccurate, .accuracyLost, .accuracy),
                (rule.onDrift, ConditionType.inputsStable, .inputsDrifted, .drift),
            ]
            for (isWanted, type, reason, trigger) in choices where isWanted == true {
                guard let condition = service.status?.conditions?.condition(type), condition.status == .no,
                    condition.reason == reason.rawValue
                else { continue }
                return Finding(
                    service: service.metadata.name,
                    time: accuracy.time,
                    trigger: trigger,
                    message: condition.message
                )
            }
        }
        return nil
    }

    private func noted(_ finding: Finding, _ run: String) -> RetrainStatus {
        RetrainStatus(
            service: finding.service,
            time: finding.time,
            trigger: finding.trigger,
            run: run,
            message: finding.message
        )
    }

    /// When the latest run started, also one that is gone.
    private func latestStart(_ status: ForecastPipelineStatus?) -> Date? {
        let known = [status?.lastRun?.startTime, pipeline.status?.lastRun?.startTime]
        return (known.compactMap(\.self) + runs.compactMap(\.metadata.creationTimestamp)).max()
    }

    /// Whether a run may start beside those that are active: as at an instant of the schedule.
    private func makeWay(for name: String, _ result: inout Plan<ForecastPipelineStatus>) -> Bool {
        let active = runs.filter { $0.status?.isFinished != true && $0.metadata.deletionTimestamp == nil }
        switch pipeline.spec.schedule?.concurrencyPolicy ?? .forbid {
        case .allow: return true
        case .forbid: return active.isEmpty
        case .replace:
            for run in active {
                result.writes.append(.deleteRun(run.key, uid: run.metadata.uid))
                let message = "run \(run.metadata.name) gives way to \(name)"
                result.events.append(
                    EventNote(isWarning: true, reason: Reason.replaced.rawValue, action: "DeleteRun", message: message)
                )
            }
            return true
        }
    }
}
