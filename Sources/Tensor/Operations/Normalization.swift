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
        return engine.tracked(result, from: [source, gamma, beta] + (other.map { [$0] } ?? [])) {
            [source = source.node, other = other?.node] gradient in
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
        let (dgamma, dbeta) = (gamma.node.slotForSums().pointer, beta.node.slotForSums().pointer)
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
