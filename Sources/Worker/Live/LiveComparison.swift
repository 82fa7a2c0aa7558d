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
        let panel: PanelForecaster
        /// By series, in the order of the panel; nil where the version was published without.
        let profiles: [TrainingProfile]?

        var horizon: Int { panel.common.shape.horizon }
        var targets: Int { panel.common.shape.targets }
        var naiveErrors: [[Double]]? { profiles?.map(\.naiveErrors) }

        /// Whether errors of both say something about each other: of the same columns, steps, bins and means, with series
        /// told by the same columns.
        func forecastsSame(as other: Subject) -> Bool {
            let (own, others) = (panel.common, other.panel.common)
            return own.targets == others.targets && own.frequency == others.frequency
                && own.preprocessor.resample == others.preprocessor.resample
                && own.preprocessor.movingAverage == others.preprocessor.movingAverage
                && panel.groupBy == other.panel.groupBy
        }
    }

    /// Of the series of the stable version.
    let truth: PanelTruth
    let stable: Subject
    /// A version on trial that forecasts the same; nil for none.
    let canary: Subject?
    /// A history that ends before this time is not looked up in the source.
    let earliest: Int64

    /// What the forecasts of the versions were worth.
    func result(_ forecasts: [RememberedForecast]) -> MonitorResult {
        let own = sorted(forecasts, of: stable)
        var result = MonitorResult(forecasts: 0, pending: own.pending, otherSeries: own.otherSeries)
        var sums = PanelErrors(stable.panel, horizon: stable.horizon, countsIntervals: true)
        var span: ClosedRange<Int64>?
        for (question, forecast) in own.inOrder {
            let (compared, times) = add(forecast, question, to: &sums)
            result.pending += stable.horizon * stable.targets - compared
            guard let times else { continue }
            result.forecasts += 1
            span = span.map { min($0.lowerBound, times.lowerBound)...max($0.upperBound, times.upperBound) } ?? times
        }
        result.from = span.map { Date(timeIntervalSince1970: Double($0.lowerBound)) }
        result.to = span.map { Date(timeIntervalSince1970: Double($0.upperBound)) }
        result.stable = sums.errors(of: stable.version, naiveErrors: stable.naiveErrors)
        result.series = stable.panel.groupBy.isEmpty ? nil : sums.seriesCount
        result.worstSeries = sums.worst(naiveErrors: stable.naiveErrors)
        result.comparison = canary.flatMap { comparison(of: sorted(forecasts, of: $0), $0, with: own.known) }
        return result
    }

    /// What a forecast was asked for: a series by its place in the stable version's panel, and the end of its history.
    private struct Question: Hashable, Comparable {
        let series: Int
        let end: Int64

        static func < (left: Question, right: Question) -> Bool {
            (left.series, left.end) < (right.series, right.end)
        }
    }

    /// A version's forecasts of known series, one for each question, and what is none of them.
    private struct Sorted {
        var known: [Question: RememberedForecast] = [:]
        var pending = 0
        var otherSeries = 0

        /// Sums of the same numbers are the same only in the same order.
        var inOrder: [(question: Question, forecast: RememberedForecast)] {
            known.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
    }

    private func sorted(_ forecasts: [RememberedForecast], of subject: Subject) -> Sorted {
        var sorted = Sorted()
        for forecast in forecasts where forecast.version == subject.version {
            guard forecast.values.count == subject.horizon * subject.targets,
                let place = stable.panel.place(of: forecast.series)
            else {
                sorted.otherSeries += 1
                continue
            }
            let truth = truth.series[place]
            if truth.lastTime.map({ forecast.end > $0 }) ?? true {
                sorted.pending += forecast.values.count
            } else if forecast.end >= earliest, truth.holds(forecast.last, at: forecast.end) {
                // Two histories that end alike are of the same rows, and the first forecast is the one that was relied on.
                let question = Question(series: place, end: forecast.end)
                if sorted.known[question] == nil { sorted.known[question] = forecast }
            } else {
                sorted.otherSeries += 1
            }
        }
        return sorted
    }

    /// Adds the values of a forecast of the stable version that came true; returns how many, and the first and the last of
    /// their times.
    private func add(
        _ forecast: RememberedForecast,
        _ question: Question,
        to sums: inout PanelErrors
    ) -> (values: Int, times: ClosedRange<Int64>?) {
        let instants = stable.panel.common.frequency.instants(after: question.end, count: stable.horizon)
        var (values, first, last) = (0, Int64?.none, Int64.min)
        for (step, time) in instants.enumerated() {
            for target in 0..<stable.targets {
                guard let truth = truth.series[question.series].value(at: time, target: target) else { continue }
                let value = forecast.values[step * stable.targets + target]
                sums.add(forecast: value, truth: truth, step: step, target: target, series: question.series)
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
        with known: [Question: RememberedForecast]
    ) -> MonitorResult.Comparison? {
        let (horizon, targets) = (min(stable.horizon, canary.horizon), stable.targets)
        // Series are told by their place in the stable version's panel for both.
        let none = PanelErrors(stable.panel, horizon: horizon, countsIntervals: false)
        var sums = (none, none)
        for (question, new) in tried.inOrder {
            guard let old = known[question] else { continue }
            let series = question.series
            let instants = stable.panel.common.frequency.instants(after: question.end, count: horizon)
            for (step, time) in instants.enumerated() {
                for target in 0..<targets {
                    guard let truth = truth.series[series].value(at: time, target: target) else { continue }
                    let place = step * targets + target
                    sums.0.add(forecast: new.values[place], truth: truth, step: step, target: target, series: series)
                    sums.1.add(forecast: old.values[place], truth: truth, step: step, target: target, series: series)
                }
            }
        }
        // One scale for both, or their MASE could not be compared.
        guard let new = sums.0.errors(of: canary.version, naiveErrors: stable.naiveErrors),
            let old = sums.1.errors(of: stable.version, naiveErrors: stable.naiveErrors)
        else { return nil }
        return MonitorResult.Comparison(canary: new, stable: old)
    }
}
