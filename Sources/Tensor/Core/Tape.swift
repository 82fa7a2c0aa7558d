// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The operations of a computation in order, for reverse-mode differentiation.
final class Tape {
    struct Step {
        let output: GradientNode
        /// Adds to the gradients of the operands, given that of the output.
        let backward: (_ gradient: Tensor) -> Void
    }

    private var steps: [Step] = []

    func append(_ step: Step) { steps.append(step) }

    /// Walks back. Each step is dropped once it is done, so its memory serves those before it.
    func walkBack() {
        while let step = steps.popLast() {
            if let gradient = step.output.take() { step.backward(gradient) }
        }
    }
}

extension Engine {
    /// Marks `output` as computed from `inputs`; `backward` adds to their gradients.
    ///
    /// Without a tape, or where no input needs a gradient, nothing is kept.
    func tracked(
        _ output: Tensor,
        from inputs: [Tensor],
        backward: @escaping (_ gradient: Tensor) -> Void
    ) -> Tensor {
        guard let tape, inputs.contains(where: \.needsGradient) else { return output }
        output.needsGradient = true
        tape.append(Tape.Step(output: output.node, backward: backward))
        return output
    }
}
