// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels
import COpenBLAS

/// Two matrices in memory, and how they are read.
struct Product {
    var rows: Int
    var columns: Int
    var inner: Int
    var left: UnsafePointer<Float>
    var leftStride: Int
    var leftTransposed = false
    var right: UnsafePointer<Float>
    var rightStride: Int
    var rightTransposed = false
    var result: UnsafeMutablePointer<Float>
    var resultStride: Int
    var beta: Float = 0
    /// A vector that is added to each row, in place of what the result held.
    var bias: UnsafePointer<Float>?

    /// Computes a block of the result.
    func run(rows: Range<Int>, columns: Range<Int>) {
        if let bias {
            // Written here, block by block, so that the product finds it in the cache.
            for row in rows {
                (result + row * resultStride + columns.lowerBound)
                    .update(from: bias + columns.lowerBound, count: columns.count)
            }
        }
        cblas_sgemm(
            CblasRowMajor,
            leftTransposed ? CblasTrans : CblasNoTrans,
            rightTransposed ? CblasTrans : CblasNoTrans,
            Int32(rows.count),
            Int32(columns.count),
            Int32(inner),
            1,
            left + rows.lowerBound * (leftTransposed ? 1 : leftStride),
            Int32(leftStride),
            right + columns.lowerBound * (rightTransposed ? rightStride : 1),
            Int32(rightStride),
            bias == nil ? beta : 1,
            result + rows.lowerBound * resultStride + columns.lowerBound,
            Int32(resultStride)
        )
    }
}

extension Engine {
    /// Computes a product on all threads, each a band of the longer side of the result.
    func multiply(_ product: Product) {
        guard product.rows > 0, product.columns > 0 else { return }
        // One unit is 16 rows or columns, so that bands begin where OpenBLAS' tiles do.
        let unit = 16
        let byRows = product.rows >= product.columns
        let length = byRows ? product.rows : product.columns
        let area = (byRows ? product.columns : product.rows) * product.inner
        perform((length + unit - 1) / unit, cost: unit * area / 8) { range, _ in
            let band = (range.lowerBound * unit)..<min(length, range.upperBound * unit)
            if byRows {
                product.run(rows: band, columns: 0..<product.columns)
            } else {
                product.run(rows: 0..<product.rows, columns: band)
            }
        }
    }
}

extension Tensor {
    /// self * weight^T + bias over the last axis: [..., in] with weight [out, in] and bias [out].
    package func linear(_ weight: Tensor, _ bias: Tensor) -> Tensor {
        precondition(
            weight.sizes.count == 2 && weight.sizes[1] == width && bias.sizes == [weight.sizes[0]],
            "linear: input \(sizes), weight \(weight.sizes) and bias \(bias.sizes) do not fit each other"
        )
        let source = contiguous()
        let (inputs, outputs, rows) = (width, weight.sizes[0], rows)
        let result = engine.empty(sizes.dropLast() + [outputs])
        engine.multiply(
            Product(
                rows: rows,
                columns: outputs,
                inner: inputs,
                left: source.pointer,
                leftStride: inputs,
                right: weight.pointer,
                rightStride: inputs,
                rightTransposed: true,
                result: result.pointer,
                resultStride: outputs,
                bias: bias.pointer
            )
        )
        return engine.tracked(result, from: [source, weight, bias]) { gradient in
            source.linearBackward(gradient, weight: weight, bias: bias)
        }
    }

    /// Adds to the gradients of the operands of `linear`.
    func linearBackward(_ gradient: Tensor, weight: Tensor, bias: Tensor) {
        let (inputs, outputs, rows) = (width, weight.sizes[0], rows)
        if bias.needsGradient { bias.accumulateColumnSums(of: gradient) }
        if weight.needsGradient {
            let (slot, beta) = weight.gradientSlot()
            engine.multiply(
                Product(
                    rows: outputs,
                    columns: inputs,
                    inner: rows,
                    left: gradient.pointer,
                    leftStride: outputs,
                    leftTransposed: true,
                    right: pointer,
                    rightStride: inputs,
                    result: slot.pointer,
                    resultStride: inputs,
                    beta: beta
                )
            )
        }
        guard needsGradient else { return }
        let (slot, beta) = gradientSlot()
        engine.multiply(
            Product(
                rows: rows,
                columns: inputs,
                inner: outputs,
                left: gradient.pointer,
                leftStride: outputs,
                right: weight.pointer,
                rightStride: inputs,
                result: slot.pointer,
                resultStride: inputs,
                beta: beta
            )
        )
    }

    /// Adds the sums of another tensor over all axes but the last to this vector's gradient.
    func accumulateColumnSums(of other: Tensor) {
        let slot = gradientSlotForSums()
        let (rows, columns, x, y) = (other.rows, other.width, other.pointer, slot.pointer)
        let kernel = engine.kernels.column_sums
        engine.perform(columns, cost: rows) { range, _ in
            kernel(rows, columns, x, range.lowerBound, range.upperBound, y)
        }
    }

    /// Matrix products of the last two axes, [..., m, k] and [..., k, n], matrix by matrix over equal leading axes.
    package func matmul(_ other: Tensor) -> Tensor {
        let (a, b) = (contiguous(), other.contiguous())
        precondition(
            sizes.count >= 2 && sizes.count == other.sizes.count && sizes.dropLast(2) == other.sizes.dropLast(2)
                && sizes[sizes.count - 1] == other.sizes[other.sizes.count - 2],
            "matmul: shapes \(sizes) and \(other.sizes) do not fit each other"
        )
        let (m, k, n) = (sizes[sizes.count - 2], width, other.width)
        let result = engine.empty(sizes.dropLast() + [n])
        a.multiplyBatch(b, into: result, (m, n, k))
        return engine.tracked(result, from: [a, b]) { gradient in
            if a.needsGradient {
                let (slot, beta) = a.gradientSlot()
                gradient.multiplyBatch(b, into: slot, (m, k, n), rightTransposed: true, beta: beta)
            }
            if b.needsGradient {
                let (slot, beta) = b.gradientSlot()
                a.multiplyBatch(gradient, into: slot, (k, n, m), leftTransposed: true, beta: beta)
            }
        }
    }

    private func multiplyBatch(
        _ other: Tensor,
        into target: Tensor,
        _ size: (rows: Int, columns: Int, inner: Int),
        leftTransposed: Bool = false,
        rightTransposed: Bool = false,
        beta: Float = 0
    ) {
        let (m, n, k) = size
        guard m > 0, n > 0 else { return }
        let first = Product(
            rows: m,
            columns: n,
            inner: k,
            left: pointer,
            leftStride: leftTransposed ? m : k,
            leftTransposed: leftTransposed,
            right: other.pointer,
            rightStride: rightTransposed ? k : n,
            rightTransposed: rightTransposed,
            result: target.pointer,
            resultStride: n,
            beta: beta
        )
        engine.perform(target.count / (m * n), cost: m * n * k / 8) { range, _ in
            for index in range {
                var product = first
                product.left += index * m * k
                product.right += index * k * n
                product.result += index * m * n
                product.run(rows: 0..<m, columns: 0..<n)
            }
        }
    }
}
