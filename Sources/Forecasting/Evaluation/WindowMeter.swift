// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Takes the errors of forecasts on the windows of one table, the same way for every model.
struct WindowMeter {
    private let frame: TimeSeriesFrame
    private let windows: RollingOrigin
    private let measure: Measure
    private let targets: Int
    /// By target: what scaled units are divided by; the candidate's, for all models.
    private let deviations: [Double]
    private let ones: [Double]
    /// By target: the in-sample error of the seasonal naive forecast, for MASE.
    private let naiveErrors: [Double]
    /// By target: what may be left of a forecast of zero, for models compute with 32 bits.
    private let negligible: [Double]

    init(
        candidate: Forecaster,
        frame: TimeSeriesFrame,
        train: Range<Int>,
        seasonLength: Int,
        windows: RollingOrigin,
        measure: Measure
    ) {
        self.frame = frame
        self.windows = windows
        self.measure = measure
        targets = candidate.shape.targets
        deviations = candidate.scaler.deviations
        ones = [Double](repeating: 1, count: deviations.count)
        negligible = frame.columns.prefix(targets).map { column in
            4 * Double(Float.ulpOfOne) * column[train].reduce(0) { max($0, abs($1)) }
        }
        naiveErrors = frame.columns.prefix(targets).map { Self.inSampleError($0[train], seasonLength) }
    }

    /// The mean of |y[t] - y[t - season]|; 0 when there are too few rows.
    private static func inSampleError(_ values: ArraySlice<Double>, _ seasonLength: Int) -> Double {
        let count = values.count - seasonLength
        guard count > 0 else { return 0 }
        let sum = zip(values.dropFirst(seasonLength), values).reduce(0) { $0 + abs($1.0 - $1.1) }
        return sum / Double(count)
    }

    /// Forecasts all windows, `batch` at a time, each batch with the model for its first window's origin.
    func score(
        batch: Int,
        by forecaster: (_ origin: Int) throws(ForecastingError) -> Forecaster
    ) throws(ForecastingError) -> BacktestReport.Score {
        var all = MetricsAccumulator(horizon: windows.horizon, targets: targets, negligible: negligible)
        var losses: [Double] = []
        var table: [BacktestReport.Window] = []
        losses.reserveCapacity(windows.count)
        let firstKept = windows.count - Backtest.largestTable
        for start in stride(from: 0, to: windows.count, by: batch) {
            let range = start..<min(start + batch, windows.count)
            let model = try forecaster(windows.origin(start))
            let truth = range.flatMap(trueValues)
            let history = range.flatMap { rowsBefore($0, lookback: model.shape.lookback) }
            let ends = range.map { frame.timestamps[windows.origin($0) - 1] }
            let forecasts = try model.forecast(history: history, ends: ends, batch: range.count)
            all.add(forecasts: forecasts, truth: truth, batch: range.count)
            let width = windows.horizon * targets
            for window in range {
                let cells = ((window - start) * width)..<((window - start + 1) * width)
                let metrics = metrics(forecasts: forecasts[cells], truth: truth[cells])
                losses.append((measure.isScaled ? metrics.scaled : metrics.original).loss(measure.metric) ?? .nan)
                if window >= firstKept {
                    table.append(
                        BacktestReport.Window(
                            origin: windows.origin(window),
                            original: metrics.original,
                            scaled: metrics.scaled
                        )
                    )
                }
            }
        }
        return BacktestReport.Score(
            original: all.metrics(deviations: ones, naiveErrors: naiveErrors),
            scaled: all.metrics(deviations: deviations, naiveErrors: naiveErrors),
            maeByStep: all.absoluteErrorByStep(deviations: deviations),
            losses: losses,
            table: table
        )
    }

    /// The errors of one window, [horizon x targets].
    private func metrics(
        forecasts: ArraySlice<Double>,
        truth: ArraySlice<Double>
    ) -> (original: ForecastMetrics, scaled: ForecastMetrics) {
        // One window of many steps has the same errors as many windows of one step.
        var window = MetricsAccumulator(horizon: 1, targets: targets, negligible: negligible)
        window.add(forecasts: Array(forecasts), truth: Array(truth), batch: windows.horizon)
        return (
            window.metrics(deviations: ones, naiveErrors: naiveErrors),
            window.metrics(deviations: deviations, naiveErrors: naiveErrors)
        )
    }

    /// [lookback x columns], row-major.
    private func rowsBefore(_ window: Int, lookback: Int) -> [Double] {
        let origin = windows.origin(window)
        return frame.rowMajor((origin - lookback)..<origin)
    }

    /// [horizon x targets], row-major.
    private func trueValues(of window: Int) -> [Double] {
        let origin = windows.origin(window)
        let values = frame.rowMajor(origin..<(origin + windows.horizon))
        let channels = frame.columns.count
        guard channels > targets else { return values }
        return (0..<windows.horizon).flatMap { values[($0 * channels)..<($0 * channels + targets)] }
    }
}
