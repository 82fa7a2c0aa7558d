// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Scores a candidate, the model that is served now and the seasonal naive forecast on the same windows of each series.
package struct Backtest: Sendable {
    /// Which rows the candidate has been fitted on when it forecasts a window.
    package enum Mode: String, Codable, Sendable, CaseIterable {
        /// The train part, for all windows: the very model that would be served.
        case fixed = "Fixed"
        /// All rows before the window: the model is fitted anew for each.
        case expanding = "Expanding"
        /// As many rows before the window as the train part has: the model is fitted anew for each.
        case sliding = "Sliding"
    }

    /// Fits the candidate's kind of model on a range of rows a series, in the order of `candidate.keys`.
    package typealias Fit = @Sendable (_ rows: [Range<Int>]) throws(ForecastingError) -> PanelForecaster

    /// The most windows that are kept one by one, the latest ones, as many of each series.
    package static let largestTable = 10_000

    /// The model to score, fitted on the train parts.
    package let candidate: PanelForecaster
    /// The model that is served now, as it is stored: it is never fitted anew.
    package let incumbent: PanelForecaster?
    /// By series: the season of the naive forecasts, in rows.
    package let seasonLengths: [Int]
    /// By series: the windows.
    package let windows: [RollingOrigin]
    /// Which rows the candidate is fitted on.
    package let mode: Mode
    /// What decides which of two forecasts is the better one on a window.
    package let measure: Measure
    private let fit: Fit

    /// A backtest.
    ///
    /// A season longer than the rows before the first window of a series is cut to the last value (season 1) for it.
    /// - Parameters:
    ///   - windows: By series, in the order of `candidate.keys`, with the candidate's horizon and all with one stride.
    ///   - fit: Fits the candidate's kind of model; not called with mode `fixed`.
    /// - Throws: `ForecastingError.incomparable` when the incumbent does not forecast the same.
    package init(
        candidate: PanelForecaster,
        incumbent: PanelForecaster? = nil,
        seasonLength: Int,
        windows: [RollingOrigin],
        mode: Mode = .fixed,
        measure: Measure = Measure(metric: .mae, isScaled: false),
        fit: @escaping Fit
    ) throws(ForecastingError) {
        precondition(
            windows.count == candidate.keys.count
                && windows.allSatisfy { $0.strideSteps == windows[0].strideSteps && $0.horizon == windows[0].horizon },
            "Backtest: \(windows.count) different windows for \(candidate.keys.count) series"
        )
        if let incumbent { _ = try Self.requireSameForecast(incumbent, as: candidate, windows) }
        self.candidate = candidate
        self.incumbent = incumbent
        seasonLengths = zip(candidate.forecasters, windows).map { forecaster, windows in
            let seen = windows.first - forecaster.preprocessor.measuring.warmUp
            return (1...max(1, seen)).contains(seasonLength) ? seasonLength : 1
        }
        self.windows = windows
        self.mode = mode
        self.measure = measure
        self.fit = fit
    }

    /// Forecasts all windows of all series with all models.
    ///
    /// Long: call it off the cooperative pool.
    ///
    /// - Parameters:
    ///   - panel: The candidate's series, each with its columns in its order, original units; what is missing is NaN.
    ///   - train: By series, the rows that the in-sample naive error of MASE is taken over, and whose number a sliding fit
    ///     takes.
    /// - Throws: `ForecastingError`: `invalidFrame`, `invalidHistory` for values not finite, `fitFailed`.
    package func run(on panel: Panel, train: [Range<Int>]) throws(ForecastingError) -> BacktestReport {
        try requireSameSeries(panel)
        precondition(train.count == panel.series.count, "Backtest: \(train.count) train parts for another panel")
        let tableSize = max(1, Self.largestTable / panel.series.count)
        let meters = try forEach { series throws(ForecastingError) in
            try WindowMeter(
                naive: naiveForecaster(series, panel.series[series].frame, train[series]),
                frame: panel.series[series].frame,
                train: train[series],
                windows: windows[series],
                measure: measure,
                tableSize: tableSize
            )
        }
        let candidate = try scoreCandidate(meters, train)
        let incumbent = try scoreIncumbent(meters)
        return BacktestReport(
            mode: mode,
            panel: panel,
            windows: windows,
            seasonLength: seasonLengths.max() ?? 1,
            measure: measure,
            candidate: candidate,
            incumbent: incumbent,
            seasonalNaive: BacktestReport.Score(
                try forEach { series throws(ForecastingError) in try meters[series].tally(of: meters[series].naive) },
                meters
            )
        )
    }

    private func requireSameSeries(_ panel: Panel) throws(ForecastingError) {
        guard panel.names == candidate.common.columns else {
            throw .invalidFrame(reason: "columns \(panel.names) are not the model's \(candidate.common.columns)")
        }
        guard panel.groupBy == candidate.groupBy, panel.series.map(\.key) == candidate.keys else {
            throw .invalidFrame(
                reason: "its \(panel.series.count) series of \(panel.groupBy) are not the model's "
                    + "\(candidate.keys.count) of \(candidate.groupBy)"
            )
        }
    }

    // MARK: Models

    private func scoreCandidate(
        _ meters: [WindowMeter],
        _ train: [Range<Int>]
    ) throws(ForecastingError) -> BacktestReport.Score {
        let published = candidate.forecasters
        guard mode != .fixed else { return BacktestReport.Score(try tallies(of: published, meters), meters) }
        var score = BacktestReport.Score(try talliesOfFits(meters, train), meters)
        // What is published is the candidate itself, so its intervals are measured also where other fits are scored.
        if candidate.common.intervals != nil {
            score.intervals = BacktestReport.Score(try tallies(of: published, meters), meters).intervals
        }
        return score
    }

    private func scoreIncumbent(_ meters: [WindowMeter]) throws(ForecastingError) -> BacktestReport.Score? {
        guard let incumbent else { return nil }
        let tallies = try forEach { series throws(ForecastingError) -> WindowMeter.Tally? in
            guard let place = incumbent.place(of: candidate.keys[series]) else { return nil }
            return try meters[series].tally(of: incumbent.forecasters[place])
        }
        return BacktestReport.Score(tallies, meters)
    }

    private func tallies(
        of forecasters: [Forecaster],
        _ meters: [WindowMeter]
    ) throws(ForecastingError) -> [WindowMeter.Tally] {
        try forEach { series throws(ForecastingError) in try meters[series].tally(of: forecasters[series]) }
    }

    /// Fits anew for each window: the windows of all series that are as far from the end as each other share a fit. A series
    /// that has no such window gives its rows before its first one.
    private func talliesOfFits(
        _ meters: [WindowMeter],
        _ train: [Range<Int>]
    ) throws(ForecastingError) -> [WindowMeter.Tally] {
        var tallies = meters.map(\.emptyTally)
        let most = windows.reduce(0) { max($0, $1.count) }
        for left in (0..<most).reversed() {
            let rows = windows.indices.map { series in
                let origin = windows[series].origin(max(0, windows[series].count - 1 - left))
                return (mode == .sliding ? max(0, origin - train[series].count) : 0)..<origin
            }
            let fitted = try fit(rows)
            guard fitted.keys == candidate.keys else {
                throw .invalidModel(reason: "it was fitted on other series than the candidate")
            }
            _ = try forEach { series throws(ForecastingError) in
                let window = windows[series].count - 1 - left
                guard window >= 0 else { return }
                try meters[series].add(window..<(window + 1), by: fitted.forecasters[series], to: &tallies[series])
            }
        }
        return tallies
    }

    /// The seasonal naive forecast of what the candidate forecasts; it looks back just one season, whatever that sees.
    private func naiveForecaster(
        _ series: Int,
        _ frame: TimeSeriesFrame,
        _ train: Range<Int>
    ) throws(ForecastingError) -> Forecaster {
        let (candidate, seasonLength) = (candidate.forecasters[series], seasonLengths[series])
        let shape = try WindowShape(
            lookback: seasonLength,
            horizon: candidate.shape.horizon,
            channels: candidate.columns.count,
            targets: candidate.shape.targets
        )
        let rows = RawRows(frame, train, targets: shape.targets, frequency: candidate.frequency)
        return try Forecaster(
            model: SeasonalNaive(shape: shape, seasonLength: seasonLength),
            preprocessor: Preprocessor(candidate.preprocessor.measuring, fitting: rows),
            columns: candidate.columns,
            frequency: candidate.frequency
        )
    }

    /// A value for each series; what is thrown names the series.
    private func forEach<Value>(
        _ work: (_ series: Int) throws(ForecastingError) -> Value
    ) throws(ForecastingError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(candidate.keys.count)
        for (series, key) in candidate.keys.enumerated() {
            do throws(ForecastingError) {
                values.append(try work(series))
            } catch {
                throw error.named(key, candidate.groupBy)
            }
        }
        return values
    }
}
