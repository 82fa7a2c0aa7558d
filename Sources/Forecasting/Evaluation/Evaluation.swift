// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Rolls a forecaster over a range of rows, beside the seasonal naive forecast on the same windows.
package struct Evaluation: Sendable {
    /// What an evaluation found.
    package struct Report: Hashable, Codable, Sendable {
        /// The number of windows, each with all steps of the horizon.
        package let windows: Int
        /// The model's errors in scaled units.
        package let scaled: ForecastMetrics
        /// The model's errors in original units.
        package let original: ForecastMetrics
        /// The model's mean absolute error of each step, in scaled units.
        package let maeByStep: [Double]
        /// The season of the naive forecasts, in rows.
        package let seasonLength: Int
        /// The seasonal naive errors on the same windows, in scaled units.
        package let naiveScaled: ForecastMetrics
        /// The seasonal naive errors on the same windows, in original units.
        package let naiveOriginal: ForecastMetrics
    }

    /// The forecaster to evaluate.
    package let forecaster: Forecaster
    /// The season of the naive forecasts, in rows.
    package let seasonLength: Int
    /// How many windows are forecast at a time.
    package let batchSize: Int

    /// An evaluation of a forecaster. A season longer than the lookback is cut to the last value (season 1).
    package init(forecaster: Forecaster, seasonLength: Int, batchSize: Int = 128) {
        self.forecaster = forecaster
        self.seasonLength = (1...forecaster.shape.lookback).contains(seasonLength) ? seasonLength : 1
        self.batchSize = max(1, batchSize)
    }

    /// Forecasts every window of stride 1 in `rows`. Long: call it off the cooperative pool.
    ///
    /// - Parameters:
    ///   - frame: The forecaster's columns in its order, complete, original units.
    ///   - rows: The rows to evaluate on, `lookback` rows of context first.
    ///   - train: The rows that the in-sample naive error of MASE is taken over.
    /// - Throws: `ForecastingError`: `tooFewRows` when there is no window, `invalidHistory` for values not finite.
    package func run(on frame: TimeSeriesFrame, rows: Range<Int>, train: Range<Int>) throws(ForecastingError) -> Report
    {
        let shape = forecaster.shape
        guard frame.names == forecaster.columns else {
            throw .invalidFrame(reason: "columns \(frame.names) are not the model's \(forecaster.columns)")
        }
        try FrameChecks.requireWindow(
            rows: rows.count,
            lookback: shape.lookback,
            horizon: shape.horizon,
            part: "the evaluated part"
        )
        let naive = try Forecaster(
            model: SeasonalNaive(shape: shape, seasonLength: seasonLength),
            scaler: forecaster.scaler,
            columns: forecaster.columns,
            frequency: forecaster.frequency
        )
        let values = frame.rowMajor(rows)
        let windowCount = DataSplit.windowCount(rows: rows.count, lookback: shape.lookback, horizon: shape.horizon)
        var errors = MetricsAccumulator(horizon: shape.horizon, targets: shape.targets)
        var naiveErrors = errors
        for start in stride(from: 0, to: windowCount, by: batchSize) {
            let windows = start..<min(start + batchSize, windowCount)
            let (history, truth) = gather(values, windows)
            errors.add(
                forecasts: try forecaster.forecast(history: history, batch: windows.count),
                truth: truth,
                batch: windows.count
            )
            naiveErrors.add(
                forecasts: try naive.forecast(history: history, batch: windows.count),
                truth: truth,
                batch: windows.count
            )
        }
        return report(errors, naiveErrors, inSample: inSampleErrors(frame, train))
    }

    /// The histories [windows x lookback x channels] and true values [windows x horizon x targets] of a batch.
    private func gather(_ values: [Double], _ windows: Range<Int>) -> (history: [Double], truth: [Double]) {
        let shape = forecaster.shape
        var history: [Double] = []
        var truth: [Double] = []
        history.reserveCapacity(windows.count * shape.inputCount)
        truth.reserveCapacity(windows.count * shape.outputCount)
        for window in windows {
            let start = window * shape.channels
            let middle = start + shape.inputCount
            history.append(contentsOf: values[start..<middle])
            if shape.channels == shape.targets {
                truth.append(contentsOf: values[middle..<(middle + shape.outputCount)])
                continue
            }
            for step in 0..<shape.horizon {
                let row = middle + step * shape.channels
                truth.append(contentsOf: values[row..<(row + shape.targets)])
            }
        }
        return (history, truth)
    }

    /// By target, the mean of |y[t] - y[t - season]| over the train rows; 0 when there are too few.
    private func inSampleErrors(_ frame: TimeSeriesFrame, _ train: Range<Int>) -> [Double] {
        frame.columns.prefix(forecaster.shape.targets).map { column in
            let values = column[train]
            let count = values.count - seasonLength
            guard count > 0 else { return 0 }
            let sum = zip(values.dropFirst(seasonLength), values).reduce(0) { $0 + abs($1.0 - $1.1) }
            return sum / Double(count)
        }
    }

    private func report(_ errors: MetricsAccumulator, _ naive: MetricsAccumulator, inSample: [Double]) -> Report {
        let deviations = forecaster.scaler.deviations
        let ones = [Double](repeating: 1, count: deviations.count)
        return Report(
            windows: errors.windows,
            scaled: errors.metrics(deviations: deviations, naiveErrors: inSample),
            original: errors.metrics(deviations: ones, naiveErrors: inSample),
            maeByStep: errors.absoluteErrorByStep(deviations: deviations),
            seasonLength: seasonLength,
            naiveScaled: naive.metrics(deviations: deviations, naiveErrors: inSample),
            naiveOriginal: naive.metrics(deviations: ones, naiveErrors: inSample)
        )
    }
}
