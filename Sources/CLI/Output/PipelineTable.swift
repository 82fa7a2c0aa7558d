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
        TextTable.text(
            [columns.map(\.title)] + pipelines.map { pipeline in columns.map { $0.value(pipeline, now) ?? "" } }
        )
    }

    private static func ready(_ pipeline: ForecastPipeline) -> Condition? {
        pipeline.status?.conditions?.condition(ConditionType.ready)
    }

    private static func age(_ time: Date?, _ now: Date) -> String? {
        time.map { Age.text(now.timeIntervalSince($0)) }
    }
}
