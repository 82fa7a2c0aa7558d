// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

extension Tensor {
    /// The sum of all elements.
    package func sum() -> Tensor {
        let source = contiguous()
        let result = engine.empty([])
        let (x, y, count, kernel) = (source.pointer, result.pointer, source.count, engine.kernels.sum)
        engine.perform(1, cost: 0) { _, _ in y[0] = Float(kernel(count, x)) }
        return engine.tracked(result, from: [source]) { gradient in
            source.accumulate(source.engine.filled(gradient.scalar, source.sizes))
        }
    }

    /// The mean of all elements.
    package func mean() -> Tensor { sum() * (1 / Float(count)) }

    /// Sums over an axis, which goes away.
    package func sum(over axis: Int) -> Tensor {
        precondition(sizes.indices.contains(axis), "sum: \(sizes) has no axis \(axis)")
        var kept = sizes
        kept[axis] = 1
        var left = sizes
        left.remove(at: axis)
        let source = self
        let result = contiguous().summed(to: kept).reshaped(left)
        return engine.tracked(result, from: [source]) { gradient in
            source.accumulate(gradient.reshaped(kept) + source.engine.filled(0, source.sizes))
        }
    }

    /// Means over an axis, which goes away.
    package func mean(over axis: Int) -> Tensor { sum(over: axis) * (1 / Float(sizes[axis])) }

    /// Running sums along an axis.
    package func cumulativeSum(over axis: Int) -> Tensor {
        precondition(sizes.indices.contains(axis), "cumulative sum: \(sizes) has no axis \(axis)")
        let source = contiguous()
        let result = source.running(over: axis, reversed: false)
        return engine.tracked(result, from: [source]) { gradient in
            source.accumulate(gradient.running(over: axis, reversed: true))
        }
    }

    private func running(over axis: Int, reversed: Bool) -> Tensor {
        let result = engine.empty(sizes)
        let (length, inner) = (sizes[axis], sizes[(axis + 1)...].reduce(1, *))
        let (x, y) = (pointer, result.pointer)
        engine.perform(length == 0 ? 0 : count / (length * inner), cost: length * inner) { range, _ in
            for block in range {
                let base = block * length * inner
                for place in 0..<length {
                    let row = base + (reversed ? length - 1 - place : place) * inner
                    let before = reversed ? row + inner : row - inner
                    for column in 0..<inner {
                        y[row + column] = x[row + column] + (place == 0 ? 0 : y[before + column])
                    }
                }
            }
        }
        return result
    }
}
