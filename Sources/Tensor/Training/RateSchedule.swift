// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How a learning rate changes from step to step (or epoch to epoch): a linear rise at first, then a decay.
package struct RateSchedule: Sendable, Hashable {
    /// What follows the rise.
    package enum Decay: Sendable, Hashable {
        case constant
        /// Times `factor` after each `every` steps.
        case step(every: Int, factor: Double)
        /// Times `factor` after each step.
        case exponential(factor: Double)
        /// Half a cosine over a number of steps, down to a share of the highest rate (I. Loshchilov and F. Hutter 2017).
        case cosine(steps: Int, floor: Double)
    }

    /// The highest rate.
    package var highest: Double
    /// What follows the rise.
    package var decay: Decay
    /// Steps of the rise, whose last has the highest rate; 0 for none.
    package var warmUp: Int

    /// A schedule; without a rise it begins at the highest rate.
    package init(highest: Double, decay: Decay = .constant, warmUp: Int = 0) {
        precondition(warmUp >= 0, "rate schedule: warm-up of \(warmUp) steps")
        if case .step(let every, _) = decay { precondition(every > 0, "rate schedule: a decay every \(every) steps") }
        if case .cosine(let steps, _) = decay { precondition(steps > 0, "rate schedule: a cosine of \(steps) steps") }
        self.highest = highest
        self.decay = decay
        self.warmUp = warmUp
    }

    /// The rate of a step, counted from 0.
    package func rate(step: Int) -> Double {
        if step < warmUp { return highest * Double(step + 1) / Double(warmUp) }
        let step = step - warmUp
        switch decay {
        case .constant: return highest
        case .step(let every, let factor): return highest * pow(factor, Double(step / every))
        case .exponential(let factor): return highest * pow(factor, Double(step))
        case .cosine(let steps, let floor):
            let share = (1 + cos(.pi * Double(min(step, steps)) / Double(steps))) / 2
            return highest * (floor + (1 - floor) * share)
        }
    }
}
