// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// What is done about gradients that are too long.
package enum GradientClipping: Sendable, Hashable {
    /// All are scaled down together, so that as one vector they are no longer than this.
    case norm(Float)
    /// Each is cut at plus and minus this.
    case value(Float)
}

/// Stochastic gradient descent with momentum (B. Polyak 1964): velocity = momentum * velocity + gradient.
package final class GradientDescent {
    private let parameters: ParameterSet
    private let velocity: Tensor
    private let momentum: Float

    /// An optimiser at rest.
    package init(_ parameters: ParameterSet, momentum: Float = 0) {
        self.parameters = parameters
        self.momentum = momentum
        velocity = parameters.values.engine.filled(0, parameters.values.sizes)
    }

    /// Moves the parameters against their gradients, and clears these.
    ///
    /// - Parameters:
    ///   - rate: The learning rate of this step.
    ///   - clipping: Keeps long gradients from moving them far.
    package func step(rate: Float, clipping: GradientClipping? = nil) {
        let (settings, momentum) = (parameters.update(rate: rate, clipping), momentum)
        let (v, kernel) = (velocity.pointer, parameters.values.engine.kernels.descend)
        parameters.descend { first, count, gradients, weights in
            withUnsafePointer(to: settings) { kernel($0, momentum, count, gradients, weights, v + first) }
        }
    }
}

extension ParameterSet {
    /// The length of all gradients as one vector.
    package var gradientNorm: Float {
        Float(values.engine.kernels.sum_of_squares(gradients.count, gradients.pointer).squareRoot())
    }

    /// The settings of a step of any optimiser.
    func update(rate: Float, _ clipping: GradientClipping?) -> ck_update {
        var result = ck_update(rate: rate, gradient_scale: 1, gradient_bound: .infinity)
        switch clipping {
        case .norm(let largest):
            let norm = gradientNorm
            if norm > largest { result.gradient_scale = largest / norm }
        case .value(let largest): result.gradient_bound = largest
        case nil: break
        }
        return result
    }

    /// Calls `body` for parts of the buffers on all threads, and clears the gradients.
    func descend(
        _ body:
            @escaping (
                _ first: Int, _ count: Int, _ gradients: UnsafeMutablePointer<Float>,
                _ weights: UnsafeMutablePointer<Float>
            ) -> Void
    ) {
        let (gradients, weights) = (gradients.pointer, values.pointer)
        values.engine.perform(values.count, cost: 4) { range, _ in
            let first = range.lowerBound
            body(first, range.count, gradients + first, weights + first)
            (gradients + first).update(repeating: 0, count: range.count)
        }
    }
}
