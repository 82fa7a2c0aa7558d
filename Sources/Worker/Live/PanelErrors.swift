// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// The errors of a version's forecasts over all its series, as an evaluation adds them up: values of all series count alike,
/// and the scaled error is the mean of the series' own.
struct PanelErrors: Sendable {
    private let horizon: Int
    private let targets: Int
    private let panel: PanelForecaster
    private let countsIntervals: Bool
    /// By place in the panel: the sums of the series that have a value.
    private var series: [Int: ErrorSums] = [:]

    /// Sums of forecasts of [horizon x targets].
    ///
    /// - Parameter countsIntervals: Whether it is counted how often the intervals of each series held.
    init(_ panel: PanelForecaster, horizon: Int, countsIntervals: Bool) {
        self.panel = panel
        self.horizon = horizon
        self.countsIntervals = countsIntervals && panel.common.intervals != nil
        targets = panel.common.shape.targets
    }

    /// Adds a value of the series at that place; `step` counts from 0.
    mutating func add(forecast: Double, truth: Double, step: Int, target: Int, series place: Int) {
        let (horizon, targets) = (horizon, targets)
        let intervals = countsIntervals ? panel.forecasters[place].intervals : nil
        // Sums are made for the first value of a series only.
        series[place, default: ErrorSums(horizon: horizon, targets: targets, intervals: intervals)]
            .add(forecast: forecast, truth: truth, step: step, target: target)
    }

    /// How many series have a value.
    var seriesCount: Int { series.count }

    /// The series whose scaled error over all steps is largest, the worst one first; nil where there is but one, or no scale.
    ///
    /// - Parameter naiveErrors: By place and target, the scale of MASE; nil where it is not known.
    func worst(naiveErrors: [[Double]]?) -> [SeriesError]? {
        guard let naiveErrors, !panel.groupBy.isEmpty else { return nil }
        let errors = series.compactMap { place, sums -> SeriesError? in
            let sums = sums.sums(0..<horizon)
            guard let mase = Self.scaled(sums, naiveErrors[place]) else { return nil }
            let all = sums.reduce(into: ErrorSums.Cell()) { $0 += $1 }
            return SeriesError(
                series: panel.keys[place].label(panel.groupBy),
                values: all.values,
                mae: Significant.round(all.absolute / Double(all.values)),
                mase: Significant.round(mase)
            )
        }
        let sorted = errors.sorted { ($0.mase, $1.series) > ($1.mase, $0.series) }
        return Array(sorted.prefix(MonitorResult.maximumWorstSeries))
    }

    /// The errors over all steps and by even parts of the horizon; nil where nothing was added.
    ///
    /// - Parameter naiveErrors: By place and target, the scale of MASE; nil where it is not known.
    func errors(of version: String, naiveErrors: [[Double]]?) -> LiveErrors? {
        let steps = 0..<horizon
        guard let all = summary(steps, naiveErrors) else { return nil }
        let count = min(LiveErrors.maximumBands, horizon)
        let bands = (0..<count).compactMap { band -> LiveErrors.Band? in
            let steps = band * horizon / count..<(band + 1) * horizon / count
            return summary(steps, naiveErrors).map {
                LiveErrors.Band(
                    fromStep: steps.lowerBound + 1,
                    toStep: steps.upperBound,
                    errors: $0.errors,
                    coverage: $0.coverage
                )
            }
        }
        let levels = panel.common.intervals.flatMap { intervals in
            all.coverage.map { zip(intervals.levels.percents, $0).map { LiveCoverage(level: $0, coverage: $1) } }
        }
        return LiveErrors(version: version, errors: all.errors, bands: bands, intervals: levels)
    }

    /// The errors of some steps, and by level how many values of a hundred the intervals held; nil where there is no value.
    private func summary(
        _ steps: Range<Int>,
        _ naiveErrors: [[Double]]?
    ) -> (errors: ErrorSummary, coverage: [Double]?)? {
        var all = ErrorSums.Cell()
        var scaled: [Double] = []
        // In the order of the panel: sums of the same numbers are the same only in the same order.
        for (place, sums) in series.sorted(by: { $0.key < $1.key }) {
            let sums = sums.sums(steps)
            for sum in sums { all += sum }
            if let naive = naiveErrors?[place], let error = Self.scaled(sums, naive) { scaled.append(error) }
        }
        guard all.values > 0 else { return nil }
        let count = Double(all.values)
        let errors = ErrorSummary(
            values: all.values,
            mae: Significant.round(all.absolute / count),
            mse: Significant.round(all.squared / count),
            mase: Self.mean(scaled).map(Significant.round),
            bias: Significant.round(all.signed / count)
        )
        let coverage = countsIntervals ? all.held.map { Significant.round(100 * Double($0) / count) } : nil
        return (errors, coverage)
    }

    /// A target, then the mean over the targets; those without a scale or a value are left out, as in an evaluation.
    private static func scaled(_ sums: [ErrorSums.Cell], _ naiveErrors: [Double]) -> Double? {
        let scaled = zip(sums, naiveErrors).compactMap { sum, naive in
            sum.values > 0 && naive > 0
                ? min(sum.absolute / Double(sum.values) / naive, ErrorSums.largestError) : nil
        }
        return mean(scaled)
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
