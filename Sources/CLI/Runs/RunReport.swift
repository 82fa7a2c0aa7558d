// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

/// All that is known of one run, for a person.
struct RunReport {
    let run: ForecastRun
    let now: Date

    /// Facts by name, then the steps, then what went wrong on the way.
    var text: String {
        let facts = [identity, course, data, results].flatMap { $0 }
        var text = TextTable.text(facts)
        let steps = run.status?.steps ?? []
        let heading = ["STEP", "STATE", "ATTEMPTS", "TOOK", "JOB", "NOTE"]
        if !steps.isEmpty { text += "\n" + TextTable.text([heading] + steps.map(row)) }
        let failures = steps.flatMap(attempts)
        if !failures.isEmpty { text += "\nFailed attempts:\n" + failures.joined() }
        return text
    }

    private var identity: [[String]] {
        var facts = [["Run:", run.metadata.name], ["Namespace:", run.metadata.namespace ?? ""]]
        facts.append(["Pipeline:", run.spec.pipelineRef.name])
        let instant = run.spec.scheduledTime.map { " of \(KubeTime.format($0))" } ?? ""
        let origin = run.spec.fromRun.map { " of \($0)" } ?? ""
        facts.append(["Trigger:", run.spec.trigger.rawValue + instant + origin])
        if let overrides = run.spec.overrides {
            let changes = FlatFields.of(overrides.patch).map { "\($0.field)=\($0.value)" }
            facts.append(["Changed:", changes.joined(separator: ", ")])
        }
        return facts
    }

    private var course: [[String]] {
        var facts = [["State:", RunState(run).sentence]]
        if let made = run.metadata.creationTimestamp {
            facts.append(["Made:", "\(KubeTime.format(made)), \(Age.text(now.timeIntervalSince(made))) ago"])
        }
        if run.status?.startTime != nil {
            facts.append([run.status?.completionTime == nil ? "Going on for:" : "Took:", RunTable.took(run, now)])
        }
        return facts
    }

    private var data: [[String]] {
        guard let dataset = run.status?.dataset else { return [] }
        let span = "\(KubeTime.format(dataset.from)) to \(KubeTime.format(dataset.to))"
        return [["Data:", "\(dataset.amount), \(span)"], ["", dataset.digest]]
    }

    private var results: [[String]] {
        var facts: [[String]] = []
        if let training = run.status?.training {
            let end =
                training.stoppedEarly ? "stopped early after epoch \(training.epochs)" : "\(training.epochs) epochs"
            let loss = Significant.text(training.validationLoss ?? training.trainLoss)
            facts.append(["Training:", "\(end); epoch \(training.bestEpoch) is kept, loss \(loss)"])
        }
        if let metrics = run.status?.metrics {
            let values = MetricRow.all.compactMap { row in
                row.value(metrics).map { "\(row.name) \(Significant.text($0))" }
            }
            facts.append(["Metrics:", values.joined(separator: ", ") + ", over \(metrics.windows) windows"])
        }
        if let intervals = run.status?.metrics?.intervals {
            facts.append(["Intervals:", intervals.map(\.sentence).joined(separator: ", ")])
        }
        if let status = run.status { facts += SeriesSummary(status: status).worst }
        if let gate = run.status?.gate { facts.append(["Gate:", "\(gate.outcome.rawValue): \(gate.message)"]) }
        if let model = run.status?.model { facts.append(["Model:", "\(model.kind), version \(model.version)"]) }
        return facts
    }

    private func row(_ step: StepStatus) -> [String] {
        let end = step.completionTime ?? (step.state == .running ? now : nil)
        let took = step.startTime.flatMap { start in end.map { Age.text($0.timeIntervalSince(start)) } } ?? ""
        let progress = step.progress.map { "\(Int($0.fraction * 100)) %: \($0.message)" }
        let cached = step.cachedFrom.map { "result of \($0)" }
        let note = [step.reason, step.message ?? progress ?? cached].compactMap { $0 }.joined(separator: ": ")
        return [step.name, step.state.rawValue, String(step.attempts), took, step.job ?? "", note]
    }

    private func attempts(_ step: StepStatus) -> [String] {
        (step.failures ?? []).map { failure in
            let time = failure.time.map { KubeTime.format($0) + " " } ?? ""
            return "  \(time)\(step.name), attempt \(failure.attempt): \(failure.reason): \(failure.message)\n"
        }
    }
}
