// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What the evaluation on the test rows found of a model; it is kept with it.
package struct EvaluationSummary: Hashable, Codable, Sendable {
    /// The number of windows of all series, each with all steps of the horizon.
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
    /// The number of series; nil where the data is not grouped.
    package var series: Int?
}
