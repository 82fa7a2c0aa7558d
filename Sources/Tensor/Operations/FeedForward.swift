// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The settings of a feed-forward block.
package struct FeedForwardMaps {
    let inner: (weight: Tensor, bias: Tensor)
    let outer: (weight: Tensor, bias: Tensor)
    let activation: Activation

    /// Takes the maps to and from the hidden width: weights [hidden, in] and [out, hidden] with their biases.
    package init(
        inner: (weight: Tensor, bias: Tensor),
        outer: (weight: Tensor, bias: Tensor),
        activation: Activation
    ) {
        self.inner = inner
        self.outer = outer
        self.activation = activation
    }
}

extension Tensor {
    /// Two linear maps over the last axis with an activation, and dropout, between them: [..., in] to [..., out].
    ///
    /// Of the wide hidden values only those before the activation are kept for the gradients; what follows is computed
    /// once more on the way back. That takes a third of the memory for a few percent of the time (recomputation as in
    /// T. Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016).
    package func feedForward(_ maps: FeedForwardMaps, dropout probability: Float) -> Tensor {
        precondition(probability >= 0 && probability < 1, "feed-forward: dropout with probability \(probability)")
        let source = contiguous()
        let hidden = source.mapped(maps.inner.weight, maps.inner.bias)
        let activated = ActivatedDropout(
            activation: maps.activation,
            probability: probability,
            stream: probability > 0 ? engine.random.next() : nil
        )
        let result = activated.forward(hidden).mapped(maps.outer.weight, maps.outer.bias)
        let operands = [source, maps.inner.weight, maps.inner.bias, maps.outer.weight, maps.outer.bias]
        return engine.tracked(result, from: operands) { gradient in
            let middle = activated.forward(hidden)
            middle.needsGradient = true
            middle.linearBackward(gradient, weight: maps.outer.weight, bias: maps.outer.bias)
            guard let slope = middle.takeGradient() else { return }
            activated.backward(slope, hidden)
            source.linearBackward(slope, weight: maps.inner.weight, bias: maps.inner.bias)
        }
    }
}

/// An activation and dropout as one, which can be repeated.
private struct ActivatedDropout {
    let activation: Activation
    let probability: Float
    /// The numbers of the dropout; nil where nothing is dropped.
    let stream: ck_random?

    func forward(_ hidden: Tensor) -> Tensor {
        let result = hidden.engine.empty(hidden.sizes)
        let (x, y, code, unary) = (hidden.pointer, result.pointer, activation.code, hidden.engine.kernels.unary)
        let (drop, stream, probability) = (hidden.engine.kernels.dropout, stream, probability)
        hidden.engine.perform(hidden.count, cost: 16) { range, _ in
            let first = range.lowerBound
            unary(code, range.count, x + first, y + first)
            if let stream { drop(stream, first, range.count, probability, y + first, y + first, 0) }
        }
        return result
    }

    /// Turns the gradient of the result into that of `hidden`, in place.
    func backward(_ gradient: Tensor, _ hidden: Tensor) {
        let (x, dy, code) = (hidden.pointer, gradient.pointer, activation.code)
        let (unaryBackward, drop) = (hidden.engine.kernels.unary_backward, hidden.engine.kernels.dropout)
        let (stream, probability) = (stream, probability)
        hidden.engine.perform(hidden.count, cost: 20) { range, _ in
            let first = range.lowerBound
            if let stream { drop(stream, first, range.count, probability, dy + first, dy + first, 0) }
            unaryBackward(code, range.count, x + first, dy + first, dy + first, 0)
        }
    }
}
