// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// Adds up the errors of a version's forecasts, by step of the horizon and by target.
struct ErrorSums: Sendable {
    private struct Cell {
        var values = 0
        var absolute = 0.0
        var squared = 0.0
        var signed = 0.0
        /// By level, how many values the interval held; without levels where there are no intervals.
        var held: [Int] = []

        static func += (sum: inout Cell, other: Cell) {
            sum.held = sum.held.isEmpty ? other.held : zip(sum.held, other.held).map(+)
            sum.values += other.values
            sum.absolute += other.absolute
            sum.squared += other.squared
            sum.signed += other.signed
        }
    }

    /// Errors beyond it count as much: the sum of their squares must be a number, for JSON knows no other.
    private static let largestError = 1e140

    private let horizon: Int
    private let targets: Int
    private let intervals: ForecastIntervals?
    /// [horizon x targets].
    private var cells: [Cell]

    /// Sums of forecasts of [horizon x targets].
    ///
    /// - Parameter intervals: Those whose coverage is counted; nil for none.
    init(horizon: Int, targets: Int, intervals: ForecastIntervals? = nil) {
        (self.horizon, self.targets, self.intervals) = (horizon, targets, intervals)
        cells = Array(repeating: Cell(), count: horizon * targets)
    }

    /// Adds a value; `step` counts from 0.
    mutating func add(forecast: Double, truth: Double, step: Int, target: Int) {
        let error = min(max(forecast - truth, -Self.largestError), Self.largestError)
        cells[step * targets + target] += Cell(
            values: 1,
            absolute: abs(error),
            squared: error * error,
            signed: error,
            held: intervals?.holds(truth, forecast: forecast, cell: step * targets + target).map { $0 ? 1 : 0 } ?? []
        )
    }

    /// The errors over all steps and by even parts of the horizon; nil where nothing was added.
    ///
    /// - Parameter naiveErrors: By target, the scale of MASE; nil where it is not known.
    func errors(of version: String, naiveErrors: [Double]?) -> LiveErrors? {
        let steps = 0..<horizon
        guard let all = summary(steps, naiveErrors) else { return nil }
        let count = min(LiveErrors.maximumBands, horizon)
        let bands = (0..<count).compactMap { band -> LiveErrors.Band? in
            let steps = band * horizon / count..<(band + 1) * horizon / count
            return summary(steps, naiveErrors).map {
                LiveErrors.Band(
                    fromStep: steps.lowerBound + 1,
                    toStep: steps.upperBound,
                    errors: $0,
                    coverage: coverage(steps)
                )
            }
        }
        let levels = intervals.flatMap { intervals in
            coverage(steps).map { zip(intervals.levels.percents, $0).map { LiveCoverage(level: $0, coverage: $1) } }
        }
        return LiveErrors(version: version, errors: all, bands: bands, intervals: levels)
    }

    private func sum(_ steps: Range<Int>, target: Int) -> Cell {
        steps.reduce(into: Cell()) { $0 += cells[$1 * targets + target] }
    }

    private func summary(_ steps: Range<Int>, _ naiveErrors: [Double]?) -> ErrorSummary? {
        let sums = (0..<targets).map { sum(steps, target: $0) }
        let all = sums.reduce(into: Cell()) { $0 += $1 }
        guard all.values > 0 else { return nil }
        let count = Double(all.values)
        return ErrorSummary(
            values: all.values,
            mae: Significant.round(all.absolute / count),
            mse: Significant.round(all.squared / count),
            mase: naiveErrors.flatMap { Self.scaled(sums, $0) }.map(Significant.round),
            bias: Significant.round(all.signed / count)
        )
    }

    /// By level, how many values of a hundred the intervals held; nil where there are none.
    private func coverage(_ steps: Range<Int>) -> [Double]? {
        guard intervals != nil else { return nil }
        let all = (0..<targets).reduce(into: Cell()) { $0 += sum(steps, target: $1) }
        return all.held.map { Significant.round(100 * Double($0) / Double(max(1, all.values))) }
    }

    /// A target, then the mean over the targets; those without a scale or a value are left out, as in an evaluation.
    private static func scaled(_ sums: [Cell], _ naiveErrors: [Double]) -> Double? {
        let scaled = zip(sums, naiveErrors).compactMap { sum, naive in
            sum.values > 0 && naive > 0 ? min(sum.absolute / Double(sum.values) / naive, largestError) : nil
        }
        return scaled.isEmpty ? nil : scaled.reduce(0, +) / Double(scaled.count)
    }
}
