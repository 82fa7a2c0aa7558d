// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

extension Tensor {
    /// Softmax over the last axis.
    ///
    /// - Parameter mask: 1 where an element takes part and 0 where it gets nothing; repeated where it is smaller. Where
    ///   no element of a row takes part, all do.
    package func softmax(mask: Tensor? = nil) -> Tensor {
        rowwise(masked(mask), engine.kernels.softmax, engine.kernels.softmax_backward)
    }

    /// The logarithm of softmax over the last axis; see ``softmax(mask:)``.
    package func logSoftmax(mask: Tensor? = nil) -> Tensor {
        rowwise(masked(mask), engine.kernels.log_softmax, engine.kernels.log_softmax_backward)
    }

    /// What does not take part, moved so far down that its exponential is nothing.
    private func masked(_ mask: Tensor?) -> Tensor {
        guard let mask else { return contiguous() }
        let shift = (mask - engine.filled(1, [])) * 1e9
        precondition(
            Layout.broadcastSizes(sizes, mask.sizes) == sizes,
            "softmax: mask \(mask.sizes) does not fit \(sizes)"
        )
        return self + shift
    }

    private func rowwise(
        _ source: Tensor,
        _ forward: @escaping @convention(c) (Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void,
        _ backward:
            @escaping @convention(c) (
                Int, Int, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>
            ) -> Void
    ) -> Tensor {
        let result = engine.empty(sizes)
        let (x, y, columns) = (source.pointer, result.pointer, width)
        engine.perform(rows, cost: 8 * columns) { range, _ in
            let first = range.lowerBound * columns
            forward(range.count, columns, x + first, y + first)
        }
        return engine.tracked(result, from: [source]) { [source = source.node] gradient in
            let share = source.engine.empty(source.sizes)
            let (y, dy, dx) = (result.pointer, gradient.pointer, share.pointer)
            source.engine.perform(gradient.rows, cost: 4 * columns) { range, _ in
                let first = range.lowerBound * columns
                backward(range.count, columns, y + first, dy + first, dx + first)
            }
            source.accumulate(share)
            withExtendedLifetime(result) {}
        }
    }
}
