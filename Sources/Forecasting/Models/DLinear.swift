// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// DLinear: forecast = trend weights * M x + seasonal weights * (I - M) x + bias, M the moving average of the window x.
///
/// A. Zeng et al., "Are Transformers Effective for Time Series Forecasting?", AAAI 2023. The past of covariates is not used; for
/// each step, weights of what is known of its row are added.
/// Trend and rest are both linear in the window, so least squares over [trend, rest] has twice as many features as rank
/// and no single solution. All of its solutions are one affine map of the window (Toner and Darlow 2024,
/// arXiv:2403.14587). We fit that map (`WindowRegression`) and store, of the pairs that give it, the one of least norm,
/// which is what a vanishing ridge on both would give. Forecasts are computed with the map itself.
package struct DLinear: ForecastModel {
    /// Kernels may be longer than the lookback: the ends are repeated.
    private static let kernelSizes = 1...10_001

    private let map: AffineWindowMap
    private let kernelSize: Int
    /// [groups x horizon x lookback].
    private let trend: [Float]
    /// [groups x horizon x lookback].
    private let seasonal: [Float]

    package var shape: WindowShape { map.shape }

    package var configuration: ModelConfiguration {
        .dlinear(individual: map.individual, kernelSize: kernelSize)
    }

    /// Fits on the train windows of all series: on scaled target columns, and the channels of the future of the same rows;
    /// one map for all targets, or one each.
    /// - Throws: `ForecastingError`: `invalidShape` for the kernel size, `tooFewRows`, `fitFailed`.
    package init(
        fitting data: TrainingData,
        shape: WindowShape,
        individual: Bool,
        kernelSize: Int
    ) throws(ForecastingError) {
        let split = try Self.split(shape, kernelSize)
        let fitted = try AffineWindowMap.fit(
            data,
            shape: shape,
            individual: individual,
            relativeToLast: false,
            model: "DLinear"
        )
        var trend: [Float] = []
        var seasonal: [Float] = []
        for regression in fitted {
            do throws(TensorError) {
                let pair = try split.leastNorm(regression.weights)
                trend += pair.trend.elements.map { Float($0) }
                seasonal += pair.seasonal.elements.map { Float($0) }
            } catch {
                throw .fitFailed(model: "DLinear", reason: error.description)
            }
        }
        self.init(
            AffineWindowMap(
                shape: shape,
                individual: individual,
                weights: Self.merged(split, trend: trend, seasonal: seasonal, lookback: shape.lookback),
                bias: fitted.flatMap { $0.bias.map { Float($0) } },
                futureWeights: fitted.flatMap { $0.futureWeights.elements.map { Float($0) } }
            ),
            kernelSize,
            trend: trend,
            seasonal: seasonal
        )
    }

    /// Takes `trend.weight` and `seasonal.weight` [groups x horizon x lookback] and `bias` [groups x horizon]; with a future
    /// also `future.weight` [groups x horizon x future].
    /// - Throws: `ForecastingError.invalidModel`, `invalidShape`.
    init(
        tensors: [NamedTensor],
        shape: WindowShape,
        individual: Bool,
        kernelSize: Int
    ) throws(ForecastingError) {
        let groups = AffineWindowMap.groups(shape, individual: individual)
        let weightShape = [groups, shape.horizon, shape.lookback]
        let split = try Self.split(shape, kernelSize)
        let trend = try tensors.float32("trend.weight", shape: weightShape)
        let seasonal = try tensors.float32("seasonal.weight", shape: weightShape)
        self.init(
            AffineWindowMap(
                shape: shape,
                individual: individual,
                weights: Self.merged(split, trend: trend, seasonal: seasonal, lookback: shape.lookback),
                bias: try tensors.float32("bias", shape: [groups, shape.horizon]),
                futureWeights: try AffineWindowMap.futureWeights(tensors, shape, groups)
            ),
            kernelSize,
            trend: trend,
            seasonal: seasonal
        )
    }

    private init(_ map: AffineWindowMap, _ kernelSize: Int, trend: [Float], seasonal: [Float]) {
        self.map = map
        self.kernelSize = kernelSize
        self.trend = trend
        self.seasonal = seasonal
    }

    /// The weights of the window itself. The groups stand below each other, and the split acts on columns: one product
    /// serves them all.
    private static func merged(
        _ split: MovingAverageSplit,
        trend: [Float],
        seasonal: [Float],
        lookback: Int
    ) -> [Float] {
        let rows = trend.count / lookback
        return split.merged(
            trend: Matrix(rows: rows, columns: lookback, elements: trend.map { Double($0) }),
            seasonal: Matrix(rows: rows, columns: lookback, elements: seasonal.map { Double($0) })
        ).elements.map { Float($0) }
    }

    private static func split(_ shape: WindowShape, _ kernelSize: Int) throws(ForecastingError) -> MovingAverageSplit {
        guard kernelSizes.contains(kernelSize) else {
            throw .invalidShape(reason: "kernelSize \(kernelSize) must be from 1 to \(kernelSizes.upperBound)")
        }
        return MovingAverageSplit(lookback: shape.lookback, kernelSize: kernelSize)
    }

    package var tensors: [NamedTensor] {
        let groups = AffineWindowMap.groups(shape, individual: map.individual)
        let weightShape = [groups, shape.horizon, shape.lookback]
        return [
            NamedTensor(name: "trend.weight", shape: weightShape, values: .float32(trend)),
            NamedTensor(name: "seasonal.weight", shape: weightShape, values: .float32(seasonal)),
            NamedTensor(name: "bias", shape: [groups, shape.horizon], values: .float32(map.bias)),
        ] + map.futureTensors
    }

    package func predict(
        _ windows: Span<Float>,
        future: Span<Float>,
        ends: Span<Int64>,
        batch: Int,
        into output: inout MutableSpan<Float>
    ) {
        checkSizes(windows: windows.count, future: future.count, batch: batch, output: output.count)
        map.predict(windows, future: future, batch: batch, into: &output, relativeToLast: false)
    }
}
