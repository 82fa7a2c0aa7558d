// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// NLinear: forecast = last + weights * (window - last) + bias, and for each step weights of what is known of its row.
///
/// A. Zeng et al., "Are Transformers Effective for Time Series Forecasting?", AAAI 2023, fitted in closed form (see
/// `WindowRegression`) instead of by gradient descent. The past of covariates is not used.
package struct NLinear: ForecastModel {
    private let map: AffineWindowMap

    package var shape: WindowShape { map.shape }

    package var configuration: ModelConfiguration { .nlinear(individual: map.individual) }

    /// Fits on the train windows of all series: on scaled target columns, and the channels of the future of the same rows;
    /// one map for all targets, or one each.
    /// - Throws: `ForecastingError`: `tooFewRows`, `fitFailed`.
    package init(
        fitting data: TrainingData,
        shape: WindowShape,
        individual: Bool
    ) throws(ForecastingError) {
        let fitted = try AffineWindowMap.fit(
            data,
            shape: shape,
            individual: individual,
            relativeToLast: true,
            model: "NLinear"
        )
        map = AffineWindowMap(
            shape: shape,
            individual: individual,
            weights: fitted.flatMap { $0.weights.elements.map { Float($0) } },
            bias: fitted.flatMap { $0.bias.map { Float($0) } },
            futureWeights: fitted.flatMap { $0.futureWeights.elements.map { Float($0) } }
        )
    }

    /// Takes the tensors `weight` [groups x horizon x lookback] and `bias` [groups x horizon]; with a future also
    /// `future.weight` [groups x horizon x future].
    /// - Throws: `ForecastingError.invalidModel`.
    init(tensors: [NamedTensor], shape: WindowShape, individual: Bool) throws(ForecastingError) {
        let groups = AffineWindowMap.groups(shape, individual: individual)
        map = AffineWindowMap(
            shape: shape,
            individual: individual,
            weights: try tensors.float32("weight", shape: [groups, shape.horizon, shape.lookback]),
            bias: try tensors.float32("bias", shape: [groups, shape.horizon]),
            futureWeights: try AffineWindowMap.futureWeights(tensors, shape, groups)
        )
    }

    package var tensors: [NamedTensor] {
        let groups = AffineWindowMap.groups(shape, individual: map.individual)
        return [
            NamedTensor(
                name: "weight",
                shape: [groups, shape.horizon, shape.lookback],
                values: .float32(map.weights)
            ),
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
        map.predict(windows, future: future, batch: batch, into: &output, relativeToLast: true)
    }
}
