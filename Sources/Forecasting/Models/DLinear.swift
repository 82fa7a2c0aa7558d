// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// DLinear: forecast = trend weights * M x + seasonal weights * (I - M) x + bias, M the moving average of the window x.
///
/// A. Zeng et al., "Are Transformers Effective for Time Series Forecasting?", AAAI 2023. Covariates are not used.
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

    /// Fits on scaled target columns; one map for all of them, or one each.
    /// - Throws: `ForecastingError`: `invalidShape` for the kernel size, `tooFewRows`, `fitFailed`.
    package init(
        fitting series: [[Double]],
        shape: WindowShape,
        individual: Bool,
        kernelSize: Int
    ) throws(ForecastingError) {
        let split = try Self.split(shape, kernelSize)
        let fitted = try AffineWindowMap.fit(
            series,
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
        let bias = fitted.flatMap { $0.bias.map { Float($0) } }
        self.init(shape, individual, kernelSize, split, trend: trend, seasonal: seasonal, bias: bias)
    }

    /// Takes `trend.weight` and `seasonal.weight` [groups x horizon x lookback] and `bias` [groups x horizon].
    /// - Throws: `ForecastingError.invalidModel`, `invalidShape`.
    init(
        tensors: [NamedTensor],
        shape: WindowShape,
        individual: Bool,
        kernelSize: Int
    ) throws(ForecastingError) {
        let groups = AffineWindowMap.groups(shape, individual: individual)
        let weightShape = [groups, shape.horizon, shape.lookback]
        self.init(
            shape,
            individual,
            kernelSize,
            try Self.split(shape, kernelSize),
            trend: try tensors.float32("trend.weight", shape: weightShape),
            seasonal: try tensors.float32("seasonal.weight", shape: weightShape),
            bias: try tensors.float32("bias", shape: [groups, shape.horizon])
        )
    }

    private init(
        _ shape: WindowShape,
        _ individual: Bool,
        _ kernelSize: Int,
        _ split: MovingAverageSplit,
        trend: [Float],
        seasonal: [Float],
        bias: [Float]
    ) {
        self.kernelSize = kernelSize
        self.trend = trend
        self.seasonal = seasonal
        // The groups stand below each other, and the split acts on columns: one product serves them all.
        let rows = trend.count / shape.lookback
        let merged = split.merged(
            trend: Matrix(rows: rows, columns: shape.lookback, elements: trend.map { Double($0) }),
            seasonal: Matrix(rows: rows, columns: shape.lookback, elements: seasonal.map { Double($0) })
        )
        map = AffineWindowMap(
            shape: shape,
            individual: individual,
            weights: merged.elements.map { Float($0) },
            bias: bias
        )
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
        ]
    }

    package func predict(_ windows: Span<Float>, ends: Span<Int64>, batch: Int, into output: inout MutableSpan<Float>) {
        checkSizes(windows: windows.count, batch: batch, output: output.count)
        map.predict(windows, batch: batch, into: &output, relativeToLast: false)
    }
}
