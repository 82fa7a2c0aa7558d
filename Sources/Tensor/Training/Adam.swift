// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels
import Foundation

/// Adam (D. Kingma and J. Ba, ICLR 2015) over all parameters of a set as one buffer; with a decay of the weights it is
/// AdamW (I. Loshchilov and F. Hutter, ICLR 2019).
package final class Adam {
    /// What the next step depends on besides parameters and gradients.
    package struct State: Sendable, Hashable {
        /// The steps made so far.
        package var steps: Int
        /// The decaying means of gradients and of their squares, in the order of the set's values.
        package var firstMoments: [Float], secondMoments: [Float]

        /// Takes a stored state.
        package init(steps: Int, firstMoments: [Float], secondMoments: [Float]) {
            self.steps = steps
            self.firstMoments = firstMoments
            self.secondMoments = secondMoments
        }
    }

    private let parameters: ParameterSet
    private let firstMoments: Tensor
    private let secondMoments: Tensor
    private var steps = 0
    private let beta1: Float
    private let beta2: Float
    private let epsilon: Float
    private let weightDecay: Float

    /// An optimiser with empty moments.
    ///
    /// - Parameter weightDecay: The share of each weight that a step takes away, times the learning rate.
    package init(
        _ parameters: ParameterSet,
        beta1: Float = 0.9,
        beta2: Float = 0.999,
        epsilon: Float = 1e-8,
        weightDecay: Float = 0
    ) {
        self.parameters = parameters
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        firstMoments = parameters.values.engine.filled(0, parameters.values.sizes)
        secondMoments = parameters.values.engine.filled(0, parameters.values.sizes)
    }

    /// To go on later as if nothing had been between.
    ///
    /// - Precondition: A state that is set has as many moments as the set has parameters.
    package var state: State {
        get {
            State(steps: steps, firstMoments: firstMoments.elements, secondMoments: secondMoments.elements)
        }
        set {
            steps = newValue.steps
            firstMoments.write(newValue.firstMoments)
            secondMoments.write(newValue.secondMoments)
        }
    }

    /// Moves the parameters against their gradients, and clears these.
    ///
    /// - Parameters:
    ///   - rate: The learning rate of this step.
    ///   - clipping: Keeps long gradients from moving them far.
    package func step(rate: Float, clipping: GradientClipping? = nil) {
        steps += 1
        let settings = ck_adam(
            update: parameters.update(rate: rate, clipping),
            beta1: beta1,
            beta2: beta2,
            epsilon: epsilon,
            decay: weightDecay,
            correction1: Float(1 - pow(Double(beta1), Double(steps))),
            correction2: Float(1 - pow(Double(beta2), Double(steps)))
        )
        let (m, v, kernel) = (firstMoments.pointer, secondMoments.pointer, parameters.values.engine.kernels.adam)
        parameters.descend { first, count, gradients, weights in
            withUnsafePointer(to: settings) { kernel($0, count, gradients, weights, m + first, v + first) }
        }
    }
}
