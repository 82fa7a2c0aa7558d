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
        Scalar.matrixProduct(
            CblasRowMajor,
            transposeA ? CblasTrans : CblasNoTrans,
            transposeB ? CblasTrans : CblasNoTrans,
            Int32(m),
            Int32(n),
            Int32(inner),
            1,
            a.base,
            a.rowLength,
            b.base,
            b.rowLength,
            beta,
            c.base,
            Int32(n)
        )
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
        Scalar.vectorProduct(
            CblasRowMajor,
            CblasNoTrans,
            Int32(a.rows),
            Int32(a.columns),
            1,
            a.base,
            a.rowLength,
            x.base,
            Int32(x.stride),
            beta,
            y.base,
            Int32(y.stride)
        )
    }

    /// y += alpha * x.
    package static func add(_ alpha: Double, times x: VectorView<Double>, to y: MutableVectorView<Double>) {
        precondition(x.count == y.count, "add: vectors of \(x.count) and \(y.count)")
        cblas_daxpy(Int32(x.count), alpha, x.base, Int32(x.stride), y.base, Int32(y.stride))
    }

    /// The sum of x[i] * y[i].
    package static func dot(_ x: VectorView<Double>, _ y: VectorView<Double>) -> Double {
        precondition(x.count == y.count, "dot: vectors of \(x.count) and \(y.count)")
        return cblas_ddot(Int32(x.count), x.base, Int32(x.stride), y.base, Int32(y.stride))
    }

    /// The sum of |x[i]|.
    package static func absoluteSum(_ x: VectorView<Double>) -> Double {
        cblas_dasum(Int32(x.count), x.base, Int32(x.stride))
    }

    /// y = x.
    package static func copy(_ x: VectorView<Double>, to y: MutableVectorView<Double>) {
        precondition(x.count == y.count, "copy: vectors of \(x.count) and \(y.count)")
        cblas_dcopy(Int32(x.count), x.base, Int32(x.stride), y.base, Int32(y.stride))
    }
}
