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
    /// A vector that is added to each row, in place of what the result held, and the kernel that repeats it.
    var bias: Bias?

    struct Bias {
        let vector: UnsafePointer<Float>
        let repeatRow: @convention(c) (Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

        init(_ tensor: Tensor) {
            (vector, repeatRow) = (UnsafePointer(tensor.pointer), tensor.engine.kernels.repeat_row)
        }
    }

    /// Computes a block of the result.
    func run(rows: Range<Int>, columns: Range<Int>) {
        if let bias {
            // Written here, block by block, so that the product finds it in the cache.
            let first = result + rows.lowerBound * resultStride + columns.lowerBound
            bias.repeatRow(rows.count, columns.count, bias.vector + columns.lowerBound, first, resultStride)
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

extension Engine {
    /// Maps rows by a packed matrix on all threads, each a band of rows, or of panels where there are few rows.
    fileprivate func map(
        _ rows: Int,
        _ x: UnsafePointer<Float>,
        _ matrix: PackedMatrix,
        _ map: ck_map,
        to y: UnsafeMutablePointer<Float>
    ) {
        // Tiles are of this many rows at most.
        let (unit, panels, kernel) = (12, matrix.panels, kernels.map_rows)
        let units = (rows + unit - 1) / unit
        let work = map.inner * map.columns * rows / 8
        func run(_ rows: Range<Int>, _ panels: Range<Int>) {
            withUnsafePointer(to: map) { map in
                kernel(
                    map,
                    rows.count,
                    x + rows.lowerBound * map.pointee.inner,
                    y + rows.lowerBound * map.pointee.columns,
                    panels.lowerBound,
                    panels.upperBound
                )
            }
        }
        if units >= panels {
            perform(units, cost: work / units) { range, _ in
                run((range.lowerBound * unit)..<min(rows, range.upperBound * unit), 0..<panels)
            }
        } else {
            perform(panels, cost: work / panels) { range, _ in run(0..<rows, range) }
        }
    }
}

extension Tensor {
    /// self * weight^T + bias over the last axis: [..., in] with weight [out, in] and bias [out].
    ///
    /// Dropout of the result happens in its place, where `dropout` as an operation of its own keeps both.
    package func linear(_ weight: Tensor, _ bias: Tensor, dropout probability: Float = 0) -> Tensor {
        let source = contiguous()
        let result = source.mapped(weight, bias)
        let dropout = DropoutChoice(probability, engine)
        dropout?.apply(result, to: result)
        return engine.tracked(result, from: [source, weight, bias]) { gradient in
            source.linearBackward(dropout?.backward(gradient) ?? gradient, weight: weight, bias: bias)
        }
    }

    /// What `linear` computes, on no tape; the tensor itself has no gaps.
    func mapped(_ weight: Tensor, _ bias: Tensor) -> Tensor {
        precondition(
            weight.sizes.count == 2 && weight.sizes[1] == width && bias.sizes == [weight.sizes[0]],
            "linear: input \(sizes), weight \(weight.sizes) and bias \(bias.sizes) do not fit each other"
        )
        let (inputs, outputs, rows) = (width, weight.sizes[0], rows)
        let result = engine.empty(sizes.dropLast() + [outputs])
        if let packed = weight.packed {
            engine.map(rows, pointer, packed, packed.map(bias: bias.pointer), to: result.pointer)
            return result
        }
        let product = Product(
            rows: rows,
            columns: outputs,
            inner: inputs,
            left: pointer,
            leftStride: inputs,
            right: weight.pointer,
            rightStride: inputs,
            rightTransposed: true,
            result: result.pointer,
            resultStride: outputs,
            bias: Product.Bias(bias)
        )
        engine.multiply(product)
        return result
    }

    /// Adds to the gradients of the operands of `linear`.
    func linearBackward(_ gradient: Tensor, weight: Tensor, bias: Tensor) {
        let (inputs, outputs, rows) = (width, weight.sizes[0], rows)
        if bias.needsGradient { bias.accumulateColumnSums(of: gradient) }
        if weight.needsGradient {
            let (slot, beta) = weight.node.slot()
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
        let (slot, beta) = node.slot()
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
        let slot = node.slotForSums()
        let (rows, columns, x, y) = (other.rows, other.width, other.pointer, slot.pointer)
        let kernel = engine.kernels.column_sums
        engine.perform(columns, cost: rows) { range, _ in
            kernel(rows, columns, x, range.lowerBound, range.upperBound, y)
        }
    }
}

// Products of many matrices, wherever they lie.
extension Tensor {
    /// Matrix products of the last two axes, [..., m, k] and [..., k, n]; matrices are repeated along leading axes that
    /// one operand lacks or has of size 1.
    ///
    /// Views are read where they are, as long as one of the two axes has no gaps.
    package func matmul(_ other: Tensor) -> Tensor {
        guard sizes.count >= 2, other.sizes.count >= 2, width == other.sizes[other.sizes.count - 2],
            let lead = Layout.broadcastSizes(Array(sizes.dropLast(2)), Array(other.sizes.dropLast(2)))
        else { preconditionFailure("matmul: shapes \(sizes) and \(other.sizes) do not fit each other") }
        let (left, right) = (Matrices(self, lead), Matrices(other, lead))
        let result = engine.empty(lead + [left.rows, right.columns])
        left.multiply(right, into: result)
        return engine.tracked(result, from: [self, other]) { [self] gradient in
            if needsGradient { node.accumulate(gradient.matmul(other.matrixTransposed).summed(to: sizes)) }
            if other.needsGradient { other.node.accumulate(matrixTransposed.matmul(gradient).summed(to: other.sizes)) }
        }
    }

    private var matrixTransposed: Tensor { transposed(sizes.count - 2, sizes.count - 1) }
}

/// The matrices of a tensor's last two axes, as BLAS reads them.
private struct Matrices {
    let rows: Int
    let columns: Int
    /// Keeps the memory.
    let tensor: Tensor
    /// Where each matrix begins.
    let starts: [Int]
    /// Whether columns lie one after the other, in place of rows; and from one of them to the next.
    let transposed: Bool
    let stride: Int

    /// The matrices for leading axes that those of the tensor are repeated to.
    init(_ tensor: Tensor, _ lead: [Int]) {
        let axis = tensor.sizes.count - 2
        (rows, columns) = (tensor.sizes[axis], tensor.sizes[axis + 1])
        func step(along one: Int, across other: Int) -> Int? {
            let strides = tensor.layout.strides
            guard strides[one] == 1 || tensor.sizes[one] == 1 else { return nil }
            if tensor.sizes[other] == 1 { return max(1, tensor.sizes[one]) }
            return strides[other] >= max(1, tensor.sizes[one]) ? strides[other] : nil
        }
        let (byRows, byColumns) = (step(along: axis + 1, across: axis), step(along: axis, across: axis + 1))
        self.tensor = byRows == nil && byColumns == nil ? tensor.contiguous() : tensor
        (transposed, stride) = (byRows == nil && byColumns != nil, byRows ?? byColumns ?? max(1, columns))
        let layout = self.tensor.layout.narrowed(axis, 0..<min(1, rows)).narrowed(axis + 1, 0..<min(1, columns))
        let places = layout.broadcast(to: lead + [min(1, rows), min(1, columns)]) ?? layout
        let runs = StridedRuns(places, places)
        starts = runs.starts.flatMap { start in (0..<runs.length).map { start.first + $0 * runs.steps.first } }
    }

    func multiply(_ other: Matrices, into result: Tensor) {
        let (engine, area) = (result.engine, rows * other.columns)
        let (left, right) = (
            tensor.storage.pointer.assumingMemoryBound(to: Float.self),
            other.tensor.storage.pointer.assumingMemoryBound(to: Float.self)
        )
        guard let firstLeft = starts.first, let firstRight = other.starts.first else {
            // Sums of nothing.
            result.clear()
            return
        }
        let first = Product(
            rows: rows,
            columns: other.columns,
            inner: columns,
            left: left + firstLeft,
            leftStride: stride,
            leftTransposed: transposed,
            right: right + firstRight,
            rightStride: other.stride,
            rightTransposed: other.transposed,
            result: result.pointer,
            resultStride: other.columns
        )
        guard starts.count > 1 else {
            engine.multiply(first)
            return
        }
        engine.perform(starts.count, cost: area * columns / 8) { [starts] range, _ in
            for index in range {
                var product = first
                product.left = UnsafePointer(left + starts[index])
                product.right = UnsafePointer(right + other.starts[index])
                product.result += index * area
                product.run(rows: 0..<product.rows, columns: 0..<product.columns)
            }
        }
    }
}
