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
    /// What is done to a history before the model sees it.
    package let preprocessor: Preprocessor
    /// The model, which works in scaled units.
    package let model: any ForecastModel
    /// Where the quantiles of a forecast lie; nil where nobody asked for them.
    package private(set) var intervals: ForecastIntervals?

    /// What goes into the model, and what comes out: its lookback and channels are not those of a history.
    package var shape: WindowShape { model.shape }
    /// What a history in original units must look like, and the forecast that follows from it: all that callers outside of
    /// training need to know of shapes. Its rows are those that the model sees, and before them those that preprocessing
    /// needs.
    package let historyShape: WindowShape
    /// Whether values of a history may be missing.
    package var fillsGaps: Bool { preprocessor.fill != nil }
    /// The rows of a history.
    var historyRows: Int { historyShape.lookback }
    /// The columns of a forecast.
    package var targets: [String] { Array(columns.prefix(shape.targets)) }
    /// The columns whose values must be known for the rows to forecast.
    package var futureColumns: [String] { Array(columns.suffix(historyShape.future)) }

    /// Joins a model and its preprocessing.
    /// - Throws: `ForecastingError.invalidModel` when they do not fit each other.
    package init(
        model: any ForecastModel,
        preprocessor: Preprocessor,
        columns: [String],
        frequency: Frequency
    ) throws(ForecastingError) {
        let shape = model.shape
        try preprocessor.validate(columns: columns.count, model: shape)
        historyShape = try WindowShape(
            lookback: shape.lookback + preprocessor.warmUp,
            horizon: shape.horizon,
            channels: columns.count,
            targets: shape.targets,
            future: preprocessor.future?.columns ?? 0
        )
        self.model = model
        self.preprocessor = preprocessor
        self.columns = columns
        self.frequency = frequency
    }

    /// Joins a model and a scaler, where nothing else is done to a history.
    /// - Throws: `ForecastingError.invalidModel` when they do not fit each other.
    package init(
        model: any ForecastModel,
        scaler: Scaler,
        columns: [String],
        frequency: Frequency
    ) throws(ForecastingError) {
        try self.init(
            model: model,
            preprocessor: Preprocessor(scaler: scaler),
            columns: columns,
            frequency: frequency
        )
    }

    /// The same forecaster with intervals round its forecasts, which stay as they are.
    /// - Throws: `ForecastingError.invalidModel` when they do not fit each other.
    package func adding(_ intervals: ForecastIntervals) throws(ForecastingError) -> Forecaster {
        try intervals.validate(horizon: shape.horizon, targets: shape.targets)
        var forecaster = self
        forecaster.intervals = intervals
        return forecaster
    }

    /// Whether a forecast depends on when it is made.
    package var usesTimes: Bool { model.usesTimes || preprocessor.future?.calendar != nil }

    /// The numbers in one history.
    private var historyCount: Int { historyShape.inputCount }

    /// Forecasts a batch, in original units.
    ///
    /// - Parameters:
    ///   - history: [batch x lookback x channels] of `historyShape`, row-major, oldest row first. A value that is missing is NaN,
    ///     where gaps may be filled.
    ///   - future: [batch x horizon x future] of `historyShape`: the values of `futureColumns` in the rows to forecast. A value
    ///     that is missing is NaN, where gaps may be filled.
    ///   - ends: [batch], the time of each history's last row in seconds since 1970 (UTC); may be empty where the model
    ///     does not use times.
    ///   - batch: The number of histories.
    ///   - output: [batch x horizon x targets], row-major; every element is written.
    /// - Throws: `ForecastingError.invalidHistory` when sizes do not fit, or a value cannot be used.
    package func forecast(
        _ history: Span<Double>,
        future: Span<Double>,
        ends: Span<Int64>,
        batch: Int,
        into output: inout MutableSpan<Double>
    ) throws(ForecastingError) {
        guard batch >= 0, history.count == batch * historyCount, output.count == batch * shape.outputCount else {
            throw wrongSize(history.count, batch: batch)
        }
        try checkTimes(ends, batch: batch)
        let told = try futureChannels(history, future, ends, batch: batch)
        guard preprocessor.onlyScales else {
            return try forecastStepByStep(history, told, ends: ends, batch: batch, into: &output)
        }
        guard let fault = forecastScaled(history, told, ends: ends, batch: batch, into: &output) else { return }
        guard history[fault].isNaN, preprocessor.fill != nil else { throw unusable(fault) }
        try forecastStepByStep(history, told, ends: ends, batch: batch, into: &output)
    }

    /// Forecasts a batch; see the other method.
    package func forecast(
        history: [Double],
        future: [Double] = [],
        ends: [Int64] = [],
        batch: Int = 1
    ) throws(ForecastingError) -> [Double] {
        guard batch >= 0, history.count / historyCount == batch else { throw wrongSize(history.count, batch: batch) }
        var output = [Double](repeating: 0, count: batch * shape.outputCount)
        var span = output.mutableSpan
        try forecast(history.span, future: future.span, ends: ends.span, batch: batch, into: &span)
        return output
    }

    /// A history with its gaps filled, as the model is shown it.
    ///
    /// - Parameters:
    ///   - history: [lookback x channels] of `historyShape`, row-major.
    ///   - end: The time of its last row.
    /// - Throws: `ForecastingError.invalidHistory`.
    package func completed(history: [Double], end: Int64) throws(ForecastingError) -> [Double] {
        guard history.count == historyCount else { throw wrongSize(history.count, batch: 1) }
        let columns = try preprocessor.filled(try rawRows(history.span, 0, end: end))
        return (0..<historyRows).flatMap { row in columns.map { $0[row] } }
    }

    private func wrongSize(_ count: Int, batch: Int) -> ForecastingError {
        .invalidHistory(
            reason: "\(count) numbers for \(batch) window(s) of \(historyRows) rows and \(columns.count) columns"
        )
    }

    private func unusable(_ index: Int) -> ForecastingError {
        let row = index / columns.count % historyRows + 1
        return .invalidHistory(
            reason: "row \(row) of \(historyRows), column '\(columns[index % columns.count])': not a usable number"
        )
    }

    /// All times of the windows and of their forecasts must be within the calendar.
    private func checkTimes(_ ends: Span<Int64>, batch: Int) throws(ForecastingError) {
        guard usesTimes else { return }
        guard ends.count == batch else {
            throw .invalidHistory(reason: "\(ends.count) times for \(batch) window(s); give the time of each last row")
        }
        for window in ends.indices {
            guard frequency.instant(1 - historyRows, after: ends[window]) != nil,
                frequency.instant(shape.horizon, after: ends[window]) != nil
            else {
                throw .invalidHistory(reason: "its last row's time \(ends[window]) is outside of the years 1 to 9999")
            }
        }
    }
}

// MARK: All steps of preprocessing

extension Forecaster {
    private func forecastStepByStep(
        _ history: Span<Double>,
        _ told: [Float],
        ends: Span<Int64>,
        batch: Int,
        into output: inout MutableSpan<Double>
    ) throws(ForecastingError) {
        var inputs: [Float] = []
        inputs.reserveCapacity(batch * shape.inputCount)
        var tails: [[[Double]]] = []
        for window in 0..<batch {
            let seen = try modelWindow(history, window, end: ends.count == batch ? ends[window] : nil)
            for row in 0..<shape.lookback {
                for (channel, values) in seen.channels.enumerated() {
                    let value = Float(values[row])
                    guard value.isFinite else {
                        throw .invalidHistory(
                            reason: "column '\(column(of: channel))': what preprocessing makes of it is not finite"
                        )
                    }
                    inputs.append(value)
                }
            }
            tails.append(seen.tails)
        }
        var forecasts = [Float](repeating: 0, count: batch * shape.outputCount)
        var span = forecasts.mutableSpan
        model.predict(inputs.span, future: told.span, ends: ends, batch: batch, into: &span)
        for window in 0..<batch {
            for target in 0..<shape.targets {
                let first = window * shape.outputCount + target
                let places = stride(from: first, to: (window + 1) * shape.outputCount, by: shape.targets)
                let values = places.map { Double(forecasts[$0]) }
                let restored = preprocessor.restored(values, target: target, after: tails[window][target])
                for (place, value) in zip(places, restored) { output[place] = value }
            }
        }
    }

    private func modelWindow(
        _ history: Span<Double>,
        _ window: Int,
        end: Int64?
    ) throws(ForecastingError) -> Preprocessor.Window {
        let rows = try rawRows(history, window, end: end)
        do throws(ForecastingError) {
            return try preprocessor.window(rows)
        } catch {
            // To who asks for a forecast, all that is wrong with its values is one kind of fault.
            if case .invalidHistory = error { throw error }
            throw .invalidHistory(reason: error.description)
        }
    }

    /// One history of a batch, column by column.
    func rawRows(_ history: Span<Double>, _ window: Int, end: Int64?) throws(ForecastingError) -> RawRows {
        let (first, width) = (window * historyCount, columns.count)
        for index in first..<(first + historyCount) {
            let value = history[index]
            guard value.isFinite || (value.isNaN && preprocessor.fill != nil) else { throw unusable(index) }
        }
        return RawRows(
            names: columns,
            columns: (0..<width).map { column in (0..<historyRows).map { history[first + $0 * width + column] } },
            targets: shape.targets,
            frequency: frequency,
            end: end
        )
    }
}

// MARK: Scaling alone, without further memory

extension Forecaster {
    /// Returns the index of the first value that cannot be used.
    private func forecastScaled(
        _ history: Span<Double>,
        _ told: [Float],
        ends: Span<Int64>,
        batch: Int,
        into output: inout MutableSpan<Double>
    ) -> Int? {
        let (inputs, outputs) = (history.count, output.count)
        return history.withUnsafeBufferPointer { history in
            output.withUnsafeMutableBufferPointer { output in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: inputs + outputs) { scratch in
                    scratch.initialize(repeating: 0)
                    let windows = UnsafeMutableBufferPointer(rebasing: scratch[..<inputs])
                    let forecasts = UnsafeMutableBufferPointer(rebasing: scratch[inputs...])
                    if let fault = scale(history, into: windows) { return fault as Int? }
                    var result = forecasts.mutableSpan
                    model.predict(
                        UnsafeBufferPointer(windows).span,
                        future: told.span,
                        ends: ends,
                        batch: batch,
                        into: &result
                    )
                    unscale(forecasts, into: output)
                    return nil
                }
            }
        }
    }

    /// Returns the index of the first value that is not finite in 32 bits.
    private func scale(_ history: UnsafeBufferPointer<Double>, into windows: UnsafeMutableBufferPointer<Float>) -> Int?
    {
        let channels = shape.channels
        return preprocessor.scaler.centers.withUnsafeBufferPointer { centers in
            preprocessor.scaler.scales.withUnsafeBufferPointer { scales in
                var index = 0
                while index < history.count {
                    for channel in 0..<channels {
                        let value = Float((history[index + channel] - centers[channel]) / scales[channel])
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
        preprocessor.scaler.centers.withUnsafeBufferPointer { centers in
            preprocessor.scaler.scales.withUnsafeBufferPointer { scales in
                var index = 0
                while index < forecasts.count {
                    for target in 0..<targets {
                        output[index + target] = Double(forecasts[index + target]) * scales[target] + centers[target]
                    }
                    index += targets
                }
            }
        }
    }
}
