// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a backtest found.
package struct BacktestReport: Sendable {
    /// How a candidate does beside a baseline, window by window.
    package struct Comparison: Hashable, Sendable {
        /// The number of windows of all series on which the candidate's loss is the smaller one.
        package let windowsWon: Int
        /// Whether the difference is more than chance; nil where the test says nothing.
        package let dieboldMariano: DieboldMariano?
    }

    /// Which rows the candidate was fitted on.
    package let mode: Backtest.Mode
    /// What was forecast.
    let panel: Panel
    /// By series: the windows.
    package let windows: [RollingOrigin]
    /// The season of the naive forecasts, in rows; where series differ, the longer one.
    package let seasonLength: Int
    /// What decided which of two forecasts is the better one on a window.
    package let measure: Measure
    /// The candidate's errors.
    package let candidate: Score
    /// The errors of the model that is served now, on the series that it knows; nil where there is none to compare.
    package let incumbent: Score?
    /// The errors of the seasonal naive forecast.
    package let seasonalNaive: Score

    /// Rows from window to window.
    package var strideSteps: Int { windows[0].strideSteps }

    /// The times of the first and the last row that any window forecasts, in seconds since 1970.
    package var span: ClosedRange<Int64> {
        let spans = zip(panel.series, windows).map { series, windows in
            let times = series.frame.timestamps
            return (times[windows.first], times[windows.origin(windows.count - 1) + windows.horizon - 1])
        }
        return spans.reduce(spans[0].0...spans[0].1) { min($0.lowerBound, $1.0)...max($0.upperBound, $1.1) }
    }

    /// The errors of each series in the order of their keys; empty where the data is not grouped.
    package var bySeries: [SeriesScore] {
        guard !panel.groupBy.isEmpty else { return [] }
        return panel.series.indices.compactMap { series in
            guard let errors = candidate.ofSeries(series), let naive = seasonalNaive.ofSeries(series) else {
                return nil
            }
            return SeriesScore(
                key: panel.series[series].key,
                windows: windows[series].count,
                original: errors.original,
                scaled: errors.scaled,
                naiveOriginal: naive.original,
                incumbentOriginal: incumbent?.ofSeries(series)?.original
            )
        }
    }

    /// The candidate's errors on the series that a baseline knows, to be held against the baseline's.
    package func candidate(beside baseline: Score) -> Score { candidate.limited(to: baseline) }

    /// The candidate beside a baseline, on the series that both know.
    ///
    /// With several series the test is made on the mean difference over the series at each time that windows begin
    /// (A. Timmermann, Y. Zhu, "Comparing forecasting performance with panel data", 2019): errors of series at the same
    /// time may depend on each other as they like.
    package func comparison(with baseline: Score) -> Comparison {
        var windowsWon = 0
        var differences: [Int64: (sum: Double, count: Int)] = [:]
        var ends: [Int64: Int64] = [:]
        for (series, windows) in windows.enumerated() {
            guard let ours = candidate.tallies[series]?.losses, let theirs = baseline.tallies[series]?.losses else {
                continue
            }
            let times = panel.series[series].frame.timestamps
            for (window, (left, right)) in zip(ours, theirs).enumerated() {
                if left < right { windowsWon += 1 }
                let (origin, difference) = (windows.origin(window), left - right)
                let (from, end) = (times[origin], times[origin + windows.horizon - 1])
                ends[from] = max(end, ends[from] ?? end)
                // A series on which the metric is not defined says nothing; where no series says anything, neither does the test.
                let defined = difference.isNaN ? (0, 0) : (difference, 1)
                let before = differences[from] ?? (0, 0)
                differences[from] = (before.sum + defined.0, before.count + defined.1)
            }
        }
        let order = ends.sorted { $0.key < $1.key }
        return Comparison(
            windowsWon: windowsWon,
            dieboldMariano: DieboldMariano(
                differences: order.map { time, _ in
                    differences[time].flatMap { $0.count == 0 ? nil : $0.sum / Double($0.count) } ?? .nan
                },
                horizon: Self.overlap(order.map { $0.key...$0.value })
            )
        )
    }

    /// The most windows that share rows with one and begin with it or after it: the reach of the correlation of errors.
    private static func overlap(_ windows: [ClosedRange<Int64>]) -> Int {
        var (most, next) = (1, 0)
        for (place, window) in windows.enumerated() {
            while next < windows.count, windows[next].lowerBound <= window.upperBound { next += 1 }
            most = max(most, next - place)
        }
        return most
    }

    /// What is kept with the model: everything but the windows and series one by one, and nothing about other models.
    package var summary: EvaluationSummary {
        EvaluationSummary(
            windows: candidate.windows,
            strideSteps: strideSteps,
            mode: mode,
            scaled: candidate.scaled,
            original: candidate.original,
            maeByStep: candidate.maeByStep,
            intervals: candidate.intervals.isEmpty ? nil : candidate.intervals,
            seasonLength: seasonLength,
            naiveScaled: seasonalNaive.scaled,
            naiveOriginal: seasonalNaive.original,
            series: panel.groupBy.isEmpty ? nil : panel.series.count
        )
    }
}
