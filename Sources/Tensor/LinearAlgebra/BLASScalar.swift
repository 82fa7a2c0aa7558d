// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import COpenBLAS

/// The two element types that OpenBLAS computes with, by the names of their routines; callers use ``BLAS``.
package protocol BLASScalar: BinaryFloatingPoint, Sendable {
    /// c = alpha * a * b + beta * c: order, transposes, m, n, k, alpha, a, b, beta, c, with row lengths.
    typealias MatrixProduct = (
        CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, Int32, Int32, Int32, Self, UnsafePointer<Self>?, Int32,
        UnsafePointer<Self>?, Int32, Self, UnsafeMutablePointer<Self>?, Int32
    ) -> Void
    /// y = alpha * a * x + beta * y: order, transpose, m, n, alpha, a, x, beta, y, with row length and steps.
    typealias VectorProduct = (
        CBLAS_ORDER, CBLAS_TRANSPOSE, Int32, Int32, Self, UnsafePointer<Self>?, Int32, UnsafePointer<Self>?, Int32,
        Self, UnsafeMutablePointer<Self>?, Int32
    ) -> Void

    /// The routine of this type.
    static var matrixProduct: MatrixProduct { get }
    /// The routine of this type.
    static var vectorProduct: VectorProduct { get }
}

extension Float: BLASScalar {
    package static var matrixProduct: MatrixProduct { cblas_sgemm }
    package static var vectorProduct: VectorProduct { cblas_sgemv }
}

extension Double: BLASScalar {
    package static var matrixProduct: MatrixProduct { cblas_dgemm }
    package static var vectorProduct: VectorProduct { cblas_dgemv }
}
