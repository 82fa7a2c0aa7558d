// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Scores a candidate, the model that is served now and the seasonal naive forecast on the same windows.
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

    /// Fits the candidate's kind of model on a range of rows.
    package typealias Fit = @Sendable (_ rows: Range<Int>) throws(ForecastingError) -> Forecaster

    /// How many windows are forecast at a time where the model stays the same.
    private static let batchSize = 128
    /// The most windows that are kept one by one, the latest ones.
    package static let largestTable = 10_000

    /// The model to score, fitted on the train part.
    package let candidate: Forecaster
    /// The model that is served now, as it is stored: it is never fitted anew.
    package let incumbent: Forecaster?
    /// The season of the naive forecasts, in rows.
    package let seasonLength: Int
    /// The windows.
    package let windows: RollingOrigin
    /// Which rows the candidate is fitted on.
    package let mode: Mode
    /// What decides which of two forecasts is the better one on a window.
    package let measure: Measure
    private let fit: Fit

    /// A backtest.
    ///
    /// A season longer than the rows before the first window is cut to the last value (season 1).
    /// - Parameter fit: Fits the candidate's kind of model; not called with mode `fixed`.
    /// - Throws: `ForecastingError.incomparable` when the incumbent does not forecast the same.
    package init(
        candidate: Forecaster,
        incumbent: Forecaster? = nil,
        seasonLength: Int,
        windows: RollingOrigin,
        mode: Mode = .fixed,
        measure: Measure = Measure(metric: .mae, isScaled: false),
        fit: @escaping Fit
    ) throws(ForecastingError) {
        if let incumbent { try Self.requireSameForecast(incumbent, as: candidate, windows) }
        self.candidate = candidate
        self.incumbent = incumbent
        let seen = windows.first - candidate.preprocessor.measuring.warmUp
        self.seasonLength = (1...max(1, seen)).contains(seasonLength) ? seasonLength : 1
        self.windows = windows
        self.mode = mode
        self.measure = measure
        self.fit = fit
    }

    /// Throws unless a model forecasts the same columns, steps and horizon as the candidate.
    package static func requireSameForecast(
        _ model: Forecaster,
        as candidate: Forecaster,
        _ windows: RollingOrigin
    ) throws(ForecastingError) {
        func text(_ names: [String]) -> String { names.joined(separator: ", ") }
        guard model.columns == candidate.columns, model.targets == candidate.targets else {
            throw .incomparable(reason: "it forecasts \(text(model.targets)) instead of \(text(candidate.targets))")
        }
        guard model.frequency == candidate.frequency else {
            throw .incomparable(reason: "its rows are \(model.frequency) apart instead of \(candidate.frequency)")
        }
        guard model.shape.horizon == candidate.shape.horizon else {
            throw .incomparable(
                reason: "it forecasts \(model.shape.horizon) rows instead of \(candidate.shape.horizon)"
            )
        }
        func meaning(_ model: Forecaster) -> String {
            let values = model.preprocessor.resample.map { "the \($0.rawValue) of each step" } ?? "the values"
            return model.preprocessor.movingAverage.map { "\(values), averaged over \($0) rows" } ?? values
        }
        guard meaning(model) == meaning(candidate) else {
            throw .incomparable(reason: "it forecasts \(meaning(model)) instead of \(meaning(candidate))")
        }
        guard model.historyRows <= windows.first else {
            throw .incomparable(
                reason:
                    "its history of \(model.historyRows) rows is more than the \(windows.first) before the first window"
            )
        }
    }

    /// Forecasts all windows with all models.
    ///
    /// Long: call it off the cooperative pool.
    ///
    /// - Parameters:
    ///   - frame: The candidate's columns in its order, original units; what is missing is NaN.
    ///   - train: The rows that the in-sample naive error of MASE is taken over, and whose number a sliding fit takes.
    /// - Throws: `ForecastingError`: `invalidFrame`, `invalidHistory` for values not finite, `fitFailed`.
    package func run(on frame: TimeSeriesFrame, train: Range<Int>) throws(ForecastingError) -> BacktestReport {
        guard frame.names == candidate.columns else {
            throw .invalidFrame(reason: "columns \(frame.names) are not the model's \(candidate.columns)")
        }
        let naive = try naiveForecaster(frame, train)
        let meter = try WindowMeter(naive: naive, frame: frame, train: train, windows: windows, measure: measure)
        return BacktestReport(
            mode: mode,
            windows: windows,
            seasonLength: seasonLength,
            measure: measure,
            candidate: try scoreCandidateAndIntervals(meter, train),
            incumbent: try incumbent.map { forecaster throws(ForecastingError) in
                try meter.score(batch: Self.batchSize) { _ in forecaster }
            },
            seasonalNaive: try meter.score(batch: Self.batchSize) { _ in naive }
        )
    }

    /// What is published is the candidate itself, so its intervals are measured also where other fits are scored.
    private func scoreCandidateAndIntervals(
        _ meter: WindowMeter,
        _ train: Range<Int>
    ) throws(ForecastingError) -> BacktestReport.Score {
        var score = try scoreCandidate(meter, train)
        guard mode != .fixed, candidate.intervals != nil else { return score }
        score.intervals = try meter.score(batch: Self.batchSize) { _ in candidate }.intervals
        return score
    }

    private func scoreCandidate(
        _ meter: WindowMeter,
        _ train: Range<Int>
    ) throws(ForecastingError) -> BacktestReport.Score {
        switch mode {
        case .fixed:
            return try meter.score(batch: Self.batchSize) { _ in candidate }
        case .expanding:
            return try meter.score(batch: 1) { origin throws(ForecastingError) in try fit(0..<origin) }
        case .sliding:
            return try meter.score(batch: 1) { origin throws(ForecastingError) in
                try fit(max(0, origin - train.count)..<origin)
            }
        }
    }

    /// The seasonal naive forecast of what the candidate forecasts; it looks back just one season, whatever that sees.
    private func naiveForecaster(
        _ frame: TimeSeriesFrame,
        _ train: Range<Int>
    ) throws(ForecastingError) -> Forecaster {
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
}
