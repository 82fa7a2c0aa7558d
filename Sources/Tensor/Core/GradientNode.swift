// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The place of a tensor's gradient.
///
/// It is all that the tape keeps of a tensor whose elements no way back needs: their memory then serves the next tensors
/// while the forward pass still goes on.
final class GradientNode {
    let engine: Engine
    let sizes: [Int]
    /// Whether a gradient is to come here.
    var isWanted: Bool
    /// What has come so far; nil for nothing.
    var gradient: Tensor?
    /// Whether the gradient's memory is this node's alone. One that was taken over may be another tensor's too, whole or as a
    /// view; one whose place is given, as that of a parameter is, stays where it is.
    private var isOwn: Bool

    init(engine: Engine, sizes: [Int], isWanted: Bool, pinned: Tensor?) {
        self.engine = engine
        self.sizes = sizes
        self.isWanted = isWanted
        gradient = pinned
        isOwn = pinned != nil
    }

    /// The gradient, no longer held here: steps take it once.
    func take() -> Tensor? {
        defer { gradient = nil }
        return gradient
    }

    /// Adds to the gradient; the first one is taken over as it is.
    func accumulate(_ other: Tensor) {
        guard isWanted else { return }
        precondition(other.sizes == sizes, "gradient: shape \(other.sizes) for a tensor of \(sizes)")
        if gradient == nil {
            gradient = other.isContiguous ? other : other.contiguous()
            isOwn = false
        } else {
            slot().tensor.add(1, times: other.contiguous())
        }
    }

    /// Where a kernel may put its part of the gradient: with beta 0 it overwrites, with beta 1 it adds.
    func slot() -> (tensor: Tensor, beta: Float) {
        if isOwn, let gradient { return (gradient, 1) }
        let own = engine.empty(sizes)
        let present = gradient
        if let present { own.add(1, times: present, beta: 0) }
        (gradient, isOwn) = (own, true)
        return (own, present == nil ? 0 : 1)
    }

    /// The same for kernels that can only add.
    func slotForSums() -> Tensor {
        let (slot, beta) = slot()
        if beta == 0 { slot.clear() }
        return slot
    }
}
