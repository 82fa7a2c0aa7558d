// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation

/// Holds remembered forecasts against what came true.
struct LiveComparison: Sendable {
    /// A version, and what its forecasts are held against.
    struct Subject: Sendable {
        let version: String
        let forecaster: Forecaster
        /// nil where the version was published without one.
        let profile: TrainingProfile?

        var horizon: Int { forecaster.shape.horizon }
        var targets: Int { forecaster.shape.targets }

        /// Whether errors of both say something about each other: of the same columns, steps, bins and means.
        func forecastsSame(as other: Subject) -> Bool {
            let (own, others) = (forecaster.preprocessor, other.forecaster.preprocessor)
            return forecaster.targets == other.forecaster.targets
                && forecaster.frequency == other.forecaster.frequency
                && own.resample == others.resample && own.movingAverage == others.movingAverage
        }
    }

    let truth: LiveTruth
    let stable: Subject
    /// A version on trial that forecasts the same; nil for none.
    let canary: Subject?
    /// A history that ends before this time is not looked up in the source.
    let earliest: Int64

    /// What the forecasts of the versions were worth.
    func result(_ forecasts: [RememberedForecast]) -> MonitorResult {
        let own = sorted(forecasts, of: stable)
        var result = MonitorResult(forecasts: 0, pending: own.pending, otherSeries: own.otherSeries)
        var sums = ErrorSums(
            horizon: stable.horizon,
            targets: stable.targets,
            intervals: stable.forecaster.intervals
        )
        var span: ClosedRange<Int64>?
        for forecast in own.inOrder {
            let (compared, times) = add(forecast, to: &sums, stable)
            result.pending += stable.horizon * stable.targets - compared
            guard let times else { continue }
            result.forecasts += 1
            span = span.map { min($0.lowerBound, times.lowerBound)...max($0.upperBound, times.upperBound) } ?? times
        }
        result.from = span.map { Date(timeIntervalSince1970: Double($0.lowerBound)) }
        result.to = span.map { Date(timeIntervalSince1970: Double($0.upperBound)) }
        result.stable = sums.errors(of: stable.version, naiveErrors: stable.profile?.naiveErrors)
        result.comparison = canary.flatMap { comparison(of: sorted(forecasts, of: $0), $0, with: own.byEnd) }
        return result
    }

    /// A version's forecasts of this series, one for each end of a history, and what is none of them.
    private struct Sorted {
        var byEnd: [Int64: RememberedForecast] = [:]
        var pending = 0
        var otherSeries = 0

        /// Sums of the same numbers are the same only in the same order.
        var inOrder: [RememberedForecast] { byEnd.values.sorted { $0.end < $1.end } }
    }

    private func sorted(_ forecasts: [RememberedForecast], of subject: Subject) -> Sorted {
        var sorted = Sorted()
        for forecast in forecasts where forecast.version == subject.version {
            let fits = forecast.values.count == subject.horizon * subject.targets
            if fits, truth.lastTime.map({ forecast.end > $0 }) ?? true {
                sorted.pending += forecast.values.count
            } else if fits, forecast.end >= earliest, truth.holds(forecast.last, at: forecast.end) {
                // Two histories that end alike are of the same rows, and the first forecast is the one that was relied on.
                if sorted.byEnd[forecast.end] == nil { sorted.byEnd[forecast.end] = forecast }
            } else {
                sorted.otherSeries += 1
            }
        }
        return sorted
    }

    /// Adds the values of a forecast that came true; returns how many, and the first and the last of their times.
    private func add(
        _ forecast: RememberedForecast,
        to sums: inout ErrorSums,
        _ subject: Subject
    ) -> (values: Int, times: ClosedRange<Int64>?) {
        let instants = subject.forecaster.frequency.instants(after: forecast.end, count: subject.horizon)
        var (values, first, last) = (0, Int64?.none, Int64.min)
        for (step, time) in instants.enumerated() {
            for target in 0..<subject.targets {
                guard let truth = truth.value(at: time, target: target) else { continue }
                let value = forecast.values[step * subject.targets + target]
                sums.add(forecast: value, truth: truth, step: step, target: target)
                values += 1
                (first, last) = (first ?? time, time)
            }
        }
        return (values, first.map { $0...last })
    }

    /// Both versions on the pairs of history and step that both have forecast.
    private func comparison(
        of tried: Sorted,
        _ canary: Subject,
        with known: [Int64: RememberedForecast]
    ) -> MonitorResult.Comparison? {
        let (horizon, targets) = (min(stable.horizon, canary.horizon), stable.targets)
        let none = ErrorSums(horizon: horizon, targets: targets)
        var sums = (none, none)
        for new in tried.inOrder {
            guard let old = known[new.end] else { continue }
            let instants = stable.forecaster.frequency.instants(after: new.end, count: horizon)
            for (step, time) in instants.enumerated() {
                for target in 0..<targets {
                    guard let truth = truth.value(at: time, target: target) else { continue }
                    let place = step * targets + target
                    sums.0.add(forecast: new.values[place], truth: truth, step: step, target: target)
                    sums.1.add(forecast: old.values[place], truth: truth, step: step, target: target)
                }
            }
        }
        // One scale for both, or their MASE could not be compared.
        guard let new = sums.0.errors(of: canary.version, naiveErrors: stable.profile?.naiveErrors),
            let old = sums.1.errors(of: stable.version, naiveErrors: stable.profile?.naiveErrors)
        else { return nil }
        return MonitorResult.Comparison(canary: new, stable: old)
    }
}
