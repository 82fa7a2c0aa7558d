// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// Adds up the errors of a version's forecasts of one series, by step of the horizon and by target.
struct ErrorSums: Sendable {
    /// The sums of one step or of several, of one target or of several.
    struct Cell: Sendable {
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
    static let largestError = 1e140

    private let targets: Int
    private let intervals: ForecastIntervals?
    /// [horizon x targets].
    private var cells: [Cell]

    /// Sums of forecasts of [horizon x targets].
    ///
    /// - Parameter intervals: Those whose coverage is counted; nil for none.
    init(horizon: Int, targets: Int, intervals: ForecastIntervals?) {
        (self.targets, self.intervals) = (targets, intervals)
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

    /// The sums of some steps, by target.
    func sums(_ steps: Range<Int>) -> [Cell] {
        (0..<targets).map { target in steps.reduce(into: Cell()) { $0 += cells[$1 * targets + target] } }
    }
}
