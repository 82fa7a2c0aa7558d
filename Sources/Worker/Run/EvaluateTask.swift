// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// Scores the candidate and the seasonal naive forecast on all windows of the test rows.
struct EvaluateTask: Sendable {
    func run(_ context: inout StepContext) async throws -> Evaluation.Report {
        let spec = context.spec
        let forecaster = try await context.forecaster()
        let frame = try await context.dataset().frame.selecting(forecaster.columns)
        let split = try spec.dataSplit(rows: frame.rowCount)
        context.report(.evaluate, "forecasting the test rows", rows: split.test.count - spec.model.lookback)
        let evaluation = Evaluation(forecaster: forecaster, seasonLength: try spec.seasonLength())
        let report = try await LongWork.compute {
            try evaluation.run(on: frame, rows: split.test, train: split.train)
        }
        let errors = "MAE \(Significant.text(report.original.mae)), seasonal naive \(Significant.text(report.naiveOriginal.mae))"
        context.report(.evaluate, "\(report.windows) windows: \(errors)")
        try await context.keep(report)
        return report
    }
}
