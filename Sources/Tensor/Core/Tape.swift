// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The operations of a computation in order, for reverse-mode differentiation.
final class Tape {
    struct Step {
        let output: Tensor
        /// Adds to the gradients of the operands, given that of the output.
        let backward: (_ gradient: Tensor) -> Void
    }

    private var steps: [Step] = []

    func append(_ step: Step) { steps.append(step) }

    /// Walks back. Each step is dropped once it is done, so its memory serves those before it.
    func walkBack() {
        while let step = steps.popLast() {
            if let gradient = step.output.takeGradient() { step.backward(gradient) }
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
        tape.append(Tape.Step(output: output, backward: backward))
        return output
    }
}

extension Tensor {
    /// Adds to the gradient; the first one is taken over as it is.
    func accumulate(_ other: Tensor) {
        guard needsGradient else { return }
        precondition(other.sizes == sizes, "gradient: shape \(other.sizes) for a tensor of \(sizes)")
        if gradient == nil {
            gradient = other.isContiguous ? other : other.contiguous()
        } else {
            let slot = gradientSlot()
            slot.tensor.add(1, times: other.contiguous())
        }
    }

    /// Where a kernel may put its part of the gradient: with beta 0 it overwrites, with beta 1 it adds.
    func gradientSlot() -> (tensor: Tensor, beta: Float) {
        guard let present = gradient else {
            let fresh = engine.empty(sizes)
            gradient = fresh
            return (fresh, 0)
        }
        // A gradient that was taken over may belong to another tensor too: then this one gets its own.
        if isGradientShared {
            let own = engine.empty(sizes)
            own.add(1, times: present, beta: 0)
            gradient = own
            return (own, 1)
        }
        return (present, 1)
    }

    /// The same for kernels that can only add.
    func gradientSlotForSums() -> Tensor {
        let (slot, beta) = gradientSlot()
        if beta == 0 { slot.clear() }
        return slot
    }
}
