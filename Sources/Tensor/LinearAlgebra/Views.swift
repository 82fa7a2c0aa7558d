// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A borrowed vector: `count` elements, `stride` apart.
///
/// Valid only while its owner's buffer is.
package struct VectorView<Scalar: BLASScalar> {
    let base: UnsafePointer<Scalar>?
    let count: Int
    let stride: Int

    /// Every `stride`-th element of `buffer`, starting at `offset`, `count` in all.
    package init(_ buffer: UnsafeBufferPointer<Scalar>, offset: Int = 0, count: Int, stride: Int = 1) {
        checkVector(buffer.count, offset, count, stride)
        self.base = buffer.baseAddress.map { $0 + offset }
        self.count = count
        self.stride = stride
    }

    /// The same elements of a buffer that may be written.
    package init(_ buffer: UnsafeMutableBufferPointer<Scalar>, offset: Int = 0, count: Int, stride: Int = 1) {
        self.init(UnsafeBufferPointer(buffer), offset: offset, count: count, stride: stride)
    }
}

/// A borrowed vector that may be written; see ``VectorView``.
package struct MutableVectorView<Scalar: BLASScalar> {
    let base: UnsafeMutablePointer<Scalar>?
    let count: Int
    let stride: Int

    /// Every `stride`-th element of `buffer`, starting at `offset`, `count` in all.
    package init(_ buffer: UnsafeMutableBufferPointer<Scalar>, offset: Int = 0, count: Int, stride: Int = 1) {
        checkVector(buffer.count, offset, count, stride)
        self.base = buffer.baseAddress.map { $0 + offset }
        self.count = count
        self.stride = stride
    }
}

/// A borrowed row-major matrix; see ``VectorView``.
package struct MatrixView<Scalar: BLASScalar> {
    let base: UnsafePointer<Scalar>?
    let rows: Int
    let columns: Int

    /// The `rows * columns` elements of `buffer` from `offset` on.
    package init(_ buffer: UnsafeBufferPointer<Scalar>, offset: Int = 0, rows: Int, columns: Int) {
        checkVector(buffer.count, offset, rows * columns, 1)
        self.base = buffer.baseAddress.map { $0 + offset }
        self.rows = rows
        self.columns = columns
    }

    /// As BLAS wants it: at least 1, for a matrix without columns too.
    var rowLength: Int32 { Int32(max(1, columns)) }

    /// All elements, row by row.
    package var buffer: UnsafeBufferPointer<Scalar> {
        UnsafeBufferPointer(start: base, count: rows * columns)
    }

    /// A row.
    package func row(_ index: Int) -> VectorView<Scalar> {
        VectorView(buffer, offset: index * columns, count: columns)
    }
}

/// A borrowed row-major matrix that may be written; see ``VectorView``.
package struct MutableMatrixView<Scalar: BLASScalar> {
    let base: UnsafeMutablePointer<Scalar>?
    let rows: Int
    let columns: Int

    /// The `rows * columns` elements of `buffer` from `offset` on.
    package init(_ buffer: UnsafeMutableBufferPointer<Scalar>, offset: Int = 0, rows: Int, columns: Int) {
        checkVector(buffer.count, offset, rows * columns, 1)
        self.base = buffer.baseAddress.map { $0 + offset }
        self.rows = rows
        self.columns = columns
    }

    /// All elements, row by row.
    package var buffer: UnsafeMutableBufferPointer<Scalar> {
        UnsafeMutableBufferPointer(start: base, count: rows * columns)
    }

    /// A row.
    package func row(_ index: Int) -> MutableVectorView<Scalar> {
        MutableVectorView(buffer, offset: index * columns, count: columns)
    }
}

private func checkVector(_ available: Int, _ offset: Int, _ count: Int, _ stride: Int) {
    precondition(offset >= 0 && count >= 0 && stride >= 1, "view: offset \(offset), count \(count), stride \(stride)")
    precondition(
        count == 0 || offset + (count - 1) * stride < available,
        "view: offset \(offset), count \(count), stride \(stride) is outside of a buffer of \(available)"
    )
}
