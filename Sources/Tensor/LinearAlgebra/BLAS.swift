// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import COpenBLAS

/// Shape-checked products over borrowed memory.
///
/// A wrong shape stops the process, naming the operation and both shapes.
package enum BLAS {
    /// Sets how many threads OpenBLAS uses in this process.
    ///
    /// One is right for serving, the number of cores for training.
    package static func setThreadCount(_ count: Int) {
        precondition(count >= 1, "setThreadCount: \(count) is not positive")
        openblas_set_num_threads(Int32(clamping: count))
    }

    /// The kind of processor that OpenBLAS computes for: that of the machine, unless OPENBLAS_CORETYPE names another.
    package static var processor: String { String(cString: openblas_get_corename()) }

    /// c = a * b + beta * c, where a or b may be taken transposed.
    package static func multiply<Scalar: BLASScalar>(
        _ a: MatrixView<Scalar>,
        transposeA: Bool = false,
        _ b: MatrixView<Scalar>,
        transposeB: Bool = false,
        beta: Scalar = 0,
        into c: MutableMatrixView<Scalar>
    ) {
        let (m, inner) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
        let (innerB, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(inner == innerB, "multiply: inner dimensions of \(m) x \(inner) and \(innerB) x \(n) differ")
        precondition(c.rows == m && c.columns == n, "multiply: \(m) x \(n) does not fit into \(c.rows) x \(c.columns)")
        guard m > 0, n > 0 else { return }
        Scalar.gemm(GEMMCall(a: a, transposeA: transposeA, b: b, transposeB: transposeB, beta: beta, c: c))
    }

    /// y = a * x + beta * y.
    package static func multiply<Scalar: BLASScalar>(
        _ a: MatrixView<Scalar>,
        _ x: VectorView<Scalar>,
        beta: Scalar = 0,
        into y: MutableVectorView<Scalar>
    ) {
        precondition(a.columns == x.count, "multiply: \(a.rows) x \(a.columns) matrix and vector of \(x.count)")
        precondition(a.rows == y.count, "multiply: result of \(a.rows) into vector of \(y.count)")
        guard a.rows > 0 else { return }
        Scalar.gemv(a, x, beta, y)
    }

    /// y += alpha * x.
    package static func add<Scalar: BLASScalar>(
        _ alpha: Scalar,
        times x: VectorView<Scalar>,
        to y: MutableVectorView<Scalar>
    ) {
        precondition(x.count == y.count, "add: vectors of \(x.count) and \(y.count)")
        Scalar.axpy(alpha, x, y)
    }

    /// The sum of x[i] * y[i].
    package static func dot<Scalar: BLASScalar>(_ x: VectorView<Scalar>, _ y: VectorView<Scalar>) -> Scalar {
        precondition(x.count == y.count, "dot: vectors of \(x.count) and \(y.count)")
        return Scalar.dot(x, y)
    }

    /// The sum of |x[i]|.
    package static func absoluteSum<Scalar: BLASScalar>(_ x: VectorView<Scalar>) -> Scalar {
        Scalar.absoluteSum(x)
    }

    /// y = x.
    package static func copy<Scalar: BLASScalar>(_ x: VectorView<Scalar>, to y: MutableVectorView<Scalar>) {
        precondition(x.count == y.count, "copy: vectors of \(x.count) and \(y.count)")
        Scalar.copy(x, y)
    }
}
