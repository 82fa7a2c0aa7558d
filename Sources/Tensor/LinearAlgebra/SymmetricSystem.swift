// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Solves symmetric positive semi-definite systems, as normal equations are, and says how.
package struct SymmetricSystem: Sendable {
    /// The solutions: row i solves the system for right side i.
    package let solution: Matrix<Double>
    /// The ridge that was added to the diagonal of the equilibrated matrix (its diagonal is 1): 0 in the regular case.
    package let ridge: Double

    /// Ridges in the order in which they are tried.
    ///
    /// The first one leaves well-posed systems exactly as they are.
    private static let ridges: [Double] = [0, 1e-10, 1e-8, 1e-6, 1e-4]
    /// Smallest share of its variance that a column must add over the columns before it.
    private static let pivotTolerance = 1e-11

    /// Solves `matrix` * x = b for each row b of `rightSides`.
    ///
    /// The matrix is first scaled to a unit diagonal. A column whose diagonal element is not above `negligible` carries
    /// no information and gets the coefficient zero. When the rest is not positive definite (dependent columns), the
    /// smallest ridge that makes it so is added, which picks the solution of nearly least norm.
    /// - Throws: `TensorError.notFinite`; `notPositiveDefinite` when no ridge helps (the matrix is not semi-definite).
    package init(
        matrix: Matrix<Double>,
        rightSides: Matrix<Double>,
        negligible: Double = 0
    ) throws(TensorError) {
        precondition(
            matrix.rows == matrix.columns && rightSides.columns == matrix.rows,
            "SymmetricSystem: \(matrix.rows) x \(matrix.columns) with right sides of "
                + "\(rightSides.rows) x \(rightSides.columns)"
        )
        guard (0..<matrix.rows).allSatisfy({ matrix[$0, $0].isFinite }) else {
            throw .notFinite(operation: "symmetric system")
        }
        let scales = (0..<matrix.rows).map { index in
            matrix[index, index] > max(0, negligible) ? 1 / matrix[index, index].squareRoot() : 0
        }
        let scaled = Self.equilibrated(matrix, by: scales)
        let sides = Self.scaleColumns(of: rightSides, by: scales)
        var failure = TensorError.notFinite(operation: "symmetric system")
        for ridge in Self.ridges {
            var ridged = scaled
            for index in 0..<matrix.rows { ridged[index, index] += ridge }
            do throws(TensorError) {
                let factor = try CholeskyFactor(ridged, tolerance: Self.pivotTolerance)
                let solution = Self.scaleColumns(of: factor.solve(rows: sides), by: scales)
                guard solution.elements.allSatisfy(\.isFinite) else {
                    throw TensorError.notFinite(operation: "symmetric system")
                }
                self.solution = solution
                self.ridge = ridge
                return
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// D * A * D with 1 on the diagonal, also where the scale is zero.
    private static func equilibrated(_ matrix: Matrix<Double>, by scales: [Double]) -> Matrix<Double> {
        var result = scaleColumns(of: matrix, by: scales)
        let order = matrix.rows
        result.withMutableView { view in
            let buffer = view.buffer
            for row in 0..<order {
                for column in 0..<order { buffer[row * order + column] *= scales[row] }
                buffer[row * order + row] = 1
            }
        }
        return result
    }

    private static func scaleColumns(of matrix: Matrix<Double>, by scales: [Double]) -> Matrix<Double> {
        var result = matrix
        let columns = matrix.columns
        result.withMutableView { view in
            let buffer = view.buffer
            for row in 0..<view.rows {
                for column in 0..<columns { buffer[row * columns + column] *= scales[column] }
            }
        }
        return result
    }
}
