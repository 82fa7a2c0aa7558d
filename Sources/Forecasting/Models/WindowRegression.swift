// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// The least-squares map from a window to its targets, one map for all given series: targets = weights * window + bias.
///
/// Normal equations of the centred windows in double precision, so that the bias is never penalised. The published
/// linear models are such affine maps, and the closed form beats their training by gradient descent more often than not
/// (W. Toner, L. Darlow, "An Analysis of Linear Time Series Forecasting Models", ICML 2024, arXiv:2403.14587).
struct WindowRegression {
    /// [horizon x lookback].
    let weights: Matrix<Double>
    /// [horizon].
    let bias: [Double]

    /// Fits on all windows of stride 1 of all series.
    ///
    /// - Parameters:
    ///   - relativeToLast: Whether windows and targets are taken less the window's last value. The weight of that value
    ///     itself, which then is always zero, comes out as zero.
    /// - Throws: `TensorError` when the values are not finite or too large.
    init(series: [[Double]], lookback: Int, horizon: Int, relativeToLast: Bool) throws(TensorError) {
        // A common shift takes the bulk of a large mean out of the sums, where it would cost digits.
        let values = Double(series.reduce(0) { $0 + $1.count })
        let shift = series.reduce(0) { $0 + $1.reduce(0, +) } / values
        let meanSquare = series.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } } / values
        var moments = WindowMoments(lookback: lookback, horizon: horizon)
        for column in series { moments.add(column.map { $0 - shift }) }
        if relativeToLast { moments = moments.relativeToLast() }

        // A variance of this size is the rounding error of values of this size, not information.
        let negligible = 1e-26 * meanSquare * Double(moments.count)
        let system = try SymmetricSystem(
            matrix: Self.covariances(moments),
            rightSides: Self.crossCovariances(moments),
            negligible: negligible
        )
        let solution = system.solution
        let means = moments.sums.map { $0 / Double(moments.count) }
        // What the map makes of the mean window; a shifted window moves it by shift times the sum of the weights.
        let seen = means[..<lookback].map { relativeToLast ? $0 : $0 + shift }
        let mapped = LinearAlgebra.multiply(solution, Matrix(rows: lookback, columns: 1, elements: seen)).elements
        bias = zip(means[lookback...], mapped).map { (relativeToLast ? $0 : $0 + shift) - $1 }
        weights = solution
    }

    /// [lookback x lookback], times the number of windows.
    private static func covariances(_ moments: WindowMoments) -> Matrix<Double> {
        let lookback = moments.lookback
        return block(moments, rows: lookback) { row, column in (row, column) }
    }

    /// [horizon x lookback], times the number of windows.
    private static func crossCovariances(_ moments: WindowMoments) -> Matrix<Double> {
        let lookback = moments.lookback
        return block(moments, rows: moments.sums.count - lookback) { row, column in (column, lookback + row) }
    }

    private static func block(
        _ moments: WindowMoments,
        rows: Int,
        _ index: (Int, Int) -> (Int, Int)
    ) -> Matrix<Double> {
        let lookback = moments.lookback
        let width = moments.sums.count
        var result = Matrix<Double>(rows: rows, columns: lookback)
        result.withMutableView { target in
            moments.products.withView { source in
                let (cells, products) = (target.buffer, source.buffer)
                for row in 0..<rows {
                    for column in 0..<lookback {
                        let (left, right) = index(row, column)
                        cells[row * lookback + column] =
                            products[left * width + right]
                            - moments.sums[left] * moments.sums[right] / Double(moments.count)
                    }
                }
            }
        }
        return result
    }
}
