// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A fitted model: a pure function from windows and their times to forecasts, in scaled units.
package protocol ForecastModel: Sendable {
    /// What goes in and what comes out.
    var shape: WindowShape { get }
    /// The kind and its settings, as they are stored.
    var configuration: ModelConfiguration { get }
    /// The fitted numbers, as they are stored.
    var tensors: [NamedTensor] { get }
    /// Whether a forecast depends on when it is made, for instance on the hour and the weekday.
    var usesTimes: Bool { get }
    /// Multiplications a window, roughly: what decides where a forecast is computed.
    var work: Int { get }

    /// Forecasts a batch.
    ///
    /// - Parameters:
    ///   - windows: [batch x lookback x channels], row-major, targets first.
    ///   - future: [batch x horizon x future], row-major: what is known of the rows to forecast.
    ///   - ends: [batch], the time of each window's last row in seconds since 1970 (UTC), on the grid of the frequency;
    ///     may be empty where the model does not use times.
    ///   - batch: The number of windows.
    ///   - output: [batch x horizon x targets], row-major; every element is written.
    /// - Precondition: The buffers have exactly these sizes.
    func predict(
        _ windows: Span<Float>,
        future: Span<Float>,
        ends: Span<Int64>,
        batch: Int,
        into output: inout MutableSpan<Float>
    )
}

extension ForecastModel {
    package var usesTimes: Bool { false }

    package var work: Int { shape.inputCount * shape.horizon }

    /// Stops the process when buffers do not fit the shape: the caller has a bug.
    func checkSizes(windows: Int, future: Int, batch: Int, output: Int) {
        precondition(
            windows == batch * shape.inputCount && output == batch * shape.outputCount
                && future == batch * shape.futureCount,
            "predict: \(windows) inputs, \(future) of the future and \(output) outputs do not fit a batch of \(batch) windows "
                + "of \(shape.lookback) x \(shape.channels) to \(shape.horizon) x \(shape.targets), told \(shape.future)"
        )
    }
}
