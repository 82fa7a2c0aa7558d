// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Makes intervals of a model's own errors on rows that it was not fitted on: split conformal prediction.
///
/// V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", 2005; J. Lei et al., "Distribution-Free
/// Predictive Inference for Regression", JASA 113, 2018. Each step and target has bounds of its own, as in
/// K. Stankeviciute, A. Alaa, M. van der Schaar, "Conformal Time-Series Forecasting", NeurIPS 2021, but for one step at a
/// time: a level is said of each value, not of a whole path. Where the errors to come and those measured are
/// exchangeable, an interval of level L holds the true value with a probability of at least L, whatever the model and
/// the distribution are. Errors are signed and both tails are taken by themselves, so a model that is always too low
/// gets bounds that are shifted, and not just wide.
package struct ConformalFit: Sendable {
    /// So many errors are held in memory; of longer validation parts the windows lie further apart.
    private static let largestCount = 8_000_000
    private static let batchSize = 128

    private let levels: IntervalLevels

    /// A fit for some levels.
    package init(_ levels: IntervalLevels) { self.levels = levels }

    /// The windows that errors are taken on: all that the validation part holds, unless those are too many to keep.
    ///
    /// - Parameters:
    ///   - validation: Its rows, `historyRows` rows of context first; empty where there is none.
    ///   - historyRows: The rows of a history.
    /// - Throws: `ForecastingError.tooFewErrors` where the highest level cannot be founded on them.
    package func windows(
        validation: Range<Int>,
        historyRows: Int,
        horizon: Int,
        targets: Int
    ) throws(ForecastingError) -> RollingOrigin {
        let highest = levels.percents.last ?? 0
        let (needed, rows) = (IntervalLevels.leastCount(highest), max(0, validation.count - historyRows))
        let possible = DataSplit.windowCount(rows: validation.count, lookback: historyRows, horizon: horizon)
        guard possible >= max(1, needed) else {
            throw .tooFewErrors(percent: highest, needed: needed, windows: possible, rows: rows, horizon: horizon)
        }
        let most = max(needed, Self.largestCount / (horizon * targets))
        return try RollingOrigin(
            test: validation,
            lookback: historyRows,
            horizon: horizon,
            strideSteps: max(1, possible / most)
        )
    }

    /// Forecasts the windows of each series' validation part and measures how far the true values lie from that.
    ///
    /// The bounds of a series follow from its own errors, as what is promised is promised of each series: errors of others
    /// are not exchangeable with its own, whatever the scale. A series with too few windows is therefore refused, not lent
    /// the bounds of others. Long: call it off the cooperative pool.
    /// - Parameters:
    ///   - panel: The forecaster's series with its columns in its order, original units; what is missing is NaN.
    ///   - validation: One range a series, in the panel's order, the rows of a history as context first.
    /// - Returns: The same forecaster with intervals.
    /// - Throws: `ForecastingError`: `tooFewErrors`, `invalidHistory`, `fitFailed` for forecasts that are no numbers; what is
    ///   wrong with one of several series is `inSeries`. `invalidModel` where the panel has other series.
    package func calibrated(
        _ forecaster: PanelForecaster,
        on panel: Panel,
        validation: [Range<Int>]
    ) throws(ForecastingError) -> PanelForecaster {
        guard panel.series.map(\.key) == forecaster.keys else {
            throw .invalidModel(reason: "its intervals cannot be measured on other series than its own")
        }
        let parts = Array(zip(forecaster.forecasters, validation))
        return try PanelForecaster(
            groupBy: forecaster.groupBy,
            keys: forecaster.keys,
            forecasters: panel.mapSeries(with: parts) { series, part throws(ForecastingError) in
                try calibrated(part.0, on: series.frame, validation: part.1)
            },
            scope: forecaster.scope
        )
    }

    /// The forecaster of one series with intervals.
    private func calibrated(
        _ forecaster: Forecaster,
        on frame: TimeSeriesFrame,
        validation: Range<Int>
    ) throws(ForecastingError) -> Forecaster {
        let shape = forecaster.historyShape
        let windows = try windows(
            validation: validation,
            historyRows: shape.lookback,
            horizon: shape.horizon,
            targets: shape.targets
        )
        let errors = try errors(of: forecaster, on: frame, windows)
        let offsets = errors.flatMap { column in
            let sorted = column.sorted()
            return levels.quantiles.map { Self.quantile($0, ofSorted: sorted) }
        }
        let intervals = ForecastIntervals(levels: levels, windows: windows.count, offsets: offsets)
        return try forecaster.adding(intervals)
    }

    /// By step and target: true value less forecast, a window each.
    private func errors(
        of forecaster: Forecaster,
        on frame: TimeSeriesFrame,
        _ windows: RollingOrigin
    ) throws(ForecastingError) -> [[Double]] {
        let (shape, preprocessor) = (forecaster.historyShape, forecaster.preprocessor)
        let end = windows.origin(windows.count - 1) + windows.horizon
        // No row behind the validation part: a gap at its end must not be filled from the test rows.
        let seen = RawRows(frame, 0..<end, targets: shape.targets, frequency: forecaster.frequency)
        let truth = try preprocessor.measured(seen)
        let firstTruth = preprocessor.measuring.warmUp
        var errors = [[Double]](repeating: [], count: shape.outputCount)
        for cell in errors.indices { errors[cell].reserveCapacity(windows.count) }
        for start in stride(from: 0, to: windows.count, by: Self.batchSize) {
            let origins = (start..<min(start + Self.batchSize, windows.count)).map(windows.origin)
            let forecasts = try forecaster.forecast(
                history: origins.flatMap { frame.rowMajor(($0 - shape.lookback)..<$0) },
                future: origins.flatMap { origin in
                    (origin..<(origin + shape.horizon)).flatMap { row in
                        frame.columns.suffix(shape.future).map { $0[row] }
                    }
                },
                ends: origins.map { frame.timestamps[$0 - 1] },
                batch: origins.count
            )
            for (index, forecast) in forecasts.enumerated() {
                let (window, cell) = index.quotientAndRemainder(dividingBy: shape.outputCount)
                let (step, target) = cell.quotientAndRemainder(dividingBy: shape.targets)
                let error = truth[target][origins[window] + step - firstTruth] - forecast
                guard error.isFinite else {
                    let kind = forecaster.model.configuration.kind
                    throw .fitFailed(model: kind, reason: "a forecast of the validation rows is no number")
                }
                errors[cell].append(error)
            }
        }
        return errors
    }

    /// The order statistic that bounds a new error with at least this probability: of n errors the one of rank
    /// ⌈(n + 1) p⌉, from the other end for lower bounds. It may not lie beyond the last one.
    static func quantile(_ probability: Double, ofSorted errors: [Double]) -> Double {
        let count = errors.count
        func rank(_ probability: Double) -> Int {
            min(count, Int((Double(count + 1) * probability - 1e-9).rounded(.up)))
        }
        if probability > 0.5 { return errors[rank(probability) - 1] }
        if probability < 0.5 { return errors[count - rank(1 - probability)] }
        return (errors[(count - 1) / 2] + errors[count / 2]) / 2
    }
}
