// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import COpenBLAS

/// The Cholesky factor of a symmetric positive definite matrix (LAPACK dpotrf), for solving systems with it.
package struct CholeskyFactor: Sendable {
    /// The order of the factored matrix.
    package let order: Int
    private var factor: [Double]

    /// Factors `matrix` (order x order; only its upper triangle is read).
    ///
    /// A matrix counts as positive definite when each pivot keeps more than `tolerance` of its diagonal element:
    /// below that, what is left is rounding noise and a solution would be noise too.
    /// - Throws: `TensorError.notPositiveDefinite`, or `notFinite` where the diagonal is NaN or infinite.
    package init(_ matrix: Matrix<Double>, tolerance: Double = 0) throws(TensorError) {
        precondition(
            matrix.rows == matrix.columns,
            "CholeskyFactor: \(matrix.rows) x \(matrix.columns) is not square"
        )
        order = matrix.rows
        factor = matrix.elements
        guard order > 0 else { return }
        let diagonal = (0..<order).map { matrix[$0, $0] }
        guard diagonal.allSatisfy(\.isFinite) else { throw .notFinite(operation: "Cholesky factorisation") }

        var size = Int32(order)
        var leading = Int32(order)
        var info: Int32 = 0
        // Row-major upper is column-major lower, hence "L".
        dpotrf_("L", &size, &factor, &leading, &info)
        guard info == 0 else { throw .notPositiveDefinite(order: order, minor: Int(info)) }
        for index in 0..<order {
            let root = factor[index * order + index]
            guard root * root > tolerance * diagonal[index] else {
                throw .notPositiveDefinite(order: order, minor: index + 1)
            }
        }
    }

    /// Solves the system for each row of `rightSides` (count x order); row i of the result solves A * x = row i.
    package func solve(rows rightSides: Matrix<Double>) -> Matrix<Double> {
        precondition(
            rightSides.columns == order,
            "solve: matrix of order \(order) and right sides of \(rightSides.rows) x \(rightSides.columns)"
        )
        var result = rightSides
        guard order > 0, rightSides.rows > 0 else { return result }
        result.withMutableView { view in
            var size = Int32(order)
            var leading = Int32(order)
            var count = Int32(view.rows)
            var info: Int32 = 0
            dpotrs_("L", &size, &count, factor, &leading, view.base, &leading, &info)
        }
        return result
    }
}
