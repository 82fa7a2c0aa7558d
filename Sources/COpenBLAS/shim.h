// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#ifndef ALMANAC_COPENBLAS_SHIM_H
#define ALMANAC_COPENBLAS_SHIM_H

#include <cblas.h>

// LAPACK's Fortran interface, as exported by Debian's libopenblas. Its own header (lapacke.h) comes
// with another package, so the two routines that we call are declared here. Matrices are column-major.

// Factors a symmetric positive definite matrix in place: A = L*L^T (uplo "L") or U^T*U (uplo "U").
// info = k > 0: the leading minor of order k is not positive definite.
void dpotrf_(const char *uplo, const blasint *n, double *a, const blasint *lda, blasint *info);

// Solves A*X = B in place of B with the factor that dpotrf_ left in A.
void dpotrs_(const char *uplo, const blasint *n, const blasint *nrhs, const double *a, const blasint *lda,
             double *b, const blasint *ldb, blasint *info);

#endif
