// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import WorkerRuntime

/// Scores the candidate, the promoted version and the seasonal naive forecast on the same windows of the test rows.
struct EvaluateTask: Sendable {
    /// The file with each window's errors.
    static let tableFile = "backtest.csv"
    /// The file with each series' errors, where data is grouped.
    static let seriesFile = "series.csv"

    /// What the operator is told.
    struct Evaluated: Sendable {
        let metrics: ModelMetrics
        let backtest: BacktestStatus
    }

    func run(_ context: inout StepContext) async throws -> Evaluated {
        let spec = context.spec
        let candidate = try await context.forecaster()
        let panel = try await context.dataset().panel.selecting(candidate.common.columns)
        let split = try spec.panelSplit(panel)
        let windows = try spec.rollingOrigins(panel, split)
        let incumbent = try await IncumbentModel(context.request, store: context.store)
            .comparable(with: candidate, panel, windows)
        let recipe = try spec.recipe(threads: context.threads, split: split, zones: context.zones)
        let backtest = try Backtest(
            candidate: candidate,
            incumbent: incumbent.forecaster,
            seasonLength: try spec.seasonLength(),
            windows: windows,
            mode: spec.backtestMode,
            measure: GateMeasure(spec.gate).forMetrics,
            fit: { rows throws(ForecastingError) in try recipe.refitted(on: panel, rows: rows) }
        )
        let count = windows.reduce(0) { $0 + $1.count }
        let series = panel.groupBy.isEmpty ? "" : " of \(panel.series.count) series"
        context.report(.evaluate, "forecasting \(count) windows of the test rows\(series)", rows: split.testRows)
        let report = try await LongWork.compute { try backtest.run(on: panel, train: split.train) }
        try await context.keep(report.summary)
        try await write(report, context)
        let evaluated = Evaluated(
            metrics: ModelMetrics(report.candidate),
            backtest: BacktestStatus(
                report,
                groupBy: panel.groupBy,
                measure: GateMeasure(spec.gate),
                incumbent: incumbent.status,
                folder: context.runFolder
            )
        )
        context.report(.evaluate, Self.summary(evaluated))
        return evaluated
    }

    private func write(_ report: BacktestReport, _ context: StepContext) async throws {
        try await LongWork.finish {
            try context.writeRunFile(Self.tableFile, Data(report.csv.utf8))
            guard let series = report.seriesCSV else { return }
            try context.writeRunFile(Self.seriesFile, Data(series.utf8))
        }
    }

    private static func summary(_ evaluated: Evaluated) -> String {
        let baselines = evaluated.backtest.baselines.compactMap { baseline in
            baseline.metrics.map { "\(baseline.kind.rawValue) \(Significant.text($0.mae))" }
        }
        let mae = Significant.text(evaluated.metrics.mae)
        let series = evaluated.backtest.series.map { " of \($0.count) series" } ?? ""
        let intervals = (evaluated.metrics.intervals ?? []).map(\.sentence)
        let parts = ["\(evaluated.metrics.windows) windows\(series): MAE \(mae)"] + baselines + intervals
        return parts.joined(separator: ", ")
    }
}
