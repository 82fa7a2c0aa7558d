// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation

/// Scores the candidate, the promoted version and the seasonal naive forecast on the same windows of the test rows.
struct EvaluateTask: Sendable {
    /// The file with each window's errors.
    static let tableFile = "backtest.csv"

    /// What the operator is told.
    struct Evaluated: Sendable {
        let metrics: ModelMetrics
        let backtest: BacktestStatus
    }

    func run(_ context: inout StepContext) async throws -> Evaluated {
        let spec = context.spec
        let request = context.request
        let candidate = try await context.forecaster()
        let frame = try await context.dataset().frame.selecting(candidate.columns)
        let split = try spec.dataSplit(frame.timestamps)
        let windows = try spec.rollingOrigin(split)
        let incumbent = try await IncumbentModel(request, store: context.store)
            .comparable(with: candidate, frame, windows)
        let recipe = try spec.recipe(threads: context.threads, split: split)
        let backtest = try Backtest(
            candidate: PanelForecaster(candidate),
            incumbent: incumbent.forecaster.map { PanelForecaster($0) },
            seasonLength: try spec.seasonLength(),
            windows: [windows],
            mode: spec.backtestMode,
            measure: GateMeasure(spec.gate).forMetrics,
            fit: { rows throws(ForecastingError) in try recipe.refitted(on: Panel(frame), rows: rows) }
        )
        context.report(.evaluate, "forecasting \(windows.count) windows of the test rows", rows: split.test.count)
        let report = try await LongWork.compute { try backtest.run(on: Panel(frame), train: [split.train]) }
        try await context.keep(report.summary)
        let table = context
        try await LongWork.finish { try table.writeRunFile(Self.tableFile, Data(report.csv.utf8)) }
        let evaluated = Evaluated(
            metrics: ModelMetrics(report.candidate),
            backtest: BacktestStatus(
                report,
                measure: GateMeasure(spec.gate),
                incumbent: incumbent.status,
                table: "runs/\(request.namespace)/\(request.run)/\(Self.tableFile)"
            )
        )
        context.report(.evaluate, Self.summary(evaluated))
        return evaluated
    }

    private static func summary(_ evaluated: Evaluated) -> String {
        let baselines = evaluated.backtest.baselines.compactMap { baseline in
            baseline.metrics.map { "\(baseline.kind.rawValue) \(Significant.text($0.mae))" }
        }
        let mae = Significant.text(evaluated.metrics.mae)
        let intervals = (evaluated.metrics.intervals ?? []).map(\.sentence)
        let parts = ["\(evaluated.metrics.windows) windows: MAE \(mae)"] + baselines + intervals
        return parts.joined(separator: ", ")
    }
}
