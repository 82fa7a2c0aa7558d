// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Synchronization

/// One line a step: redrawn in place on a terminal, else written when it changes.
final class ProgressView: Sendable {
    private let plan: RunPlan
    private let console: Console
    private let now: @Sendable () -> Date
    private let shown = Mutex<[String]>([])

    init(plan: RunPlan, console: Console, now: @escaping @Sendable () -> Date = { Date() }) {
        self.plan = plan
        self.console = console
        self.now = now
    }

    /// Shows where the run stands.
    func show(_ observations: [String: StepObservation], _ notes: [String: WorkerProgress]) {
        let time = now()
        let width = plan.steps.map(\.name.count).max() ?? 0
        let lines = plan.steps.map { step in
            let name = step.name + String(repeating: " ", count: width - step.name.count)
            let note = notes[step.name]
            return Self.line(name, observations[step.name] ?? .none, note, isLive: console.isTerminal, now: time)
        }
        shown.withLock { shown in
            let before = shown
            shown = lines
            let text =
                console.isTerminal
                ? Self.redrawn(lines, over: before.count, width: console.width)
                : Self.changed(lines, since: before)
            console.writeError(text)
        }
    }

    private static func redrawn(_ lines: [String], over count: Int, width: Int) -> String {
        let up = count > 0 ? "\u{1B}[\(count)A" : ""
        return up + lines.map { "\r\u{1B}[2K\($0.prefix(max(20, width - 1)))\n" }.joined()
    }

    private static func changed(_ lines: [String], since before: [String]) -> String {
        lines.enumerated().filter { index, line in
            !line.hasPrefix("·") && (index >= before.count || before[index] != line)
        }.map { $0.element + "\n" }.joined()
    }

    /// The line of a step.
    static func line(
        _ name: String,
        _ observation: StepObservation,
        _ note: WorkerProgress?,
        isLive: Bool,
        now: Date
    ) -> String {
        let end = observation.completionTime ?? now
        let seconds = observation.startTime.map { String(format: "%.1f s", max(0, end.timeIntervalSince($0))) } ?? ""
        let again = observation.attempts > 1 ? " (attempt \(observation.attempts))" : ""
        switch observation.state {
        case .absent: return "· \(name)  waits"
        case .running, .waiting:
            let text = note?.text ?? "starts"
            return "▸ \(name)  \(text)\(again)" + (isLive ? "  \(seconds)" : "")
        case .succeeded(let result): return "✓ \(name)  \(summary(result))  \(seconds)\(again)"
        case .failed(let failure, _): return "✗ \(name)  \(failure.reason.rawValue)  \(seconds)\(again)"
        }
    }

    private static func summary(_ result: StepResult) -> String {
        var parts: [String] = []
        if let dataset = result.dataset {
            parts.append("\(Grouped.text(dataset.rows)) rows up to \(TimeAxis.full(dataset.to))")
        }
        if let metrics = result.metrics {
            parts.append("MAE \(Significant.text(metrics.mae)) over \(Grouped.text(metrics.windows)) windows")
        }
        if let model = result.model { parts.append("version \(model.version)") }
        return parts.isEmpty ? "done" : parts.joined(separator: ", ")
    }
}

/// Whole numbers as people read them.
enum Grouped {
    /// The number with its thousands set apart.
    static func text(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        let grouped = digits.indices.reduce(into: "") { text, index in
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digits[index])
        }
        return (value < 0 ? "-" : "") + grouped
    }
}
