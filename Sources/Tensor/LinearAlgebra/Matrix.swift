// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A dense matrix in row-major order, contiguous, with value semantics (the buffer is copied on write).
package struct Matrix<Scalar: BLASScalar>: Sendable, Hashable {
    /// The number of rows.
    package let rows: Int
    /// The number of columns.
    package let columns: Int
    /// The elements row by row; the count never changes.
    package private(set) var elements: [Scalar]

    /// A matrix of zeros.
    package init(rows: Int, columns: Int) {
        self.init(rows: rows, columns: columns, elements: [Scalar](repeating: 0, count: rows * columns))
    }

    /// A matrix over `rows * columns` elements, row by row.
    package init(rows: Int, columns: Int, elements: [Scalar]) {
        precondition(
            rows >= 0 && columns >= 0 && elements.count == rows * columns,
            "Matrix: \(elements.count) elements do not fill \(rows) x \(columns)"
        )
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// The element in a row and a column.
    package subscript(row: Int, column: Int) -> Scalar {
        get {
            checkBounds(row, column)
            return elements[row * columns + column]
        }
        set {
            checkBounds(row, column)
            elements[row * columns + column] = newValue
        }
    }

    private func checkBounds(_ row: Int, _ column: Int) {
        precondition(
            row >= 0 && row < rows && column >= 0 && column < columns,
            "Matrix: element (\(row), \(column)) is outside of \(rows) x \(columns)"
        )
    }

    /// Calls `body` with the elements in place; the pointer is valid during the call only.
    package mutating func withMutableView<Result, Failure: Error>(
        _ body: (MutableMatrixView<Scalar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let (rows, columns) = (rows, columns)
        return try elements.withUnsafeMutableBufferPointer { (buffer) throws(Failure) -> Result in
            try body(MutableMatrixView(buffer, rows: rows, columns: columns))
        }
    }

    /// Calls `body` with a read-only view of the elements, valid during the call only.
    package func withView<Result, Failure: Error>(
        _ body: (MatrixView<Scalar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try elements.withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in
            try body(MatrixView(buffer, rows: rows, columns: columns))
        }
    }
}
