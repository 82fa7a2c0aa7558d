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
    /// Two linear maps over the last axis with an activation between, and dropout after each: [..., in] to [..., out].
    ///
    /// Of many hidden values only those before the activation are kept for the gradients; what follows is computed once
    /// more on the way back (recomputation as in T. Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016).
    /// That takes half the memory, and a few percent of the time where the products are large; where they are small it
    /// would take a quarter.
    package func feedForward(_ maps: FeedForwardMaps, dropout probability: Float) -> Tensor {
        let source = contiguous()
        let hidden = source.mapped(maps.inner.weight, maps.inner.bias)
        let inner = DropoutChoice(probability, engine)
        let activated = hidden.activatedCopy(maps.activation, inner)
        let kept = hidden.count < Self.recomputedFrom ? activated : nil
        let result = activated.mapped(maps.outer.weight, maps.outer.bias)
        let outer = DropoutChoice(probability, engine)
        outer?.apply(result, to: result)
        let operands = [source, maps.inner.weight, maps.inner.bias, maps.outer.weight, maps.outer.bias]
        return engine.tracked(result, from: operands) { gradient in
            let middle = kept ?? hidden.activatedCopy(maps.activation, inner)
            middle.needsGradient = true
            let outcome = outer?.backward(gradient) ?? gradient
            middle.linearBackward(outcome, weight: maps.outer.weight, bias: maps.outer.bias)
            guard let slope = middle.node.take() else { return }
            inner?.apply(slope, to: slope)
            slope.multiplySlope(maps.activation, at: hidden)
            source.linearBackward(slope, weight: maps.inner.weight, bias: maps.inner.bias)
        }
    }

    /// From how many hidden values on (4 MiB) what follows from them is not kept.
    private static let recomputedFrom = 1 << 20

    /// The activation of each element, some dropped; on no tape.
    private func activatedCopy(_ activation: Activation, _ dropout: DropoutChoice?) -> Tensor {
        let result = engine.empty(sizes)
        let (x, y, code, unary) = (pointer, result.pointer, activation.code, engine.kernels.unary)
        engine.perform(count, cost: 8) { range, _ in
            unary(code, range.count, x + range.lowerBound, y + range.lowerBound)
        }
        dropout?.apply(result, to: result)
        return result
    }

    /// Turns the gradient of an activation's results into that of its operands, in place.
    private func multiplySlope(_ activation: Activation, at operands: Tensor) {
        let (x, dy, code, kernel) = (operands.pointer, pointer, activation.code, engine.kernels.unary_backward)
        engine.perform(count, cost: 12) { range, _ in
            let first = range.lowerBound
            kernel(code, range.count, x + first, dy + first, dy + first, 0)
        }
    }
}
