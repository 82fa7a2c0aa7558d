// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// A tensor of 32-bit floats: a view of storage, with a gradient where one is wanted.
///
/// Operations make new tensors. Wrong shapes are programming errors: they stop the process, naming the operation and
/// both shapes.
package final class Tensor {
    /// Where it lives.
    package let engine: Engine
    let storage: Storage
    let layout: Layout
    /// Where its gradient comes to.
    let node: GradientNode
    /// Of a weight that stays as it is, in inference: itself in another order, made when it is first asked for.
    var packed: PackedMatrix?

    init(
        engine: Engine,
        storage: Storage,
        layout: Layout,
        needsGradient: Bool = false,
        pinnedGradient: Tensor? = nil
    ) {
        self.engine = engine
        self.storage = storage
        self.layout = layout
        node = GradientNode(
            engine: engine,
            sizes: layout.sizes,
            isWanted: needsGradient,
            pinned: pinnedGradient
        )
    }

    /// Whether gradients are to reach it.
    package internal(set) var needsGradient: Bool {
        get { node.isWanted }
        set { node.isWanted = newValue }
    }

    /// What `Engine.differentiate` left here; nil before, and for tensors between leaves and result.
    package var gradient: Tensor? { node.gradient }

    /// The sizes of its dimensions.
    package var sizes: [Int] { layout.sizes }
    /// The number of elements.
    package var count: Int { layout.count }

    var isContiguous: Bool { layout.isContiguous }

    /// The first element; the others follow it where the layout is contiguous.
    var pointer: UnsafeMutablePointer<Float> {
        storage.pointer.assumingMemoryBound(to: Float.self) + layout.offset
    }

    /// The size of the last dimension, 1 for a scalar.
    var width: Int { sizes.last ?? 1 }
    /// The number of rows of that size.
    var rows: Int { width == 0 ? 0 : count / width }

    // MARK: Elements

    /// The elements in row-major order.
    package var elements: [Float] {
        let source = contiguous().pointer
        return Array(UnsafeBufferPointer(start: source, count: count))
    }

    /// The element of a tensor of one.
    package var scalar: Float {
        precondition(count == 1, "scalar: \(sizes) holds more than one element")
        return pointer[0]
    }

    /// Overwrites all elements; not recorded.
    package func write(_ elements: [Float]) {
        precondition(isContiguous && elements.count == count, "write: \(elements.count) elements into \(sizes)")
        elements.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.update(from: base, count: count) }
        }
    }

    /// Calls `body` with the elements in row-major order, to read or fill them in place.
    package func withElements<Result>(_ body: (inout MutableSpan<Float>) throws -> Result) rethrows -> Result {
        precondition(isContiguous, "withElements: \(sizes) is not contiguous")
        var span = UnsafeMutableBufferPointer(start: pointer, count: count).mutableSpan
        return try body(&span)
    }

    /// Sets all elements to zero.
    func clear() {
        let target = pointer
        engine.perform(count, cost: 1) { range, _ in
            (target + range.lowerBound).update(repeating: 0, count: range.count)
        }
    }

    /// self = factor * other + beta * self, in place and not recorded on the tape.
    func add(_ factor: Float, times other: Tensor, beta: Float = 1) {
        precondition(other.sizes == sizes, "add in place: shapes \(sizes) and \(other.sizes) differ")
        let (axpby, x, y) = (engine.kernels.axpby, other.contiguous().pointer, pointer)
        engine.perform(count, cost: 1) { range, _ in
            axpby(range.count, factor, x + range.lowerBound, beta, y + range.lowerBound)
        }
    }
}

extension Engine {
    /// A tensor whose elements are yet to be written.
    package func empty(_ sizes: [Int]) -> Tensor {
        let layout = Layout(contiguous: sizes)
        return Tensor(engine: self, storage: Storage(count: layout.count, pool: pool), layout: layout)
    }

    /// A tensor of equal elements.
    package func filled(_ value: Float, _ sizes: [Int]) -> Tensor {
        let result = empty(sizes)
        let target = result.pointer
        perform(result.count, cost: 1) { range, _ in
            (target + range.lowerBound).update(repeating: value, count: range.count)
        }
        return result
    }

    /// A leaf of given elements.
    ///
    /// - Parameter needsGradient: Whether `differentiate` is to leave a gradient in it.
    package func tensor(_ elements: [Float], _ sizes: [Int], needsGradient: Bool = false) -> Tensor {
        precondition(plan == nil, "tensor: made of elements within a plan")
        let result = empty(sizes)
        precondition(result.count == elements.count, "tensor: \(elements.count) elements do not fill \(sizes)")
        elements.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { result.pointer.update(from: base, count: source.count) }
        }
        result.needsGradient = needsGradient
        return result
    }

    /// A tensor of indices.
    package func indices(_ elements: [Int32], _ sizes: [Int]) -> Indices {
        precondition(plan == nil, "indices: made of elements within a plan")
        let result = emptyIndices(sizes)
        precondition(result.count == elements.count, "indices: \(elements.count) elements do not fill \(sizes)")
        elements.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { result.pointer.update(from: base, count: source.count) }
        }
        return result
    }

    func emptyIndices(_ sizes: [Int]) -> Indices {
        let count = sizes.reduce(1, *)
        return Indices(sizes: sizes, storage: Storage(count: count, pool: pool))
    }
}

/// A contiguous tensor of 32-bit integers that choose elements of others.
package struct Indices {
    /// The sizes of its dimensions.
    package let sizes: [Int]
    let storage: Storage

    /// The number of elements.
    package var count: Int { sizes.reduce(1, *) }
    /// The elements in row-major order.
    package var elements: [Int32] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    var pointer: UnsafeMutablePointer<Int32> { storage.pointer.assumingMemoryBound(to: Int32.self) }
}
