// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import COpenBLAS

/// The two element types that OpenBLAS computes with.
///
/// The requirements are the raw kernels; callers use ``BLAS``.
package protocol BLASScalar: BinaryFloatingPoint, Sendable {
    /// c = a * b + beta * c, row-major, with optional transposes; m, n, k as in BLAS.
    static func gemm(_ call: GEMMCall<Self>)
    /// y = a * x + beta * y for a row-major matrix.
    static func gemv(_ a: MatrixView<Self>, _ x: VectorView<Self>, _ beta: Self, _ y: MutableVectorView<Self>)
    /// y += alpha * x.
    static func axpy(_ alpha: Self, _ x: VectorView<Self>, _ y: MutableVectorView<Self>)
    /// The sum of x[i] * y[i].
    static func dot(_ x: VectorView<Self>, _ y: VectorView<Self>) -> Self
    /// The sum of |x[i]|.
    static func absoluteSum(_ x: VectorView<Self>) -> Self
    /// y = x.
    static func copy(_ x: VectorView<Self>, _ y: MutableVectorView<Self>)
}

/// The operands of one matrix product.
package struct GEMMCall<Scalar: BLASScalar> {
    let a: MatrixView<Scalar>
    let transposeA: Bool
    let b: MatrixView<Scalar>
    let transposeB: Bool
    let beta: Scalar
    let c: MutableMatrixView<Scalar>

    var m: Int32 { Int32(c.rows) }
    var n: Int32 { Int32(c.columns) }
    var k: Int32 { Int32(transposeA ? a.rows : a.columns) }
    var flagA: CBLAS_TRANSPOSE { transposeA ? CblasTrans : CblasNoTrans }
    var flagB: CBLAS_TRANSPOSE { transposeB ? CblasTrans : CblasNoTrans }
    /// BLAS wants leading dimensions of at least 1 for empty operands too.
    var leadingA: Int32 { Int32(max(1, a.columns)) }
    var leadingB: Int32 { Int32(max(1, b.columns)) }
    var leadingC: Int32 { Int32(max(1, c.columns)) }
}

extension Double: BLASScalar {
    package static func gemm(_ call: GEMMCall<Double>) {
        cblas_dgemm(
            CblasRowMajor,
            call.flagA,
            call.flagB,
            call.m,
            call.n,
            call.k,
            1,
            call.a.base,
            call.leadingA,
            call.b.base,
            call.leadingB,
            call.beta,
            call.c.base,
            call.leadingC
        )
    }

    package static func gemv(
        _ a: MatrixView<Double>,
        _ x: VectorView<Double>,
        _ beta: Double,
        _ y: MutableVectorView<Double>
    ) {
        cblas_dgemv(
            CblasRowMajor,
            CblasNoTrans,
            Int32(a.rows),
            Int32(a.columns),
            1,
            a.base,
            Int32(max(1, a.columns)),
            x.base,
            Int32(x.stride),
            beta,
            y.base,
            Int32(y.stride)
        )
    }

    package static func axpy(_ alpha: Double, _ x: VectorView<Double>, _ y: MutableVectorView<Double>) {
        cblas_daxpy(Int32(x.count), alpha, x.base, Int32(x.stride), y.base, Int32(y.stride))
    }

    package static func dot(_ x: VectorView<Double>, _ y: VectorView<Double>) -> Double {
        cblas_ddot(Int32(x.count), x.base, Int32(x.stride), y.base, Int32(y.stride))
    }

    package static func absoluteSum(_ x: VectorView<Double>) -> Double {
        cblas_dasum(Int32(x.count), x.base, Int32(x.stride))
    }

    package static func copy(_ x: VectorView<Double>, _ y: MutableVectorView<Double>) {
        cblas_dcopy(Int32(x.count), x.base, Int32(x.stride), y.base, Int32(y.stride))
    }
}

extension Float: BLASScalar {
    package static func gemm(_ call: GEMMCall<Float>) {
        cblas_sgemm(
            CblasRowMajor,
            call.flagA,
            call.flagB,
            call.m,
            call.n,
            call.k,
            1,
            call.a.base,
            call.leadingA,
            call.b.base,
            call.leadingB,
            call.beta,
            call.c.base,
            call.leadingC
        )
    }

    package static func gemv(
        _ a: MatrixView<Float>,
        _ x: VectorView<Float>,
        _ beta: Float,
        _ y: MutableVectorView<Float>
    ) {
        cblas_sgemv(
            CblasRowMajor,
            CblasNoTrans,
            Int32(a.rows),
            Int32(a.columns),
            1,
            a.base,
            Int32(max(1, a.columns)),
            x.base,
            Int32(x.stride),
            beta,
            y.base,
            Int32(y.stride)
        )
    }

    package static func axpy(_ alpha: Float, _ x: VectorView<Float>, _ y: MutableVectorView<Float>) {
        cblas_saxpy(Int32(x.count), alpha, x.base, Int32(x.stride), y.base, Int32(y.stride))
    }

    package static func dot(_ x: VectorView<Float>, _ y: VectorView<Float>) -> Float {
        cblas_sdot(Int32(x.count), x.base, Int32(x.stride), y.base, Int32(y.stride))
    }

    package static func absoluteSum(_ x: VectorView<Float>) -> Float {
        cblas_sasum(Int32(x.count), x.base, Int32(x.stride))
    }

    package static func copy(_ x: VectorView<Float>, _ y: MutableVectorView<Float>) {
        cblas_scopy(Int32(x.count), x.base, Int32(x.stride), y.base, Int32(y.stride))
    }
}
