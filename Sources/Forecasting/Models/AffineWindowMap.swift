// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// A linear map a target (or one for all) from a window, and what is known of the rows to come, to its forecast, in 32 bits,
/// ready for batches.
struct AffineWindowMap: Sendable {
    let shape: WindowShape
    /// Whether each target has weights of its own.
    let individual: Bool
    /// [1 or targets x horizon x lookback].
    let weights: [Float]
    /// [1 or targets x horizon].
    let bias: [Float]
    /// [1 or targets x horizon x future].
    var futureWeights: [Float] = []

    private static let futureName = "future.weight"

    /// The stored weights of the future; none where the shape has no future.
    static func futureWeights(
        _ tensors: [NamedTensor],
        _ shape: WindowShape,
        _ groups: Int
    ) throws(ForecastingError) -> [Float] {
        guard shape.future > 0 else { return [] }
        return try tensors.float32(futureName, shape: [groups, shape.horizon, shape.future])
    }

    /// The weights of the future as they are stored; none where the shape has no future.
    var futureTensors: [NamedTensor] {
        guard shape.future > 0 else { return [] }
        let sizes = [Self.groups(shape, individual: individual), shape.horizon, shape.future]
        return [NamedTensor(name: Self.futureName, shape: sizes, values: .float32(futureWeights))]
    }

    /// How many maps there are.
    static func groups(_ shape: WindowShape, individual: Bool) -> Int { individual ? shape.targets : 1 }

    /// The fitted maps of the targets: one for all, or one each.
    static func fit(
        _ data: TrainingData,
        shape: WindowShape,
        individual: Bool,
        relativeToLast: Bool,
        model: String
    ) throws(ForecastingError) -> [WindowRegression] {
        try data.requireWindows(of: shape)
        let parts = data.segments.map {
            RegressionPart(columns: $0.trainColumns(shape.targets), future: $0.trainFuture)
        }
        let groups =
            individual
            ? (0..<shape.targets).map { target in
                parts.map { RegressionPart(columns: [$0.columns[target]], future: $0.future) }
            } : [parts]
        var fitted: [WindowRegression] = []
        for group in groups {
            do throws(TensorError) {
                let regression = try WindowRegression(
                    parts: group,
                    lookback: shape.lookback,
                    horizon: shape.horizon,
                    relativeToLast: relativeToLast
                )
                fitted.append(regression)
            } catch {
                throw .fitFailed(model: model, reason: error.description)
            }
        }
        return fitted
    }

    /// Writes bias + weights * window + future weights * future for each window of a batch; see `ForecastModel.predict`.
    ///
    /// With `relativeToLast` the last value is taken off before and added after the product, which keeps all digits of
    /// the differences where values are large.
    func predict(
        _ windows: Span<Float>,
        future: Span<Float>,
        batch: Int,
        into output: inout MutableSpan<Float>,
        relativeToLast: Bool
    ) {
        let shape = shape
        let scratchCount = relativeToLast ? shape.lookback * shape.targets : 0
        output.withUnsafeMutableBufferPointer { output in
            windows.withUnsafeBufferPointer { windows in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: scratchCount) { scratch in
                    for window in 0..<batch {
                        let input = UnsafeBufferPointer(
                            rebasing: windows[(window * shape.inputCount)..<((window + 1) * shape.inputCount)]
                        )
                        let start = window * shape.outputCount
                        let result = UnsafeMutableBufferPointer(
                            rebasing: output[start..<(start + shape.outputCount)]
                        )
                        if relativeToLast {
                            subtractLast(input, into: scratch)
                            prepare(result, last: input)
                            multiply(UnsafeBufferPointer(scratch), channels: shape.targets, into: result)
                        } else {
                            prepare(result, last: nil)
                            multiply(input, channels: shape.channels, into: result)
                        }
                    }
                }
            }
        }
        if shape.future > 0 { addFuture(future, batch: batch, to: &output) }
    }

    private func addFuture(_ future: Span<Float>, batch: Int, to output: inout MutableSpan<Float>) {
        let (width, horizon, targets) = (shape.future, shape.horizon, shape.targets)
        for window in 0..<batch {
            for step in 0..<horizon {
                let known = (window * horizon + step) * width
                for target in 0..<targets {
                    let own = ((individual ? target : 0) * horizon + step) * width
                    var sum: Float = 0
                    for channel in 0..<width { sum += futureWeights[own + channel] * future[known + channel] }
                    output[(window * horizon + step) * targets + target] += sum
                }
            }
        }
    }

    private func subtractLast(_ input: UnsafeBufferPointer<Float>, into scratch: UnsafeMutableBufferPointer<Float>) {
        let (channels, targets) = (shape.channels, shape.targets)
        let last = (shape.lookback - 1) * channels
        for row in 0..<shape.lookback {
            for target in 0..<targets {
                let value = input[row * channels + target] - input[last + target]
                scratch.initializeElement(at: row * targets + target, to: value)
            }
        }
    }

    /// Fills a forecast with what is added to the product: the bias and, where it was taken off, the last value.
    private func prepare(_ result: UnsafeMutableBufferPointer<Float>, last input: UnsafeBufferPointer<Float>?) {
        let targets = shape.targets
        let last = (shape.lookback - 1) * shape.channels
        bias.withUnsafeBufferPointer { bias in
            for step in 0..<shape.horizon {
                for target in 0..<targets {
                    let constant = bias[individual ? target * shape.horizon + step : step]
                    result[step * targets + target] = constant + (input.map { $0[last + target] } ?? 0)
                }
            }
        }
    }

    private func multiply(
        _ input: UnsafeBufferPointer<Float>,
        channels: Int,
        into result: UnsafeMutableBufferPointer<Float>
    ) {
        let (lookback, horizon, targets) = (shape.lookback, shape.horizon, shape.targets)
        weights.withUnsafeBufferPointer { weights in
            if !individual, channels == targets {
                BLAS.multiply(
                    MatrixView(weights, rows: horizon, columns: lookback),
                    MatrixView(input, rows: lookback, columns: targets),
                    beta: 1,
                    into: MutableMatrixView(result, rows: horizon, columns: targets)
                )
                return
            }
            for target in 0..<targets {
                let offset = individual ? target * horizon * lookback : 0
                BLAS.multiply(
                    MatrixView(weights, offset: offset, rows: horizon, columns: lookback),
                    VectorView(input, offset: target, count: lookback, stride: channels),
                    beta: 1,
                    into: MutableVectorView(result, offset: target, count: horizon, stride: targets)
                )
            }
        }
    }
}
