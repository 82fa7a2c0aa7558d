// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import COpenBLAS

/// Products and symmetric systems of whole matrices.
package enum LinearAlgebra {
    /// a * b, where a or b may be taken transposed.
    package static func multiply<Scalar: BLASScalar>(
        _ a: Matrix<Scalar>,
        transposeA: Bool = false,
        _ b: Matrix<Scalar>,
        transposeB: Bool = false
    ) -> Matrix<Scalar> {
        var c = Matrix<Scalar>(
            rows: transposeA ? a.columns : a.rows,
            columns: transposeB ? b.rows : b.columns
        )
        c.withMutableView { c in
            a.withView { a in
                b.withView { b in
                    BLAS.multiply(a, transposeA: transposeA, b, transposeB: transposeB, into: c)
                }
            }
        }
        return c
    }

    /// The full symmetric matrix aᵀ * a (columns x columns), in half the work of a general product.
    package static func gram(_ a: Matrix<Double>) -> Matrix<Double> {
        let order = a.columns
        var result = Matrix<Double>(rows: order, columns: order)
        guard order > 0, a.rows > 0 else { return result }
        result.withMutableView { c in
            a.withView { a in
                cblas_dsyrk(
                    CblasRowMajor,
                    CblasUpper,
                    CblasTrans,
                    Int32(order),
                    Int32(a.rows),
                    1,
                    a.base,
                    Int32(order),
                    0,
                    c.base,
                    Int32(order)
                )
            }
            mirrorUpperTriangle(c)
        }
        return result
    }

    /// Copies the upper triangle of the leading square block of a row-major matrix on to its lower triangle.
    package static func mirrorUpperTriangle(_ matrix: MutableMatrixView<Double>) {
        precondition(matrix.columns >= matrix.rows, "mirrorUpperTriangle: \(matrix.rows) x \(matrix.columns)")
        let buffer = matrix.buffer
        for row in 0..<max(0, matrix.rows - 1) {
            let count = matrix.rows - row - 1
            let right = VectorView(buffer, offset: row * matrix.columns + row + 1, count: count)
            let below = (row + 1) * matrix.columns + row
            BLAS.copy(right, to: MutableVectorView(buffer, offset: below, count: count, stride: matrix.columns))
        }
    }
}
