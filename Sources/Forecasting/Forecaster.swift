// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A model with its preprocessing: original units in, original units out.
///
/// The one code path of evaluation and serving, so that what was measured is what is served. A value; safe to share.
package struct Forecaster: Sendable {
    /// The columns of a history, targets first.
    package let columns: [String]
    /// The step from row to row.
    package let frequency: Frequency
    /// The scaling of each column.
    package let scaler: Scaler
    /// The model, which works in scaled units.
    package let model: any ForecastModel

    /// What goes in and what comes out.
    package var shape: WindowShape { model.shape }
    /// What a history in original units must look like, and the forecast that follows from it: all that callers outside of
    /// training need to know of shapes.
    package var historyShape: WindowShape { model.shape }
    /// The columns of a forecast.
    package var targets: [String] { Array(columns.prefix(shape.targets)) }

    /// Joins a model and its preprocessing.
    /// - Throws: `ForecastingError.invalidModel` when they do not fit each other.
    package init(
        model: any ForecastModel,
        scaler: Scaler,
        columns: [String],
        frequency: Frequency
    ) throws(ForecastingError) {
        guard columns.count == model.shape.channels, scaler.means.count == columns.count else {
            throw .invalidModel(
                reason: "\(columns.count) columns, a scaler of \(scaler.means.count) and a model of "
                    + "\(model.shape.channels) channels do not fit each other"
            )
        }
        self.model = model
        self.scaler = scaler
        self.columns = columns
        self.frequency = frequency
    }

    /// Whether a forecast depends on when it is made.
    package var usesTimes: Bool { model.usesTimes }

    /// Forecasts a batch, in original units.
    ///
    /// - Parameters:
    ///   - history: [batch x lookback x columns], row-major, oldest row first.
    ///   - ends: [batch], the time of each history's last row in seconds since 1970 (UTC); may be empty where the model
    ///     does not use times.
    ///   - batch: The number of histories.
    ///   - output: [batch x horizon x targets], row-major; every element is written.
    /// - Throws: `ForecastingError.invalidHistory` when sizes do not fit, or a value is not finite.
    package func forecast(
        _ history: Span<Double>,
        ends: Span<Int64>,
        batch: Int,
        into output: inout MutableSpan<Double>
    ) throws(ForecastingError) {
        let (inputs, outputs) = (batch * shape.inputCount, batch * shape.outputCount)
        guard batch >= 0, history.count == inputs, output.count == outputs else {
            throw .invalidHistory(
                reason: "\(history.count) numbers for \(batch) window(s) of \(shape.lookback) rows and "
                    + "\(shape.channels) columns"
            )
        }
        try checkTimes(ends, batch: batch)
        let fault = history.withUnsafeBufferPointer { history in
            output.withUnsafeMutableBufferPointer { output in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: inputs + outputs) { scratch in
                    scratch.initialize(repeating: 0)
                    let windows = UnsafeMutableBufferPointer(rebasing: scratch[..<inputs])
                    let forecasts = UnsafeMutableBufferPointer(rebasing: scratch[inputs...])
                    if let fault = scale(history, into: windows) { return fault as Int? }
                    var result = forecasts.mutableSpan
                    model.predict(UnsafeBufferPointer(windows).span, ends: ends, batch: batch, into: &result)
                    unscale(forecasts, into: output)
                    return nil
                }
            }
        }
        guard let fault else { return }
        let row = fault / shape.channels % shape.lookback + 1
        throw .invalidHistory(
            reason: "row \(row) of \(shape.lookback), column '\(columns[fault % shape.channels])': not a usable number"
        )
    }

    /// Forecasts a batch; see the other method.
    package func forecast(
        history: [Double],
        ends: [Int64] = [],
        batch: Int = 1
    ) throws(ForecastingError) -> [Double] {
        guard batch >= 0, history.count / shape.inputCount == batch else {
            throw .invalidHistory(
                reason: "\(history.count) numbers for \(batch) window(s) of \(shape.lookback) rows and "
                    + "\(shape.channels) columns"
            )
        }
        var output = [Double](repeating: 0, count: batch * shape.outputCount)
        var span = output.mutableSpan
        try forecast(history.span, ends: ends.span, batch: batch, into: &span)
        return output
    }

    /// All times of the windows and of their forecasts must be within the calendar.
    private func checkTimes(_ ends: Span<Int64>, batch: Int) throws(ForecastingError) {
        guard usesTimes else { return }
        guard ends.count == batch else {
            throw .invalidHistory(reason: "\(ends.count) times for \(batch) window(s); give the time of each last row")
        }
        for window in ends.indices {
            guard frequency.instant(1 - shape.lookback, after: ends[window]) != nil,
                frequency.instant(shape.horizon, after: ends[window]) != nil
            else {
                throw .invalidHistory(reason: "its last row's time \(ends[window]) is outside of the years 1 to 9999")
            }
        }
    }

    /// Returns the index of the first value that is not finite in 32 bits.
    private func scale(_ history: UnsafeBufferPointer<Double>, into windows: UnsafeMutableBufferPointer<Float>) -> Int?
    {
        let channels = shape.channels
        return scaler.means.withUnsafeBufferPointer { means in
            scaler.deviations.withUnsafeBufferPointer { deviations in
                var index = 0
                while index < history.count {
                    for channel in 0..<channels {
                        let value = Float((history[index + channel] - means[channel]) / deviations[channel])
                        guard value.isFinite else { return index + channel }
                        windows[index + channel] = value
                    }
                    index += channels
                }
                return nil
            }
        }
    }

    private func unscale(
        _ forecasts: UnsafeMutableBufferPointer<Float>,
        into output: UnsafeMutableBufferPointer<Double>
    ) {
        let targets = shape.targets
        scaler.means.withUnsafeBufferPointer { means in
            scaler.deviations.withUnsafeBufferPointer { deviations in
                var index = 0
                while index < forecasts.count {
                    for target in 0..<targets {
                        output[index + target] = Double(forecasts[index + target]) * deviations[target] + means[target]
                    }
                    index += targets
                }
            }
        }
    }
}
