// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// The split of a window into its centred moving average M * x (the trend) and the rest (I - M) * x.
///
/// The average of step 1 repeats the first and the last value at the ends, (k - 1) / 2 times before and the rest of the
/// k - 1 times after, as LTSF-Linear's DLinear does.
struct MovingAverageSplit {
    /// M, [lookback x lookback].
    let average: Matrix<Double>

    init(lookback: Int, kernelSize: Int) {
        var average = Matrix<Double>(rows: lookback, columns: lookback)
        let front = (kernelSize - 1) / 2
        for row in 0..<lookback {
            for offset in 0..<kernelSize {
                average[row, min(max(row + offset - front, 0), lookback - 1)] += 1 / Double(kernelSize)
            }
        }
        self.average = average
    }

    /// I - M, [lookback x lookback].
    var remainder: Matrix<Double> {
        var result = Matrix(rows: average.rows, columns: average.columns, elements: average.elements.map { -$0 })
        for index in 0..<result.rows { result[index, index] += 1 }
        return result
    }

    /// The pair (trend, seasonal) of least norm with trend * M + seasonal * (I - M) = `map` ([horizon x lookback] each).
    ///
    /// With F = [M; I - M], that pair is map * (Fᵀ F)⁻¹ * Fᵀ. Fᵀ F has full rank: M x = 0 and (I - M) x = 0 give x = 0.
    func leastNorm(_ map: Matrix<Double>) throws(TensorError) -> (trend: Matrix<Double>, seasonal: Matrix<Double>) {
        let (average, remainder) = (average, remainder)
        let stacked = Matrix(
            rows: 2 * average.rows,
            columns: average.columns,
            elements: average.elements + remainder.elements
        )
        let solved = try CholeskyFactor(LinearAlgebra.gram(stacked)).solve(rows: map)
        return (
            LinearAlgebra.multiply(solved, average, transposeB: true),
            LinearAlgebra.multiply(solved, remainder, transposeB: true)
        )
    }

    /// trend * M + seasonal * (I - M).
    func merged(trend: Matrix<Double>, seasonal: Matrix<Double>) -> Matrix<Double> {
        let left = LinearAlgebra.multiply(trend, average)
        let right = LinearAlgebra.multiply(seasonal, remainder)
        return Matrix(rows: left.rows, columns: left.columns, elements: zip(left.elements, right.elements).map(+))
    }
}
