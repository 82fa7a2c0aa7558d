// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A fitted model: a pure function from windows to forecasts, in scaled units.
package protocol ForecastModel: Sendable {
    /// What goes in and what comes out.
    var shape: WindowShape { get }
    /// The kind and its settings, as they are stored.
    var configuration: ModelConfiguration { get }
    /// The fitted numbers, as they are stored.
    var tensors: [NamedTensor] { get }

    /// Forecasts a batch.
    ///
    /// - Parameters:
    ///   - windows: [batch x lookback x channels], row-major, targets first.
    ///   - batch: The number of windows.
    ///   - output: [batch x horizon x targets], row-major; every element is written.
    /// - Precondition: Both buffers have exactly these sizes.
    func predict(_ windows: Span<Float>, batch: Int, into output: inout MutableSpan<Float>)
}

extension ForecastModel {
    /// Stops the process when buffers do not fit the shape: the caller has a bug.
    func checkSizes(windows: Int, batch: Int, output: Int) {
        precondition(
            windows == batch * shape.inputCount && output == batch * shape.outputCount,
            "predict: \(windows) inputs and \(output) outputs do not fit a batch of \(batch) windows of "
                + "\(shape.lookback) x \(shape.channels) to \(shape.horizon) x \(shape.targets)"
        )
    }
}
