// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

extension Tensor {
    /// Layer normalisation over the last axis (J. Ba et al. 2016) of self, or of self + residual.
    package func layerNorm(
        _ gamma: Tensor,
        _ beta: Tensor,
        adding residual: Tensor? = nil,
        epsilon: Float = 1e-5
    ) -> Tensor {
        precondition(
            gamma.sizes == [width] && beta.sizes == [width] && (residual?.sizes ?? sizes) == sizes,
            "layer norm: input \(sizes), residual \(residual?.sizes ?? sizes), weight \(gamma.sizes), bias \(beta.sizes)"
        )
        let (source, other) = (contiguous(), residual?.contiguous())
        let (result, normal, scale) = (engine.empty(sizes), engine.empty(sizes), engine.empty([rows]))
        let (columns, kernel) = (width, engine.kernels.layer_norm)
        let (x, r, y, n, s) = (source.pointer, other?.pointer, result.pointer, normal.pointer, scale.pointer)
        let (g, b) = (gamma.pointer, beta.pointer)
        engine.perform(rows, cost: 4 * columns) { range, _ in
            let (row, first) = (range.lowerBound, range.lowerBound * columns)
            kernel(range.count, columns, x + first, r.map { $0 + first }, g, b, epsilon, y + first, n + first, s + row)
        }
        return engine.tracked(result, from: [source, gamma, beta] + (other.map { [$0] } ?? [])) { gradient in
            let share = gradient.layerNormBackward(gamma, beta, normal: normal, scale: scale)
            source.accumulate(share)
            other?.accumulate(share)
        }
    }

    /// The gradient of the sum that was normalised, where self is that of the result.
    private func layerNormBackward(_ gamma: Tensor, _ beta: Tensor, normal: Tensor, scale: Tensor) -> Tensor {
        let result = engine.empty(sizes)
        let (columns, parts, kernels) = (width, engine.parts, engine.kernels)
        // Each part sums into its own rows, which are added in order.
        let sums = engine.filled(0, [parts, 2, columns])
        let (dy, dx, n, s, g, partial) = (
            pointer, result.pointer, normal.pointer, scale.pointer, gamma.pointer, sums.pointer
        )
        engine.perform(rows, cost: 6 * columns) { range, part in
            let (row, first, own) = (range.lowerBound, range.lowerBound * columns, partial + part * 2 * columns)
            kernels.layer_norm_backward(
                range.count,
                columns,
                dy + first,
                g,
                n + first,
                s + row,
                dx + first,
                own,
                own + columns
            )
        }
        let (dgamma, dbeta) = (gamma.gradientSlotForSums().pointer, beta.gradientSlotForSums().pointer)
        engine.perform(1, cost: 0) { _, _ in
            for part in 0..<parts {
                let own = partial + part * 2 * columns
                kernels.axpby(columns, 1, own, 1, dgamma)
                kernels.axpby(columns, 1, own + columns, 1, dbeta)
            }
        }
        return result
    }
}

/// The running statistics of a batch normalisation (S. Ioffe and C. Szegedy 2015) over all axes but the last.
package struct BatchStatistics {
    /// The running means by channel.
    package let mean: Tensor
    /// The running unbiased variances by channel.
    package let variance: Tensor
    /// The weight of a new batch.
    package let momentum: Float = 0.1
    /// Added to variances before their root.
    package let epsilon: Float = 1e-5

    /// Takes the tensors that hold the statistics: zeros and ones before the first batch.
    package init(mean: Tensor, variance: Tensor) {
        self.mean = mean
        self.variance = variance
    }
}

extension Tensor {
    /// Normalises each channel of the last axis: by the batch, updating the statistics, where `training`; otherwise by
    /// the statistics.
    package func batchNorm(
        _ gamma: Tensor,
        _ beta: Tensor,
        statistics: BatchStatistics,
        training: Bool
    ) -> Tensor {
        precondition(
            gamma.sizes == [width] && beta.sizes == [width] && statistics.mean.sizes == [width],
            "batch norm: input \(sizes), weight \(gamma.sizes), bias \(beta.sizes)"
        )
        precondition(!training || rows > 1, "batch norm: a batch of \(sizes) has no variance")
        let source = contiguous()
        let (columns, kernels) = (width, engine.kernels)
        let (mean, scale) = (engine.empty([columns]), engine.empty([columns]))
        if training {
            source.takeMoments(mean, scale, statistics)
        } else {
            let (from, to) = ((statistics.mean.pointer, statistics.variance.pointer), (mean.pointer, scale.pointer))
            engine.perform(1, cost: 0) { _, _ in
                for channel in 0..<columns {
                    to.0[channel] = from.0[channel]
                    to.1[channel] = 1 / (from.1[channel] + statistics.epsilon).squareRoot()
                }
            }
        }
        let result = engine.empty(sizes)
        let (x, y, m, s, g, b) = (
            source.pointer, result.pointer, mean.pointer, scale.pointer, gamma.pointer, beta.pointer
        )
        engine.perform(rows, cost: 2 * columns) { range, _ in
            let first = range.lowerBound * columns
            kernels.normalize_columns(range.count, columns, x + first, m, s, g, b, y + first)
        }
        return engine.tracked(result, from: [source, gamma, beta]) { gradient in
            source.batchNormBackward(gradient, gamma, beta, (mean, scale), training: training)
        }
    }

    /// Means and 1/deviations of the channels; moves the running statistics towards them.
    private func takeMoments(_ mean: Tensor, _ scale: Tensor, _ statistics: BatchStatistics) {
        let (columns, rows, kernel) = (width, rows, engine.kernels.column_moments)
        let (x, m, s) = (pointer, mean.pointer, scale.pointer)
        let (runningMean, runningVariance) = (statistics.mean.pointer, statistics.variance.pointer)
        let (momentum, epsilon) = (statistics.momentum, statistics.epsilon)
        let unbiased = Float(rows) / Float(rows - 1)
        engine.perform(columns, cost: 2 * rows) { range, _ in
            kernel(rows, columns, x, range.lowerBound, range.upperBound, m, s)
            for channel in range {
                let variance = s[channel]
                runningMean[channel] += momentum * (m[channel] - runningMean[channel])
                runningVariance[channel] += momentum * (variance * unbiased - runningVariance[channel])
                s[channel] = 1 / (variance + epsilon).squareRoot()
            }
        }
    }

    private func batchNormBackward(
        _ gradient: Tensor,
        _ gamma: Tensor,
        _ beta: Tensor,
        _ moments: (mean: Tensor, scale: Tensor),
        training: Bool
    ) {
        let (columns, rows, kernels) = (width, rows, engine.kernels)
        let (sum, product, share) = (engine.empty([columns]), engine.empty([columns]), engine.empty(sizes))
        let (x, dy, dx, m, s) = (
            pointer, gradient.pointer, share.pointer, moments.mean.pointer, moments.scale.pointer
        )
        let (total, weighted) = (sum.pointer, product.pointer)
        engine.perform(columns, cost: 2 * rows) { range, _ in
            kernels.batch_norm_sums(
                rows,
                columns,
                x,
                dy,
                m,
                s,
                range.lowerBound,
                range.upperBound,
                total,
                weighted
            )
        }
        gamma.accumulate(product)
        beta.accumulate(sum)
        // Fixed statistics do not move with x.
        let (movingSum, movingProduct) =
            training ? (sum, product) : (engine.filled(0, [columns]), engine.filled(0, [columns]))
        let (g, t, w) = (gamma.pointer, movingSum.pointer, movingProduct.pointer)
        engine.perform(rows, cost: 4 * columns) { range, _ in
            let first = range.lowerBound * columns
            kernels.batch_norm_backward(
                range.count,
                columns,
                rows,
                x + first,
                dy + first,
                m,
                s,
                g,
                t,
                w,
                dx + first
            )
        }
        accumulate(share)
    }
}
