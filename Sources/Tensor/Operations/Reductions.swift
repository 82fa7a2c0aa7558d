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
        return engine.tracked(result, from: [source]) { [source = source.node] gradient in
            source.accumulate(source.engine.filled(gradient.scalar, source.sizes))
        }
    }

    /// The mean of all elements.
    package func mean() -> Tensor { sum() * (1 / Float(count)) }

    /// Sums over an axis, which goes away.
    package func sum(over axis: Int) -> Tensor {
        precondition(sizes.indices.contains(axis), "sum: \(sizes) has no axis \(axis)")
        let source = contiguous()
        let kept = sizes(withoutAxis: axis, keeping: true)
        let result = source.summed(over: axis).reshaped(sizes(withoutAxis: axis))
        return engine.tracked(result, from: [source]) { [source = source.node] gradient in
            source.accumulate(gradient.reshaped(kept).repeated(to: source.sizes))
        }
    }

    /// Means over an axis, which goes away.
    package func mean(over axis: Int) -> Tensor { sum(over: axis) * (1 / Float(sizes[axis])) }

    /// Variances over an axis, which goes away: mean squares of the distances from the mean.
    ///
    /// - Parameter unbiased: Divides by one less than the number of elements.
    package func variance(over axis: Int, unbiased: Bool = false) -> Tensor {
        precondition(sizes.indices.contains(axis), "variance: \(sizes) has no axis \(axis)")
        let degrees = sizes[axis] - (unbiased ? 1 : 0)
        precondition(degrees > 0, "variance: axis \(axis) of \(sizes) has too few elements")
        let centred = self - mean(over: axis).reshaped(sizes(withoutAxis: axis, keeping: true))
        return centred.activated(.square).sum(over: axis) * (1 / Float(degrees))
    }

    /// The largest elements along an axis, which goes away; of equal ones the first gets the gradient.
    package func maximum(over axis: Int) -> Tensor {
        precondition(sizes.indices.contains(axis) && sizes[axis] > 0, "maximum: \(sizes) has no axis \(axis)")
        let last = sizes.count - 1
        return transposed(axis, last).largest(1).values.transposed(axis, last).reshaped(sizes(withoutAxis: axis))
    }

    /// The smallest elements along an axis, which goes away; of equal ones the first gets the gradient.
    package func minimum(over axis: Int) -> Tensor { (self * -1).maximum(over: axis) * -1 }

    private func sizes(withoutAxis axis: Int, keeping: Bool = false) -> [Int] {
        var result = sizes
        result.replaceSubrange(axis...axis, with: keeping ? [1] : [])
        return result
    }

    /// Running sums along an axis.
    package func cumulativeSum(over axis: Int) -> Tensor {
        precondition(sizes.indices.contains(axis), "cumulative sum: \(sizes) has no axis \(axis)")
        let source = contiguous()
        let result = source.running(over: axis, reversed: false)
        return engine.tracked(result, from: [source]) { [source = source.node] gradient in
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

// Sums and repetitions for gradients: not recorded on the tape.
extension Tensor {
    /// Sums over an axis, which keeps the size 1.
    func summed(over axis: Int) -> Tensor {
        let source = contiguous()
        let (length, inner) = (sizes[axis], sizes[(axis + 1)...].reduce(1, *))
        let result = engine.filled(0, sizes(withoutAxis: axis, keeping: true))
        let (x, y, kernels) = (source.pointer, result.pointer, engine.kernels)
        if result.count == inner {
            engine.perform(inner, cost: length) { range, _ in
                kernels.column_sums(length, inner, x, range.lowerBound, range.upperBound, y)
            }
        } else {
            engine.perform(inner == 0 ? 0 : result.count / inner, cost: length * inner) { range, _ in
                for block in range {
                    let (from, to) = (x + block * length * inner, y + block * inner)
                    if inner == 1 {
                        to[0] = Float(kernels.sum(length, from))
                    } else {
                        kernels.column_sums(length, inner, from, 0, inner, to)
                    }
                }
            }
        }
        return result
    }

    /// Sums over the axes that broadcasting from `wanted` had repeated.
    func summed(to wanted: [Int]) -> Tensor {
        guard sizes != wanted else { return self }
        let lead = sizes.count - wanted.count
        var result = self
        if lead > 0 {
            result = reshaped([sizes[..<lead].reduce(1, *)] + sizes[lead...]).summed(over: 0)
            result = result.reshaped(Array(sizes[lead...]))
        }
        for axis in wanted.indices where wanted[axis] != result.sizes[axis] { result = result.summed(over: axis) }
        return result
    }

    /// The elements repeated along axes of size 1 and new leading ones.
    func repeated(to wanted: [Int]) -> Tensor {
        guard let layout = layout.broadcast(to: wanted) else {
            preconditionFailure("repeat: shape \(sizes) does not fit into \(wanted)")
        }
        return Tensor(engine: engine, storage: storage, layout: layout).contiguous()
    }
}
