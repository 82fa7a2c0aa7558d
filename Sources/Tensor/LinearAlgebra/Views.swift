// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A borrowed vector: `count` elements, `stride` apart.
///
/// Valid only while its owner's buffer is. Views are made inline and without closures: many are of few elements, and
/// would cost more than what is computed of them if their type were looked up each time.
package struct VectorView<Scalar: BLASScalar> {
    @usableFromInline let base: UnsafePointer<Scalar>?
    @usableFromInline let count: Int
    @usableFromInline let stride: Int

    /// Every `stride`-th element of `buffer`, starting at `offset`, `count` in all.
    @inlinable package init(_ buffer: UnsafeBufferPointer<Scalar>, offset: Int = 0, count: Int, stride: Int = 1) {
        checkVector(buffer.count, offset, count, stride)
        if let start = buffer.baseAddress { base = start + offset } else { base = nil }
        self.count = count
        self.stride = stride
    }

    /// The same elements of a buffer that may be written.
    @inlinable package init(_ buffer: UnsafeMutableBufferPointer<Scalar>, offset: Int = 0, count: Int, stride: Int = 1)
    {
        self.init(UnsafeBufferPointer(buffer), offset: offset, count: count, stride: stride)
    }
}

/// A borrowed vector that may be written; see ``VectorView``.
package struct MutableVectorView<Scalar: BLASScalar> {
    @usableFromInline let base: UnsafeMutablePointer<Scalar>?
    @usableFromInline let count: Int
    @usableFromInline let stride: Int

    /// Every `stride`-th element of `buffer`, starting at `offset`, `count` in all.
    @inlinable package init(_ buffer: UnsafeMutableBufferPointer<Scalar>, offset: Int = 0, count: Int, stride: Int = 1)
    {
        checkVector(buffer.count, offset, count, stride)
        if let start = buffer.baseAddress { base = start + offset } else { base = nil }
        self.count = count
        self.stride = stride
    }
}

/// A borrowed row-major matrix; see ``VectorView``.
package struct MatrixView<Scalar: BLASScalar> {
    @usableFromInline let base: UnsafePointer<Scalar>?
    @usableFromInline let rows: Int
    @usableFromInline let columns: Int

    /// The `rows * columns` elements of `buffer` from `offset` on.
    @inlinable package init(_ buffer: UnsafeBufferPointer<Scalar>, offset: Int = 0, rows: Int, columns: Int) {
        checkVector(buffer.count, offset, rows * columns, 1)
        if let start = buffer.baseAddress { base = start + offset } else { base = nil }
        self.rows = rows
        self.columns = columns
    }

    /// As BLAS wants it: at least 1, for a matrix without columns too.
    var rowLength: Int32 { Int32(max(1, columns)) }

    /// All elements, row by row.
    @inlinable package var buffer: UnsafeBufferPointer<Scalar> {
        UnsafeBufferPointer(start: base, count: rows * columns)
    }

    /// A row.
    @inlinable package func row(_ index: Int) -> VectorView<Scalar> {
        VectorView(buffer, offset: index * columns, count: columns)
    }
}

/// A borrowed row-major matrix that may be written; see ``VectorView``.
package struct MutableMatrixView<Scalar: BLASScalar> {
    @usableFromInline let base: UnsafeMutablePointer<Scalar>?
    @usableFromInline let rows: Int
    @usableFromInline let columns: Int

    /// The `rows * columns` elements of `buffer` from `offset` on.
    @inlinable package init(_ buffer: UnsafeMutableBufferPointer<Scalar>, offset: Int = 0, rows: Int, columns: Int) {
        checkVector(buffer.count, offset, rows * columns, 1)
        if let start = buffer.baseAddress { base = start + offset } else { base = nil }
        self.rows = rows
        self.columns = columns
    }

    /// All elements, row by row.
    @inlinable package var buffer: UnsafeMutableBufferPointer<Scalar> {
        UnsafeMutableBufferPointer(start: base, count: rows * columns)
    }

    /// A row.
    @inlinable package func row(_ index: Int) -> MutableVectorView<Scalar> {
        MutableVectorView(buffer, offset: index * columns, count: columns)
    }
}

@usableFromInline func checkVector(_ available: Int, _ offset: Int, _ count: Int, _ stride: Int) {
    precondition(offset >= 0 && count >= 0 && stride >= 1, "view: offset \(offset), count \(count), stride \(stride)")
    precondition(
        count == 0 || offset + (count - 1) * stride < available,
        "view: offset \(offset), count \(count), stride \(stride) is outside of a buffer of \(available)"
    )
}
