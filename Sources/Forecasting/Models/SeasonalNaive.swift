// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Forecasts each step with the value one season before; the yardstick for all other models.
///
/// Step h of the horizon (from 0) repeats row `lookback - seasonLength + h mod seasonLength` of the window.
package struct SeasonalNaive: ForecastModel {
    package let shape: WindowShape
    private let seasonLength: Int

    /// A model that repeats the last `seasonLength` rows; 1 repeats the last value.
    /// - Throws: `ForecastingError.invalidShape` when the season is longer than the lookback, or the shape has a future.
    package init(shape: WindowShape, seasonLength: Int) throws(ForecastingError) {
        guard (1...shape.lookback).contains(seasonLength) else {
            throw .invalidShape(
                reason: "a season of \(seasonLength) rows does not fit into a lookback of \(shape.lookback)"
            )
        }
        guard shape.future == 0 else {
            throw .invalidShape(reason: "SeasonalNaive repeats what was; it uses nothing that is known of rows to come")
        }
        self.shape = shape
        self.seasonLength = seasonLength
    }

    package var configuration: ModelConfiguration { .seasonalNaive(seasonLength: seasonLength) }

    package var tensors: [NamedTensor] { [] }

    package func predict(
        _ windows: Span<Float>,
        future: Span<Float>,
        ends: Span<Int64>,
        batch: Int,
        into output: inout MutableSpan<Float>
    ) {
        checkSizes(windows: windows.count, future: future.count, batch: batch, output: output.count)
        let shape = shape
        let season = seasonLength
        output.withUnsafeMutableBufferPointer { output in
            windows.withUnsafeBufferPointer { windows in
                var position = 0
                for window in 0..<batch {
                    let start = (window + 1) * shape.inputCount - season * shape.channels
                    for step in 0..<shape.horizon {
                        let row = start + (step % season) * shape.channels
                        for target in 0..<shape.targets {
                            output[position] = windows[row + target]
                            position += 1
                        }
                    }
                }
            }
        }
    }
}
