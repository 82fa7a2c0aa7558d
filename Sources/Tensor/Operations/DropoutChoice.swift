// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Which elements of a tensor are dropped; it can be asked again, so nothing of it needs to be kept.
struct DropoutChoice {
    private let probability: Float
    private let stream: ck_random

    /// Chooses anew; nil where nothing is dropped.
    init?(_ probability: Float, _ engine: Engine) {
        precondition(probability >= 0 && probability < 1, "dropout: probability \(probability)")
        guard probability > 0 else { return nil }
        self.probability = probability
        stream = engine.random.next()
    }

    /// Drops elements of `x` and scales the others up, into `y`, which may be `x`.
    func apply(_ x: Tensor, to y: Tensor) {
        let (source, target, kernel) = (x.pointer, y.pointer, x.engine.kernels.dropout)
        let (probability, stream) = (probability, stream)
        x.engine.perform(x.count, cost: 8) { range, _ in
            let first = range.lowerBound
            kernel(stream, first, range.count, probability, source + first, target + first, 0)
        }
    }

    /// The gradient of what went in, given that of what came out.
    func backward(_ gradient: Tensor) -> Tensor {
        let result = gradient.engine.empty(gradient.sizes)
        apply(gradient.contiguous(), to: result)
        return result
    }
}
