// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Columns of one series that a map is fitted on, and the channels that are known of rows to come, in the same rows.
struct RegressionPart {
    var columns: [[Double]]
    var future: [[Double]] = []
}

/// The least-squares map from a window, and what is known of the target rows, to the targets, one map for all given columns:
/// targets = weights * window + future weights * future + bias.
///
/// Normal equations of the centred windows in double precision, so that the bias is never penalised. The published
/// linear models are such affine maps, and the closed form beats their training by gradient descent more often than not
/// (W. Toner, L. Darlow, "An Analysis of Linear Time Series Forecasting Models", ICML 2024, arXiv:2403.14587).
struct WindowRegression {
    /// [horizon x lookback].
    let weights: Matrix<Double>
    /// [horizon].
    let bias: [Double]
    /// [horizon x future]: each step's weights of what is known of its own row.
    let futureWeights: Matrix<Double>

    /// Fits on all windows of stride 1 of all columns of all series.
    ///
    /// - Parameters:
    ///   - parts: At least one series, all with as many columns and channels.
    ///   - relativeToLast: Whether windows and targets are taken less the window's last value. The weight of that value
    ///     itself, which then is always zero, comes out as zero.
    /// - Throws: `TensorError` when the values are not finite or too large.
    init(
        parts: [RegressionPart],
        lookback: Int,
        horizon: Int,
        relativeToLast: Bool
    ) throws(TensorError) {
        // A common shift takes the bulk of a large mean out of the sums, where it would cost digits.
        let series = parts.flatMap(\.columns)
        let values = Double(series.reduce(0) { $0 + $1.count })
        let shift = series.reduce(0) { $0 + $1.reduce(0, +) } / values
        let meanSquare = series.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } } / values
        var moments = WindowMoments(lookback: lookback, horizon: horizon)
        for column in series { moments.add(column.map { $0 - shift }) }
        if relativeToLast { moments = moments.relativeToLast() }
        let hasFuture = parts.contains { !$0.future.isEmpty }
        let joint = hasFuture ? JointFuture(parts, shift: shift, moments, relativeToLast) : nil

        // A variance of this size is the rounding error of values of this size, not information.
        let negligible = 1e-26 * meanSquare * Double(moments.count)
        let crossed = Self.crossCovariances(moments)
        let system = try SymmetricSystem(
            matrix: Self.covariances(moments),
            rightSides: joint.map { Matrix(stacking: crossed, $0.moments.withWindow) } ?? crossed,
            negligible: negligible
        )
        let solution = try joint?.solved(system.solution)
        weights = solution?.weights ?? system.solution
        futureWeights = solution?.future ?? Matrix(rows: horizon, columns: 0)
        let means = moments.sums.map { $0 / Double(moments.count) }
        // What the map makes of the mean window; a shifted window moves it by shift times the sum of the weights.
        let seen = means[..<lookback].map { relativeToLast ? $0 : $0 + shift }
        let mapped = LinearAlgebra.multiply(weights, Matrix(rows: lookback, columns: 1, elements: seen)).elements
        let told = joint?.mapped(futureWeights, windows: moments.count)
        bias = zip(means[lookback...], mapped).enumerated().map { step, pair in
            (relativeToLast ? pair.0 : pair.0 + shift) - pair.1 - (told?[step] ?? 0)
        }
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

/// The part of least squares that channels of the future add: each step has columns of its own beside the window's.
///
/// With G the window's matrix, C the channels' products with the window and S = D - C G^-1 C' what is left of their own
/// (the Schur complement), the joint solution is v = S^-1 (r - C w0) and w = w0 - G^-1 C' v, with w0 the window's own
/// solution: one matrix is factored for all steps, not one a step.
private struct JointFuture {
    /// A channel of which the window tells all but this share of its variance adds rounding errors, not information.
    private static let leastShare = 1e-8

    /// Centred.
    let moments: FutureMoments
    /// [horizon x future]: the sums of the channels themselves.
    private let sums: [Double]

    init(
        _ parts: [RegressionPart],
        shift: Double,
        _ base: WindowMoments,
        _ relativeToLast: Bool
    ) {
        let (lookback, horizon) = (base.lookback, base.sums.count - base.lookback)
        let channels = parts[0].future.count
        let means = (0..<channels).map { channel in
            let values = parts.reduce(0) { $0 + $1.future[channel].count }
            return parts.reduce(0) { $0 + $1.future[channel].reduce(0, +) } / Double(values)
        }
        var moments = FutureMoments(channels: channels, lookback: lookback, horizon: horizon)
        for part in parts {
            let shifted = zip(part.future, means).map { values, mean in values.map { $0 - mean } }
            for column in part.columns { moments.add(column.map { $0 - shift }, shifted) }
        }
        if relativeToLast { moments = moments.relativeToLast() }
        sums = moments.sums.indices.map { moments.sums[$0] + means[$0 % channels] * Double(base.count) }
        self.moments = moments.centered(base)
    }

    /// - Parameter solution: [horizon + horizon x future, lookback]: what solves the window's system for the targets, and
    ///   for each step's channels.
    func solved(_ solution: Matrix<Double>) throws(TensorError) -> (weights: Matrix<Double>, future: Matrix<Double>) {
        let (lookback, horizon, channels) = (moments.lookback, moments.horizon, moments.channels)
        func rows(_ matrix: Matrix<Double>, _ first: Int, _ count: Int) -> Matrix<Double> {
            let elements = matrix.elements[(first * lookback)..<((first + count) * lookback)]
            return Matrix(rows: count, columns: lookback, elements: Array(elements))
        }
        var (weights, future): ([Double], [Double]) = ([], [])
        for step in 0..<horizon {
            let (first, cells) = (step * channels, step * channels * channels)
            let products = rows(moments.withWindow, first, channels)
            let solved = rows(solution, horizon + first, channels)
            let own = rows(solution, step, 1)
            let explained = LinearAlgebra.multiply(products, solved, transposeB: true).elements
            let left = LinearAlgebra.multiply(products, own, transposeB: true).elements
            let squares = moments.squares[cells..<(cells + channels * channels)]
            // In units of the channels' own variances, so that one limit serves them all.
            let scales = (0..<channels).map { channel in
                let square = squares[cells + channel * channels + channel]
                return square > 0 ? 1 / square.squareRoot() : 0
            }
            var complement = Matrix<Double>(rows: channels, columns: channels)
            for (index, square) in squares.enumerated() {
                let (row, column) = (index / channels, index % channels)
                // Both halves of what rounding left of a symmetric matrix.
                let mean = (explained[index] + explained[column * channels + row]) / 2
                complement[row, column] = (square - mean) * scales[row] * scales[column]
            }
            let sides = (0..<channels).map { (moments.withTarget[first + $0] - left[$0]) * scales[$0] }
            let system = try SymmetricSystem(
                matrix: complement,
                rightSides: Matrix(rows: 1, columns: channels, elements: sides),
                negligible: Self.leastShare
            )
            let told = Matrix(rows: 1, columns: channels, elements: zip(system.solution.elements, scales).map(*))
            let taken = LinearAlgebra.multiply(told, solved).elements
            weights += zip(own.elements, taken).map(-)
            future += told.elements
        }
        return (
            Matrix(rows: horizon, columns: lookback, elements: weights),
            Matrix(rows: horizon, columns: channels, elements: future)
        )
    }

    /// By step, what the weights make of the channels' means.
    func mapped(_ weights: Matrix<Double>, windows: Int) -> [Double] {
        (0..<weights.rows).map { step in
            (0..<weights.columns).reduce(0) {
                $0 + weights[step, $1] * sums[step * weights.columns + $1] / Double(windows)
            }
        }
    }
}

extension Matrix {
    /// The rows of one matrix, and below them those of another one.
    fileprivate init(stacking top: Matrix, _ bottom: Matrix) {
        self.init(rows: top.rows + bottom.rows, columns: top.columns, elements: top.elements + bottom.elements)
    }
}
