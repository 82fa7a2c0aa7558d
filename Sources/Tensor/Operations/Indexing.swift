// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

extension Tensor {
    /// Rows chosen by index: [lead..., n, width] with indices [lead..., k] gives [lead..., k, width].
    ///
    /// Of a matrix, the indices may have any shape: then this is an embedding's look-up.
    package func rows(at indices: Indices) -> Tensor {
        let lead = Array(sizes.dropLast(2))
        precondition(
            sizes.count >= 2 && (lead.isEmpty || Array(indices.sizes.dropLast()) == lead),
            "rows: indices \(indices.sizes) do not fit \(sizes)"
        )
        let source = contiguous()
        let (length, columns) = (sizes[sizes.count - 2], width)
        let perEntry = lead.isEmpty ? indices.count : indices.sizes[indices.sizes.count - 1]
        let result = engine.empty(indices.sizes + [columns])
        let (x, y, index) = (source.pointer, result.pointer, indices.pointer)
        engine.perform(indices.count, cost: columns) { range, _ in
            for place in range {
                let row = Int(index[place])
                precondition(row >= 0 && row < length, "rows: index \(row) is outside of \(length) rows")
                (y + place * columns).update(from: x + (place / perEntry * length + row) * columns, count: columns)
            }
        }
        return engine.tracked(result, from: [source]) { [source = source.node] gradient in
            gradient.addRows(to: source.slotForSums(), at: indices)
        }
    }

    /// Rows added up where the indices say: [lead..., k, width] with indices [lead..., k] gives [lead..., n, width].
    ///
    /// The opposite of ``rows(at:)``; rows that no index names are zero.
    package func scatteredRows(at indices: Indices, count: Int) -> Tensor {
        precondition(
            sizes.count >= 2 && indices.sizes == Array(sizes.dropLast()),
            "scatter: indices \(indices.sizes) do not fit \(sizes)"
        )
        let source = contiguous()
        let result = engine.filled(0, sizes.dropLast(2) + [count, width])
        source.addRows(to: result, at: indices)
        return engine.tracked(result, from: [source]) { [source = source.node] in
            source.accumulate($0.rows(at: indices))
        }
    }

    /// Adds each row to the one of another tensor that its index names; not recorded on the tape.
    private func addRows(to other: Tensor, at indices: Indices) {
        let (length, columns) = (other.sizes[other.sizes.count - 2], width)
        let entries = max(1, other.sizes.dropLast(2).reduce(1, *))
        let perEntry = indices.count / entries
        let (from, to, index, kernel) = (pointer, other.pointer, indices.pointer, engine.kernels.axpby)
        // The same row may be named often, so entries are the smallest parts that do not meet.
        engine.perform(entries, cost: perEntry * columns) { range, _ in
            for place in (range.lowerBound * perEntry)..<(range.upperBound * perEntry) {
                let row = Int(index[place])
                precondition(row >= 0 && row < length, "scatter: index \(row) is outside of \(length) rows")
                kernel(columns, 1, from + place * columns, 1, to + (place / perEntry * length + row) * columns)
            }
        }
        withExtendedLifetime(indices.storage) {}
    }

    /// The largest elements of each row of the last axis, largest first, and where they are.
    ///
    /// Of equal ones the first counts as larger.
    package func largest(_ k: Int) -> (values: Tensor, indices: Indices) {
        precondition(k >= 0 && k <= width, "largest: \(k) of \(sizes)")
        let source = contiguous()
        let columns = width
        let chosen = engine.emptyIndices(sizes.dropLast() + [k])
        let result = engine.empty(sizes.dropLast() + [k])
        let (x, y, index) = (source.pointer, result.pointer, chosen.pointer)
        engine.perform(rows, cost: columns * k) { range, _ in
            for row in range {
                let (values, order) = (x + row * columns, index + row * k)
                var filled = 0
                for column in 0..<columns {
                    // Insertion into the sorted ones so far.
                    var place = filled
                    while place > 0, values[column] > values[Int(order[place - 1])] { place -= 1 }
                    guard place < k else { continue }
                    filled = min(filled + 1, k)
                    for later in stride(from: filled - 1, to: place, by: -1) { order[later] = order[later - 1] }
                    order[place] = Int32(column)
                }
                for place in 0..<k { y[row * k + place] = values[Int(order[place])] }
            }
        }
        let values = engine.tracked(result, from: [source]) { [source = source.node] gradient in
            withExtendedLifetime(chosen.storage) {
                let (slot, dy) = (source.slotForSums().pointer, gradient.pointer)
                source.engine.perform(k == 0 ? 0 : gradient.count / k, cost: k) { range, _ in
                    for place in (range.lowerBound * k)..<(range.upperBound * k) {
                        slot[place / k * columns + Int(index[place])] += dy[place]
                    }
                }
            }
        }
        return (values, chosen)
    }
}

extension Tensor {
    /// Elements rounded towards zero, as indices of other sizes.
    package func truncatedToIndices(_ wanted: [Int]) -> Indices {
        precondition(wanted.reduce(1, *) == count, "indices: \(sizes) does not fit into \(wanted)")
        let source = contiguous()
        let result = engine.emptyIndices(wanted)
        let (x, y) = (source.pointer, result.pointer)
        engine.perform(count, cost: 1) { range, _ in
            for place in range { y[place] = Int32(x[place]) }
        }
        return result
    }
}
