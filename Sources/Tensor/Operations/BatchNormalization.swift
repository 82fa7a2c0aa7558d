// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

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
    ///
    /// The batch is that of all replicas where there are some; they have the statistics in common.
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
        let (columns, ownRows, kernel) = (width, rows, engine.kernels.column_moments)
        let (x, m, s) = (pointer, mean.pointer, scale.pointer)
        engine.perform(columns, cost: 2 * ownRows) { range, _ in
            kernel(ownRows, columns, x, range.lowerBound, range.upperBound, m, s)
        }
        let rows = engine.replicas.map { joinMoments(mean, scale, $0) } ?? ownRows
        precondition(rows > 1, "batch norm: a batch of \(sizes) has no variance")
        let isWriter = (engine.replicas?.rank ?? 0) == 0
        let (runningMean, runningVariance) = (statistics.mean.pointer, statistics.variance.pointer)
        let (momentum, epsilon) = (statistics.momentum, statistics.epsilon)
        let unbiased = Float(rows) / Float(rows - 1)
        engine.perform(1, cost: 0) { _, _ in
            for channel in 0..<columns {
                let variance = s[channel]
                if isWriter {
                    runningMean[channel] += momentum * (m[channel] - runningMean[channel])
                    runningVariance[channel] += momentum * (variance * unbiased - runningVariance[channel])
                }
                s[channel] = 1 / (variance + epsilon).squareRoot()
            }
        }
    }

    /// Puts the moments of all replicas together in the place of this one's (T. Chan et al. 1979); returns their rows.
    private func joinMoments(_ mean: Tensor, _ variance: Tensor, _ replicas: Engine.Replicas) -> Int {
        typealias Moments = (rows: Int, mean: [Float], variance: [Float])
        let own: Moments = (rows, mean.elements, variance.elements)
        return replicas.exchange.exchange(own, rank: replicas.rank) { shares in
            let rows = shares.reduce(0) { $0 + $1.rows }
            for channel in 0..<mean.count {
                func average(_ value: (Moments) -> Float) -> Float {
                    shares.reduce(0) { $0 + Float($1.rows) / Float(rows) * value($1) }
                }
                let middle = average { $0.mean[channel] }
                mean.pointer[channel] = middle
                variance.pointer[channel] = average {
                    $0.variance[channel] + ($0.mean[channel] - middle) * ($0.mean[channel] - middle)
                }
            }
            return rows
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
        gamma.node.accumulate(product)
        beta.node.accumulate(sum)
        let moving = movingSums(sum, product, training: training)
        let (g, t, w) = (gamma.pointer, moving.sum.pointer, moving.product.pointer)
        engine.perform(rows, cost: 4 * columns) { range, _ in
            let first = range.lowerBound * columns
            kernels.batch_norm_backward(
                range.count,
                columns,
                moving.rows,
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
        node.accumulate(share)
    }

    /// The sums by which the moments of the batch move with its elements: over the rows of all replicas.
    private func movingSums(
        _ sum: Tensor,
        _ product: Tensor,
        training: Bool
    ) -> (sum: Tensor, product: Tensor, rows: Int) {
        // Fixed statistics do not move.
        guard training else { return (engine.filled(0, sum.sizes), engine.filled(0, sum.sizes), rows) }
        guard let replicas = engine.replicas else { return (sum, product, rows) }
        let own = (rows: rows, sum: sum.elements, product: product.elements)
        return replicas.exchange.exchange(own, rank: replicas.rank) { shares in
            func total(_ elements: KeyPath<(rows: Int, sum: [Float], product: [Float]), [Float]>) -> [Float] {
                shares.dropFirst().reduce(shares[0][keyPath: elements]) { totals, share in
                    zip(totals, share[keyPath: elements]).map { $0 + $1 }
                }
            }
            return (
                engine.tensor(total(\.sum), sum.sizes), engine.tensor(total(\.product), sum.sizes),
                shares.reduce(0) { $0 + $1.rows }
            )
        }
    }
}
