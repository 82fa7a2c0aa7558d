// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

extension ObservedRun {
    /// Takes up a run that somebody made from another one: finds out, once, what it runs.
    ///
    /// The template goes into the status, not into the specification, which stays as its author wrote it, and not into
    /// an annotation, which anybody could change. From then on the run needs neither `fromRun` nor `overrides`.
    func takeUpClone(_ now: Date) throws -> Plan<ForecastRunStatus> {
        let problems = run.problems()
        guard problems.isEmpty else { return refused(problems, now) }
        let name = run.spec.fromRun ?? ""
        guard let pipeline, pipeline.metadata.deletionTimestamp == nil else {
            let message = "spec.pipelineRef: there is no ForecastPipeline \(run.spec.pipelineRef.name)"
            return final(.pipelineNotFound, message, now)
        }
        guard let origin else {
            let advice = "kubectl get frun -l \(Naming.pipelineLabel)=\(pipeline.metadata.name) lists those that are"
            return final(.runNotFound, "spec.fromRun: there is no ForecastRun \(name); \(advice)", now)
        }
        guard origin.spec.pipelineRef == run.spec.pipelineRef else {
            let message = "spec.fromRun: run \(name) is of pipeline \(origin.spec.pipelineRef.name)"
            return final(.runNotFound, "\(message); name that one in spec.pipelineRef", now)
        }
        guard let template = origin.template else { return wait(for: origin, now) }
        switch try (run.spec.overrides ?? TemplateOverrides(.object([:]))).applied(to: template, zones: options.zones) {
        case .problems(let problems): return refused(problems, now)
        case .template(let resolved): return takenUp(resolved, pipeline, now)
        }
    }

    private func takenUp(
        _ template: ForecastPipelineSpec,
        _ pipeline: ForecastPipeline,
        _ now: Date
    ) -> Plan<ForecastRunStatus> {
        guard run.metadata.controller != nil else {
            return Plan(writes: [.adoptRun(run, by: pipeline)])
        }
        var status = run.status ?? ForecastRunStatus()
        status.observedGeneration = run.metadata.generation
        status.startTime = status.startTime ?? now
        status.template = template
        status.summarize(.unknown, .running, "taken up from run \(run.spec.fromRun ?? "")", now)
        return Plan(status: status)
    }

    /// A clone of a clone that was made just before it.
    private func wait(for origin: ForecastRun, _ now: Date) -> Plan<ForecastRunStatus> {
        guard origin.status?.isFinished != true else {
            let message = "spec.fromRun: run \(origin.metadata.name) was refused, so there is nothing to repeat"
            return final(.runNotFound, message, now)
        }
        return Plan(requeueAfter: .seconds(2))
    }
}
