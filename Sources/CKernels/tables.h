// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#ifndef ALMANAC_TABLES_H
#define ALMANAC_TABLES_H

#include "CKernels.h"

extern const ck_kernels ck_baseline;
extern const ck_kernels ck_avx2;
extern const ck_kernels ck_avx512;

#endif
