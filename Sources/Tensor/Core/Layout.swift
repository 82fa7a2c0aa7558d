// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How the elements of a tensor lie in its storage: the element at indices i is at offset + sum of i[d] * strides[d].
struct Layout: Equatable {
    let sizes: [Int]
    let strides: [Int]
    let offset: Int

    /// Row-major order without gaps.
    init(contiguous sizes: [Int]) {
        precondition(sizes.allSatisfy { $0 >= 0 }, "tensor: a size of \(sizes) is negative")
        var strides = [Int](repeating: 1, count: sizes.count)
        for axis in strides.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * sizes[axis + 1] }
        self.init(sizes: sizes, strides: strides, offset: 0)
    }

    private init(sizes: [Int], strides: [Int], offset: Int) {
        self.sizes = sizes
        self.strides = strides
        self.offset = offset
    }

    var count: Int { sizes.reduce(1, *) }

    var isContiguous: Bool {
        var expected = 1
        for axis in sizes.indices.reversed() where sizes[axis] != 1 {
            if strides[axis] != expected { return false }
            expected *= sizes[axis]
        }
        return true
    }

    /// The same elements in order under other sizes; the layout must be contiguous.
    func reshaped(_ sizes: [Int]) -> Layout {
        let fresh = Layout(contiguous: sizes)
        return Layout(sizes: sizes, strides: fresh.strides, offset: offset)
    }

    func transposed(_ first: Int, _ second: Int) -> Layout {
        var (sizes, strides) = (sizes, strides)
        sizes.swapAt(first, second)
        strides.swapAt(first, second)
        return Layout(sizes: sizes, strides: strides, offset: offset)
    }

    func narrowed(_ axis: Int, _ range: Range<Int>) -> Layout {
        var sizes = sizes
        sizes[axis] = range.count
        return Layout(sizes: sizes, strides: strides, offset: offset + range.lowerBound * strides[axis])
    }

    /// The same elements repeated along axes of size 1 and new leading axes; nil where the sizes do not allow it.
    func broadcast(to wanted: [Int]) -> Layout? {
        let lead = wanted.count - sizes.count
        guard lead >= 0 else { return nil }
        var strides = [Int](repeating: 0, count: wanted.count)
        for axis in sizes.indices {
            if sizes[axis] == wanted[lead + axis] {
                strides[lead + axis] = self.strides[axis]
            } else if sizes[axis] != 1 {
                return nil
            }
        }
        return Layout(sizes: wanted, strides: strides, offset: offset)
    }

    /// The sizes of the result of an operation on operands of two shapes; nil where they do not fit.
    static func broadcastSizes(_ a: [Int], _ b: [Int]) -> [Int]? {
        var result = a.count >= b.count ? a : b
        let shorter = a.count >= b.count ? b : a
        let lead = result.count - shorter.count
        for axis in shorter.indices where shorter[axis] != result[lead + axis] {
            if result[lead + axis] == 1 {
                result[lead + axis] = shorter[axis]
            } else if shorter[axis] != 1 {
                return nil
            }
        }
        return result
    }
}

/// Two layouts of equal sizes as runs along the last axis (joined with those before it where both allow it).
///
/// Computed when an operation is built, so that running it again allocates nothing.
struct StridedRuns {
    /// Where each run begins in either storage.
    let starts: [(first: Int, second: Int)]
    /// The elements of a run, and the steps between them.
    let length: Int
    let steps: (first: Int, second: Int)

    init(_ first: Layout, _ second: Layout) {
        precondition(first.sizes == second.sizes, "strided runs: shapes \(first.sizes) and \(second.sizes) differ")
        var axes = first.sizes.indices.filter { first.sizes[$0] != 1 }
        guard !first.sizes.contains(0), let last = axes.popLast() else {
            starts = first.sizes.contains(0) ? [] : [(first.offset, second.offset)]
            (length, steps) = (1, (1, 1))
            return
        }
        var length = first.sizes[last]
        while let axis = axes.last, first.strides[axis] == length * first.strides[last],
            second.strides[axis] == length * second.strides[last]
        {
            length *= first.sizes[axis]
            axes.removeLast()
        }
        var starts = [(first.offset, second.offset)]
        for axis in axes {
            starts = starts.flatMap { start in
                (0..<first.sizes[axis]).map {
                    (start.0 + $0 * first.strides[axis], start.1 + $0 * second.strides[axis])
                }
            }
        }
        self.starts = starts.map { (first: $0.0, second: $0.1) }
        self.length = length
        steps = (first.strides[last], second.strides[last])
    }
}
