// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A matrix that changes seldom or never, with its transpose.
///
/// OpenBLAS copies both factors into an order of its own in each product. For the few rows of a single forecast that is a
/// sixth of the time; a product with the transpose, kept, needs no copy.
final class FixedMatrix {
    /// Larger ones are not worth the memory: for them the product itself takes the time.
    private static let mostElements = 1 << 16
    /// With more rows on the other side, OpenBLAS is faster than the kernel for small products.
    static let mostRows = 256

    private let rows: Int
    private let columns: Int
    private let source: UnsafeMutablePointer<Float>
    private var transpose: Storage?

    /// Of a matrix without gaps whose memory lives longer; nil for one that is too large.
    init?(_ matrix: Tensor) {
        guard matrix.sizes.count == 2, matrix.isContiguous, matrix.count <= Self.mostElements else { return nil }
        (rows, columns, source) = (matrix.sizes[0], matrix.sizes[1], matrix.pointer)
    }

    /// The transpose, row by row; made where there is none yet, and not recorded.
    func transposed() -> UnsafePointer<Float> {
        if let transpose { return UnsafePointer(elements(transpose)) }
        // In memory of its own: that of a plan serves other steps before and after.
        let fresh = Storage(count: rows * columns, pool: BufferPool())
        transpose = fresh
        refresh()
        return UnsafePointer(elements(fresh))
    }

    /// Makes the transpose anew in its place, after the matrix has changed.
    func refresh() {
        guard let target = transpose.map(elements) else { return }
        for row in 0..<rows {
            for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
        }
    }

    private func elements(_ storage: Storage) -> UnsafeMutablePointer<Float> {
        storage.pointer.assumingMemoryBound(to: Float.self)
    }
}
