// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels
import Foundation

/// Adam (D. Kingma and J. Ba, ICLR 2015) over all parameters of a set as one buffer.
package final class Adam {
    private let parameters: ParameterSet
    private let firstMoments: Tensor
    private let secondMoments: Tensor
    private var steps = 0
    private let beta1: Float
    private let beta2: Float
    private let epsilon: Float

    /// An optimiser with empty moments.
    package init(_ parameters: ParameterSet, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8) {
        self.parameters = parameters
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        firstMoments = parameters.values.engine.filled(0, parameters.values.sizes)
        secondMoments = parameters.values.engine.filled(0, parameters.values.sizes)
    }

    /// What an optimiser remembers from step to step.
    package struct State: Sendable {
        /// The number of steps so far.
        package let steps: Int
        /// The running means of the gradients.
        package let firstMoments: [Float]
        /// The running means of their squares.
        package let secondMoments: [Float]

        /// A state as it was read; moments have as many elements as there are parameters.
        package init(steps: Int, firstMoments: [Float], secondMoments: [Float]) {
            self.steps = steps
            self.firstMoments = firstMoments
            self.secondMoments = secondMoments
        }
    }

    /// The state, to go on from later.
    package var state: State {
        get { State(steps: steps, firstMoments: firstMoments.elements, secondMoments: secondMoments.elements) }
        set {
            steps = newValue.steps
            firstMoments.write(newValue.firstMoments)
            secondMoments.write(newValue.secondMoments)
        }
    }

    /// The length of all gradients as one vector.
    package var gradientNorm: Float {
        let (engine, gradients) = (parameters.values.engine, parameters.gradients)
        return Float(engine.kernels.sum_of_squares(gradients.count, gradients.pointer).squareRoot())
    }

    /// Moves the parameters against their gradients, and clears these.
    ///
    /// - Parameters:
    ///   - rate: The learning rate of this step.
    ///   - largestNorm: Gradients of a greater length are first scaled down to it.
    package func step(rate: Float, largestNorm: Float? = nil) {
        steps += 1
        var scale: Float = 1
        if let largestNorm {
            let norm = gradientNorm
            if norm > largestNorm { scale = largestNorm / norm }
        }
        let settings = ck_adam(
            rate: rate,
            beta1: beta1,
            beta2: beta2,
            epsilon: epsilon,
            correction1: Float(1 - pow(Double(beta1), Double(steps))),
            correction2: Float(1 - pow(Double(beta2), Double(steps))),
            gradient_scale: scale
        )
        let engine = parameters.values.engine
        let (gradients, weights) = (parameters.gradients.pointer, parameters.values.pointer)
        let (m, v, kernel) = (firstMoments.pointer, secondMoments.pointer, engine.kernels.adam)
        engine.perform(parameters.values.count, cost: 4) { range, _ in
            let first = range.lowerBound
            withUnsafePointer(to: settings) { settings in
                kernel(settings, range.count, gradients + first, weights + first, m + first, v + first)
            }
            (gradients + first).update(repeating: 0, count: range.count)
        }
    }
}
