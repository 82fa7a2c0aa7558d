// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension BacktestReport {
    /// One window's errors.
    package struct Window: Hashable, Sendable {
        /// The row of its series that the window forecasts first.
        package let origin: Int
        /// The time of this row, in seconds since 1970.
        package let from: Int64
        /// The time of the last row that the window forecasts.
        package let to: Int64
        /// Errors in original units.
        package let original: ForecastMetrics
        /// Errors in standard deviations of the train rows.
        package let scaled: ForecastMetrics
    }

    /// The errors of one model.
    package struct Score: Sendable {
        /// The number of windows of all series.
        package let windows: Int
        /// Errors over all windows of all series, in original units.
        package let original: ForecastMetrics
        /// Errors over all windows of all series, in standard deviations of each series' train rows.
        package let scaled: ForecastMetrics
        /// The mean absolute error of each step, in scaled units.
        package let maeByStep: [Double]
        /// How well the intervals did, by level; empty where the model has none.
        package internal(set) var intervals: [IntervalScore]
        /// By series; nil where the model does not know it.
        let tallies: [WindowMeter.Tally?]
        private let meters: [WindowMeter]

        /// Adds up what was found for the series; of at least one there is something.
        init(_ tallies: [WindowMeter.Tally?], _ meters: [WindowMeter]) {
            var original = ErrorPool(horizon: meters[0].windows.horizon, targets: meters[0].targets)
            var scaled = original
            var intervals: IntervalAccumulator?
            var windows = 0
            for (tally, meter) in zip(tallies, meters) {
                guard let tally else { continue }
                original.add(tally.errors, deviations: meter.ones, naiveErrors: meter.naiveErrors)
                scaled.add(tally.errors, deviations: meter.deviations, naiveErrors: meter.naiveErrors)
                windows += tally.errors.windows
                guard let counted = tally.intervals else { continue }
                if intervals == nil { intervals = counted } else { intervals?.add(counted) }
            }
            self.windows = windows
            self.original = original.metrics
            self.scaled = scaled.metrics
            self.intervals = intervals?.scores ?? []
            maeByStep = scaled.absoluteErrorByStep
            self.tallies = tallies
            self.meters = meters
        }

        /// The latest windows, at most `Backtest.largestTable` of all series together, series by series.
        package var table: [Window] { tallies.flatMap { $0?.table ?? [] } }

        /// The errors over the windows of one series; nil where the model does not know it.
        func ofSeries(_ series: Int) -> (original: ForecastMetrics, scaled: ForecastMetrics)? {
            let meter = meters[series]
            return tallies[series].map { tally in
                (
                    tally.errors.metrics(deviations: meter.ones, naiveErrors: meter.naiveErrors),
                    tally.errors.metrics(deviations: meter.deviations, naiveErrors: meter.naiveErrors)
                )
            }
        }

        /// The errors on the series that another model knows, too.
        func limited(to other: Score) -> Score {
            guard other.tallies.contains(where: { $0 == nil }) else { return self }
            return Score(zip(tallies, other.tallies).map { $1 == nil ? nil : $0 }, meters)
        }
    }

    /// The errors of one of several series.
    package struct SeriesScore: Hashable, Sendable {
        /// Which series.
        package let key: SeriesKey
        /// The number of its windows.
        package let windows: Int
        /// The candidate's errors in original units.
        package let original: ForecastMetrics
        /// The candidate's errors in standard deviations of the train rows.
        package let scaled: ForecastMetrics
        /// The seasonal naive errors in original units.
        package let naiveOriginal: ForecastMetrics
        /// The errors of the model that is served now, in original units; nil where there is none that knows the series.
        package let incumbentOriginal: ForecastMetrics?
    }
}
