// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a backtest found.
package struct BacktestReport: Sendable {
    /// One window's errors.
    package struct Window: Hashable, Sendable {
        /// The row that the window forecasts first.
        package let origin: Int
        /// Errors in original units.
        package let original: ForecastMetrics
        /// Errors in standard deviations of the train rows.
        package let scaled: ForecastMetrics
    }

    /// The errors of one model.
    package struct Score: Sendable {
        /// Errors over all windows, in original units.
        package let original: ForecastMetrics
        /// Errors over all windows, in standard deviations of the train rows.
        package let scaled: ForecastMetrics
        /// The mean absolute error of each step, in scaled units.
        package let maeByStep: [Double]
        /// How well the intervals did, by level; empty where the model has none.
        package internal(set) var intervals: [IntervalScore]
        /// By window: the loss of the measure, NaN where it is not defined.
        let losses: [Double]
        /// The latest windows, at most `Backtest.largestTable`.
        package let table: [Window]
    }

    /// How a candidate does beside a baseline, window by window.
    package struct Comparison: Hashable, Sendable {
        /// The number of windows on which the candidate's loss is the smaller one.
        package let windowsWon: Int
        /// Whether the difference is more than chance; nil where the test says nothing.
        package let dieboldMariano: DieboldMariano?
    }

    /// Which rows the candidate was fitted on.
    package let mode: Backtest.Mode
    /// The windows.
    package let windows: RollingOrigin
    /// The season of the naive forecasts, in rows.
    package let seasonLength: Int
    /// What decided which of two forecasts is the better one on a window.
    package let measure: Measure
    /// The candidate's errors.
    package let candidate: Score
    /// The errors of the model that is served now; nil where there is none to compare.
    package let incumbent: Score?
    /// The errors of the seasonal naive forecast.
    package let seasonalNaive: Score

    /// The candidate beside a baseline.
    package func comparison(with baseline: Score) -> Comparison {
        let losses = zip(candidate.losses, baseline.losses)
        return Comparison(
            windowsWon: losses.count { $0 < $1 },
            dieboldMariano: DieboldMariano(differences: losses.map { $0 - $1 }, horizon: windows.overlap)
        )
    }

    /// What is kept with the model: everything but the windows one by one, and nothing about other models.
    package var summary: EvaluationSummary {
        EvaluationSummary(
            windows: windows.count,
            strideSteps: windows.strideSteps,
            mode: mode,
            scaled: candidate.scaled,
            original: candidate.original,
            maeByStep: candidate.maeByStep,
            intervals: candidate.intervals.isEmpty ? nil : candidate.intervals,
            seasonLength: seasonLength,
            naiveScaled: seasonalNaive.scaled,
            naiveOriginal: seasonalNaive.original
        )
    }

    /// The latest windows as lines of CSV, oldest first: a window and a model a line, all metrics.
    ///
    /// - Parameter frame: The table that was forecast, for the times of its rows.
    package func csv(_ frame: TimeSeriesFrame) -> String {
        var text = "from,to,model,mae,mse,rmse,mape,smape,mase,r2,scaled_mae,scaled_mse\n"
        for index in candidate.table.indices {
            let origin = candidate.table[index].origin
            let span = [origin, origin + windows.horizon - 1].map { UTCTime.text(frame.timestamps[$0]) }
            let models: [(String, Score?)] = [
                ("Candidate", candidate), ("Incumbent", incumbent), ("SeasonalNaive", seasonalNaive),
            ]
            for (name, score) in models {
                guard let window = score?.table[index] else { continue }
                let (original, scaled) = (window.original, window.scaled)
                let numbers: [Double?] = [
                    original.mae, original.mse, original.rmse, original.mape, original.smape, original.mase,
                    original.r2, scaled.mae, scaled.mse,
                ]
                // A metric that is not defined leaves its cell empty.
                let cells = span + [name] + numbers.map { $0.map { "\($0)" } ?? "" }
                text += cells.joined(separator: ",") + "\n"
            }
        }
        return text
    }
}

/// What the evaluation on the test rows found of a model; it is kept with it.
package struct EvaluationSummary: Hashable, Codable, Sendable {
    /// The number of windows, each with all steps of the horizon.
    package let windows: Int
    /// Rows from window to window.
    package let strideSteps: Int
    /// Which rows the model was fitted on.
    package let mode: Backtest.Mode
    /// The model's errors in scaled units.
    package let scaled: ForecastMetrics
    /// The model's errors in original units.
    package let original: ForecastMetrics
    /// The model's mean absolute error of each step, in scaled units.
    package let maeByStep: [Double]
    /// How well the model's intervals did, by level; nil where it has none.
    package let intervals: [IntervalScore]?
    /// The season of the naive forecasts, in rows.
    package let seasonLength: Int
    /// The seasonal naive errors on the same windows, in scaled units.
    package let naiveScaled: ForecastMetrics
    /// The seasonal naive errors on the same windows, in original units.
    package let naiveOriginal: ForecastMetrics
}
