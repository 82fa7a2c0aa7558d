// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

/// What `kubectl get fpipe` prints, column by column as the CRD's printer columns say.
struct PipelineTable {
    private struct Column {
        let title: String
        let value: @Sendable (ForecastPipeline, Date) -> String?
    }

    private static let columns = [
        Column(title: "NAME") { pipeline, _ in pipeline.metadata.name },
        Column(title: "READY") { pipeline, _ in ready(pipeline)?.status.rawValue },
        Column(title: "REASON") { pipeline, _ in ready(pipeline)?.reason },
        Column(title: "MODEL") { pipeline, _ in pipeline.status?.model?.kind },
        Column(title: "VERSION") { pipeline, _ in pipeline.status?.model?.version },
        Column(title: "MAE") { pipeline, _ in pipeline.status?.metrics.map { Significant.text($0.mae) } },
        Column(title: "MSE") { pipeline, _ in pipeline.status?.metrics.map { Significant.text($0.mse) } },
        Column(title: "GATE") { pipeline, _ in pipeline.status?.gate?.outcome.rawValue },
        Column(title: "THRESHOLD") { pipeline, _ in pipeline.spec.gate?.threshold.map(Significant.text) },
        Column(title: "LAST-RUN") { pipeline, now in age(pipeline.status?.lastRun?.startTime, now) },
        Column(title: "NEXT-RUN") { pipeline, _ in pipeline.status?.schedule?.nextScheduleTime.map(KubeTime.format) },
        Column(title: "AGE") { pipeline, now in age(pipeline.metadata.creationTimestamp, now) },
    ]

    /// The table with its heading, each line ended.
    static func text(_ pipelines: [ForecastPipeline], now: Date) -> String {
        let cells = [columns.map(\.title)] + pipelines.map { pipeline in columns.map { $0.value(pipeline, now) ?? "" } }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            var line = padded.joined(separator: "   ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private static func ready(_ pipeline: ForecastPipeline) -> Condition? {
        pipeline.status?.conditions?.condition(ConditionType.ready)
    }

    /// A time that has passed, with kubectl's units.
    static func age(_ time: Date?, _ now: Date) -> String? {
        guard let time else { return nil }
        let seconds = Int(max(0, min(now.timeIntervalSince(time), 1e10)))
        let minutes = seconds / 60
        let hours = minutes / 60
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<600: return "\(minutes)m" + (seconds % 60 == 0 ? "" : "\(seconds % 60)s")
        case ..<10_800: return "\(minutes)m"
        case ..<28_800: return "\(hours)h" + (minutes % 60 == 0 ? "" : "\(minutes % 60)m")
        case ..<172_800: return "\(hours)h"
        case ..<691_200: return "\(hours / 24)d" + (hours % 24 == 0 ? "" : "\(hours % 24)h")
        case ..<63_072_000: return "\(hours / 24)d"
        default: return "\(hours / 24 / 365)y"
        }
    }
}
