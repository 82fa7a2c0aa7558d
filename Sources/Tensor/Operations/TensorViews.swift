// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Views share storage; the gradient of a view goes to its place in the gradient of what it views.
extension Tensor {
    /// The same elements in row-major order under other sizes, of which one may be -1 for "the rest".
    package func reshaped(_ wanted: [Int]) -> Tensor {
        var sizes = wanted
        if let rest = sizes.firstIndex(of: -1) {
            let others = sizes.reduce(-1, *)
            precondition(others > 0 && count % others == 0, "reshape: \(self.sizes) does not fit into \(wanted)")
            sizes[rest] = count / others
        }
        let source = contiguous()
        precondition(sizes.reduce(1, *) == count, "reshape: \(self.sizes) does not fit into \(wanted)")
        let result = Tensor(engine: engine, storage: source.storage, layout: source.layout.reshaped(sizes))
        return engine.tracked(result, from: [source]) { [source = source.node] gradient in
            source.accumulate(gradient.reshaped(source.sizes))
        }
    }

    /// Two axes exchanged.
    package func transposed(_ first: Int, _ second: Int) -> Tensor {
        precondition(
            sizes.indices.contains(first) && sizes.indices.contains(second),
            "transpose: \(sizes) has no axes \(first) and \(second)"
        )
        return view { $0.transposed(first, second) }
    }

    /// A range of an axis.
    package func narrowed(_ axis: Int, _ range: Range<Int>) -> Tensor {
        precondition(
            sizes.indices.contains(axis) && range.lowerBound >= 0 && range.upperBound <= sizes[axis],
            "narrow: \(range) of axis \(axis) is outside of \(sizes)"
        )
        return range.count == sizes[axis] ? self : view { $0.narrowed(axis, range) }
    }

    private func view(_ change: @escaping (Layout) -> Layout) -> Tensor {
        let result = Tensor(engine: engine, storage: storage, layout: change(layout))
        return engine.tracked(result, from: [self]) { [node] gradient in
            let slot = node.slotForSums()
            slot.addStrided(gradient, to: change(slot.layout))
        }
    }

    /// Tensors one after the other along an axis; their other sizes are equal.
    package static func concatenated(_ parts: [Tensor], over axis: Int) -> Tensor {
        precondition(!parts.isEmpty, "concatenate: no tensors")
        var sizes = parts[0].sizes
        precondition(sizes.indices.contains(axis), "concatenate: \(sizes) has no axis \(axis)")
        for part in parts.dropFirst() {
            var expected = part.sizes
            if part.sizes.count == sizes.count { expected[axis] = sizes[axis] }
            precondition(expected == sizes, "concatenate: shapes \(parts[0].sizes) and \(part.sizes), axis \(axis)")
        }
        var places: [Range<Int>] = []
        for part in parts {
            let start = places.last?.upperBound ?? 0
            places.append(start..<(start + part.sizes[axis]))
        }
        sizes[axis] = places.last?.upperBound ?? 0
        let result = parts[0].engine.empty(sizes)
        for (part, place) in zip(parts, places) { part.copy(to: result, result.layout.narrowed(axis, place)) }
        return result.engine.tracked(result, from: parts) { [parts = parts.map(\.node)] gradient in
            for (part, place) in zip(parts, places) { part.accumulate(gradient.narrowed(axis, place)) }
        }
    }

    /// The same elements in row-major order without gaps: itself where it is so already.
    package func contiguous() -> Tensor {
        guard !isContiguous else { return self }
        let result = engine.empty(sizes)
        copy(to: result, result.layout)
        return engine.tracked(result, from: [self]) { [node] in node.accumulate($0) }
    }

    /// Copies the elements to places of another tensor.
    private func copy(to other: Tensor, _ places: Layout) {
        let source = storage.pointer.assumingMemoryBound(to: Float.self)
        let target = other.storage.pointer.assumingMemoryBound(to: Float.self)
        let runs = StridedRuns(layout, places)
        engine.perform(runs.starts.count, cost: runs.length) { range, _ in
            for start in runs.starts[range] {
                let (from, to) = (source + start.first, target + start.second)
                if runs.steps == (1, 1) {
                    to.update(from: from, count: runs.length)
                } else {
                    for index in 0..<runs.length { to[index * runs.steps.second] = from[index * runs.steps.first] }
                }
            }
        }
    }

    /// Adds a tensor to the elements under another layout of this tensor's storage.
    private func addStrided(_ other: Tensor, to place: Layout) {
        let source = other.contiguous()
        let (from, to) = (source.pointer, storage.pointer.assumingMemoryBound(to: Float.self))
        let runs = StridedRuns(place, Layout(contiguous: other.sizes))
        engine.perform(runs.starts.count, cost: runs.length) { range, _ in
            for start in runs.starts[range] {
                for index in 0..<runs.length {
                    to[start.first + index * runs.steps.first] += from[start.second + index * runs.steps.second]
                }
            }
        }
    }
}
