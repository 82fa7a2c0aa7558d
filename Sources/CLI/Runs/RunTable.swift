// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

/// How far a run is, in a word and in a sentence.
struct RunState {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Cancelled`.
    let word: String
    /// Why, in one word; empty where nothing has happened yet.
    let reason: String
    /// Both, with the message.
    let sentence: String

    /// The state that a run's condition tells.
    init(_ run: ForecastRun) {
        let condition = run.status?.conditions?.condition(ConditionType.succeeded)
        reason = condition?.reason ?? ""
        word =
            switch condition?.status {
            case nil: "Pending"
            case .unknown: "Running"
            case .yes: "Succeeded"
            case .no: reason == Reason.cancelled.rawValue ? reason : "Failed"
            }
        let cause = reason.isEmpty || reason == word ? word : "\(word) (\(reason))"
        sentence = condition.map { "\(cause): \($0.message)" } ?? "\(word): the operator has not taken it up yet"
    }
}

/// Runs, one a line.
struct RunTable {
    /// The table with its heading, each line ended.
    static func text(_ runs: [ForecastRun], withNamespace: Bool, now: Date) -> String {
        let heading = [
            "NAME", "PIPELINE", "TRIGGER", "STATE", "REASON", "MAE", "MSE", "GATE", "VERSION", "FROM", "TOOK", "AGE",
        ]
        let rows = [heading] + runs.map { row($0, now) }
        guard withNamespace else { return TextTable.text(rows) }
        let namespaces = ["NAMESPACE"] + runs.map { $0.metadata.namespace ?? "" }
        return TextTable.text(zip(namespaces, rows).map { [$0] + $1 })
    }

    private static func row(_ run: ForecastRun, _ now: Date) -> [String] {
        let state = RunState(run)
        let status = run.status
        return [
            run.metadata.name, run.spec.pipelineRef.name, run.spec.trigger.rawValue, state.word, state.reason,
            status?.metrics.map { Significant.text($0.mae) } ?? "",
            status?.metrics.map { Significant.text($0.mse) } ?? "",
            status?.gate?.outcome.rawValue ?? "", status?.model?.version ?? "", run.spec.fromRun ?? "",
            took(run, now), run.metadata.creationTimestamp.map { Age.text(now.timeIntervalSince($0)) } ?? "",
        ]
    }

    /// How long a run went on, so far where it has not ended.
    static func took(_ run: ForecastRun, _ now: Date) -> String {
        guard let start = run.status?.startTime else { return "" }
        return Age.text((run.status?.completionTime ?? now).timeIntervalSince(start))
    }
}
